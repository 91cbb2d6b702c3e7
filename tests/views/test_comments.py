"""Screens of comments and of the editors' desk, with the nastiest words there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.cleaning import plain
from bot.domain.comments import (
    LONGEST,
    MUTES,
    PAGE,
    REASONS,
    Case,
    Comment,
    Hold,
    Posted,
    Prompt,
    State,
    Talk,
)
from bot.domain.message import Message, Style
from bot.errors import UserError
from bot.playground.rules.detection import find_entities
from bot.views import comments as view
from bot.views import moderation as desk
from bot.views import notices
from tests.views.screens import LONGEST as LONG_TEXTS
from tests.views.screens import NASTY, NOW, TELLING, VOICES, checked

if TYPE_CHECKING:
    from bot.views.voice import Voice

READER = 7
EN = VOICES["en"]
TEXTS = [*NASTY.values(), *LONG_TEXTS, "evil.com " * 55, "@durov /start " * 35, "t.me/x." * 71, "a.b." * 125]


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


def comment(number: int = 1, text: str = "I doubt it.", **changes: object) -> Comment:
    plain = Comment(number, 1, number, 70 + number, f"Reader {number}", "", text, "shown", "", NOW)
    return replace(plain, **changes)  # type: ignore[arg-type]


def talk(*comments: Comment, page: int = 0, pages: int = 1, title: str = "Trees along the river") -> Talk:
    return Talk(1, title, len(comments), page, pages, comments)


def labels(message: Message) -> list[list[str]]:
    return [[button.label for button in row] for row in message.rows]


def lives(message: Message) -> list[str]:
    """What in a message would act when it is tapped, besides the time of day."""
    styles = [one.style for one in message.text.entities if one.style in {Style.LINK, Style.CODE, Style.PRE}]
    return [*styles, *(str(one["type"]) for one in find_entities(message.text.plain))]


def test_a_page_as_it_should_look() -> None:
    shown = view.talk(
        EN,
        talk(
            comment(1, votes=3),
            comment(2, thread_id=1, text="They did."),
            comment(3, thread_id=1, whom="Reader 2", text="Did they?"),
            comment(4, author_id=READER, text="Well."),
            page=1,
            pages=3,
        ),
        READER,
    )
    assert checked(shown).text.plain == (
        "Comments · Trees along the river\n4 comments, oldest first\n\n"
        "Reader 1 · 09:30 · +3\nI doubt it.\n"
        "\u00a0\u00a0Reader 2 · 09:30\n\u00a0\u00a0They did.\n"
        "\u00a0\u00a0Reader 3, to Reader 2 · 09:30\n\u00a0\u00a0Did they?\n\n"
        "Reader 4 · 09:30\nWell.\n\nPage 2 of 3"
    )
    assert labels(shown) == [
        ["Write", "Reply"],
        ["Back", "Next page"],
        ["Well said", "Report"],
        ["To the story"],
        ["Delete"],
    ]


def test_an_empty_talk_invites(voice: Voice) -> None:
    shown = checked(view.talk(voice, talk(), READER))
    assert labels(shown) == [[voice.label("button.write_first")], [voice.label("button.to_story")]]


def test_what_cannot_be_done_is_not_offered() -> None:
    hidden = view.talk(EN, talk(comment(1, state=State.HIDDEN, why="advert")), READER)
    assert labels(hidden) == [["Write"], ["To the story"]]
    assert "(hidden by the editors: advert)" in hidden.text.plain
    assert "doubt" not in hidden.text.plain
    own = view.talk(EN, talk(comment(1, author_id=READER)), READER)
    assert labels(own) == [["Write", "Reply"], ["To the story"], ["Delete"]]


def test_where_nobody_else_can_read_anything_there_is_no_number() -> None:
    own = replace(talk(comment(1, author_id=READER, state=State.HELD, why="link")), number=0)
    lines = checked(view.talk(EN, own, READER)).text.plain.splitlines()
    assert lines[1] == ""
    assert lines[-1] == "(waits for the editors: it has a link or a user name)"


def test_which_one_is_asked_with_numbers_only_then() -> None:
    page = talk(
        comment(1),
        comment(2, state=State.HIDDEN, why="insult"),
        comment(3, author_id=READER),
        comment(4, voted=True),
    )
    assert labels(view.which(EN, page, "reply", READER))[0] == ["1", "3", "4"]
    assert labels(view.which(EN, page, "report", READER))[0] == ["1", "4"]
    assert labels(view.which(EN, page, "vote", READER))[0] == ["1", "✓ 4"]
    assert labels(view.which(EN, page, "delete", READER))[0] == ["3"]
    assert "4. Reader 4 · 09:30" in view.which(EN, page, "reply", READER).text.plain
    assert "4. Reader 4" not in view.talk(EN, page, READER).text.plain


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", TEXTS)
def test_no_words_break_a_screen_or_do_anything(voice: Voice, text: str) -> None:
    said = text[:LONGEST] if plain(text) else "x"
    many = [
        comment(
            n, said, name=said[:24], whom=said[:24], thread_id=n - n % 2, state=state, why=why, votes=99_999
        )
        for n, (state, why) in enumerate(
            [("shown", ""), ("shown", ""), ("held", "link"), ("refused", "private"), ("shown", "")], 1
        )
    ]
    page = talk(*many, page=7, pages=99, title=text)
    screens = [
        view.talk(voice, page, many[0].author_id),
        *(view.which(voice, page, what, READER) for what in ("reply", "vote", "report")),
        *(view.prompt(voice, Prompt(kind, 1, many[0], said[:24])) for kind in ("choose", "name", "comment")),
        view.posted(voice, Posted(many[0], 12, hears=True)),
        view.posted(voice, Posted(many[2], 0, hears=False)),
        view.deleting(voice, many[0]),
        view.reasons(voice, many[0]),
        view.reported(voice, many[0]),
        view.answers(voice, many[:1], {1: text}),
        view.answers(voice, many * 3, {}),
        view.taken_away(voice, many[0], text, "other"),
        desk.case(
            voice, Case(many[2], text, dict.fromkeys(REASONS, 9), 3, 2, NOW.replace(year=2027)), 1, 3, "mute"
        ),
        desk.case(voice, Case(many[3], text, {}, banned=True), 0, 1),
        *(desk.question(voice, Case(many[0], text), what, 0) for what in ("hide", "mute", "ban")),
    ]
    for screen in screens:
        assert lives(checked(screen)) == []


def test_the_longest_page_there_is_fits_one_message(voice: Voice) -> None:
    full = [
        comment(
            n, "слово " * 82 + "слов", name="W" * 24, whom="M" * 24, thread_id=1, votes=10**6, rootless=True
        )
        for n in range(2, 2 + PAGE)
    ]
    shown = checked(view.talk(voice, talk(*full, page=1998, pages=2000, title="T" * 300), READER))
    assert shown.text.plain.count("слов…") == 0, "nothing honest is cut"
    assert voice("talk.deleted").plain in shown.text.plain


@pytest.mark.parametrize("why", list(Hold))
def test_who_waits_is_told_why(voice: Voice, why: Hold) -> None:
    posted = checked(view.posted(voice, Posted(comment(1, state=State.HELD, why=why), 0, hears=True)))
    assert voice.label(f"talk.waits_{why}") in posted.text.plain
    assert labels(posted) == [[voice.label("button.comments_none")], [voice.label("button.delete")]]


def test_small_screens_have_their_ways_on(voice: Voice) -> None:
    for screen in (
        view.too_late(voice, 1),
        view.given_up(voice, 1, 0, waited=True),
        view.given_up(voice, 1, 12, waited=False),
        view.still_asked(voice, 1),
        view.deleted(voice, 1, 3),
        view.hearing(voice, wanted=True),
        view.hearing(voice, wanted=False),
    ):
        assert len(checked(screen).rows) == 1
    assert labels(checked(view.objected(voice))) == [[voice.label("button.latest")]]


def test_answers_name_their_stories_once_and_say_how_many_more_there_are() -> None:
    given = [comment(n, f"answer {n}", story_id=1 if n < 3 else 2) for n in range(1, 9)]
    told = checked(view.answers(EN, given, {1: "Trees", 2: "Whales"})).text.plain
    assert told.count("Trees") == told.count("Whales") == 1
    assert told.splitlines()[0] == "You have 8 answers"
    assert told.splitlines()[-1] == "and 3 more"


def test_who_objected_once_is_not_asked_again() -> None:
    assert labels(view.taken_away(EN, comment(1), "Trees", "advert")) == [["Object"]]
    assert labels(view.taken_away(EN, comment(1, objected=True), "Trees", "advert")) == []


def test_mutes_are_of_days() -> None:
    asked = desk.question(EN, Case(comment(1), "Trees"), "mute", 0)
    assert len([button for row in asked.rows for button in row]) == len(MUTES) + 1


def test_the_editors_find_their_way_back_to_the_desk(voice: Voice) -> None:
    for message in (
        desk.case(voice, None, 0, 0),
        desk.case(voice, None, 0, 0, "approve"),
        desk.case(voice, Case(comment(1), "Trees"), 1, 3),
    ):
        assert checked(message).rows[-1][0].data == "office:home:0"


def test_which_comment_is_asked_in_words_for_a_comment(voice: Voice) -> None:
    for what in ("reply", "report"):
        asked = view.which(voice, talk(comment(1)), what, READER).text.plain
        assert asked.endswith(voice("talk.which").plain)
    assert VOICES["de"]("talk.which").plain == "Welcher Kommentar?"


def test_words_that_cannot_be_taken_leave_a_way_out(voice: Voice) -> None:
    for wrong in (UserError("talk.name_odd"), UserError("talk.long", n=501, most=500)):
        said = checked(view.still_asked(voice, 1, wrong))
        assert labels(said) == [[voice.label("button.cancel")]]
        assert said.text == notices.problem(voice, wrong).text
