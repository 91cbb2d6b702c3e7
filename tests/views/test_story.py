"""A story's card and its pages, with text, without, and with the nastiest texts there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.articles import Block, BlockKind
from bot.domain.cleaning import plain
from bot.domain.message import Message, Style
from bot.domain.news import ONLY_THERE
from bot.views import story as view
from bot.views.voice import SHARED
from tests.views.screens import (
    HOME,
    LONGEST,
    NASTY,
    NOW,
    TELLING,
    VOICES,
    checked,
    commands_in,
    copy_of,
    long_text,
    nasty_story,
)
from tests.views.screens import story as some_story

if TYPE_CHECKING:
    from bot.domain.news import StoryLine
    from bot.views.voice import Voice

EN = VOICES["en"]


def story(number: int, **changes: object) -> StoryLine:
    """A story that one paper tells."""
    return some_story(number, **({"sources": 1} | changes))


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


def labels(message: Message) -> list[list[str]]:
    return [[button.label for button in row] for row in message.rows]


def links(message: Message) -> list[str]:
    return [entity.url for entity in message.text.entities if entity.style is Style.LINK]


def test_a_card_as_it_should_look() -> None:
    card = checked(view.card(EN, copy_of(story(1, sources=5))))
    assert card.text.plain == (
        "Story number 1 has a headline\nThe Herald · 09:29\n5 sources · first: The Herald\n\n"
        "Somebody did something, and somebody else was not amused.\n\nOpen in The Quiet Hour"
    )
    assert labels(card) == [
        ["Read", "Brief"],
        ["Related", "Comments 12"],
        ["Save", "Share"],
        ["Source page", "5 sources"],
    ]
    assert links(card) == [
        "https://herald.example/news/1",
        "https://t.me/paperboy_playground_bot?start=s1",
    ]


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [*NASTY.values(), *LONGEST])
def test_no_story_breaks_a_card_or_a_page(voice: Voice, text: str) -> None:
    line = nasty_story(text)
    bare = story(1, title=line.title, source=line.source, teaser=line.teaser, url="")
    kinds = [kind for kind in BlockKind if kind is not BlockKind.CODE]
    blocks = tuple(Block(kind, clean) for kind in kinds if (clean := plain(text))) * 3
    messages = [
        *(view.card(voice, copy_of(one)) for one in (line, bare)),
        *(view.page(voice, copy_of(one)) for one in (line, bare)),
        *(view.page(voice, copy_of(line, blocks, size), n) for size in ("short", "long") for n in (0, 1, 9)),
        *view.whole(voice, copy_of(line, blocks)),
    ]
    for message in messages:
        checked(message)
        assert commands_in(message) == []


def test_code_stays_as_it_is() -> None:
    page = checked(view.page(EN, copy_of(story(1), (Block(BlockKind.CODE, "cd /tmp\nmake @all"),))))
    assert "cd /tmp\nmake @all" in page.text.plain


def around(voice: Voice) -> list[list[str]]:
    """What belongs to a story with twelve comments; a label that is too long to share has a row to itself."""
    pair = [voice.label("button.related"), voice.label("button.comments", count=12)]
    return [[one] for one in pair] if len(pair[1]) > SHARED else [pair]


def test_pages_have_their_buttons_in_the_same_place(voice: Voice) -> None:
    copy = copy_of(story(1), long_text())
    count = len(copy.pages)
    assert count > 3
    pages = [checked(view.page(voice, copy, n)) for n in range(count)]
    say = voice.label
    below = [
        *around(voice),
        [say("button.save"), say("button.share")],
        [say("button.brief"), say("button.whole")],
        [say("button.source")],
    ]
    assert labels(pages[0]) == [[say("button.next")], *below]
    assert labels(pages[1]) == [[say("button.back"), say("button.next")], *below]
    assert labels(pages[-1]) == [[say("button.back")], *below]
    assert view.page(voice, copy, 99) == pages[-1], "one too many shows the last"
    assert all("Story number 1" in page.text.plain.splitlines()[0] for page in pages)
    assert [HOME.address(1) in links(page) for page in pages] == [False] * (count - 1) + [True]


def test_a_page_tells_its_number_and_the_minutes_it_takes() -> None:
    page = view.page(EN, copy_of(story(1), long_text()), 1)
    assert "The Herald · 09:29 · 7 min\n\n" in page.text.plain
    assert "\n\nPage 2 of 6" in page.text.plain


def test_a_long_page_is_longer_and_a_short_text_has_one() -> None:
    assert len(copy_of(story(1), long_text(), "long").pages) < len(copy_of(story(1), long_text()).pages)
    page = view.page(EN, copy_of(story(1), long_text(1)))
    assert "Page" not in page.text.plain
    assert labels(page) == [["Related", "Comments 12"], ["Save", "Share"], ["Source page"]]


def test_the_whole_text_comes_in_numbered_parts(voice: Voice) -> None:
    parts = [checked(part) for part in view.whole(voice, copy_of(story(1), long_text()))]
    assert len(parts) == 3
    for number, part in enumerate(parts, 1):
        assert voice("story.part", page=number, pages=3).plain in part.text.plain
    assert [bool(part.rows) for part in parts] == [False, False, True]
    told = "".join(part.text.plain for part in parts)
    assert all(block.text.strip() in told for block in long_text())
    assert len(view.whole(voice, copy_of(story(1), long_text(1)))) == 1
    assert len(view.whole(voice, copy_of(story(1)))) == 1, "without a text there is its teaser"


LATER = NOW + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("trouble", "try_again_at", "words"),
    [
        (None, None, "herald.example gives only this summary."),
        ({"key": "source.no_text"}, LATER, "herald.example gives only this summary."),
        (
            {"key": "source.too_slow"},
            LATER,
            "herald.example does not give the full text just now. Next try: 10:00.",
        ),
        ({"key": "source.too_slow"}, None, "herald.example gives only this summary."),
        (
            {"key": "source.robot_check", "status": 403},
            LATER,
            "herald.example shows its full text only in a browser.",
        ),
        (
            {"key": "source.forbidden"},
            LATER,
            "herald.example does not let us read the full text, perhaps because of a paywall.",
        ),
    ],
)
def test_a_missing_text_has_one_honest_line(
    trouble: dict[str, object] | None, try_again_at: object, words: str
) -> None:
    page = checked(view.page(EN, copy_of(story(1), trouble=trouble, try_again_at=try_again_at)))
    assert page.text.plain.splitlines()[-3] == words
    assert "Page" not in page.text.plain
    assert labels(page) == [["Related", "Comments 12"], ["Save", "Share"], ["Source page"]]


def test_a_story_without_an_address_has_no_page_to_go_to(voice: Voice) -> None:
    page = checked(view.page(voice, copy_of(story(1, url=""))))
    assert voice("story.no_page").plain in page.text.plain
    keeping = [voice.label("button.save"), voice.label("button.share")]
    assert labels(page) == [*around(voice), keeping]
    card = checked(view.card(voice, copy_of(story(1, url=""))))
    assert labels(card)[1:] == [*around(voice), keeping]


def test_without_comments_nothing_speaks_of_them(voice: Voice) -> None:
    copy = replace(copy_of(story(1, sources=2), long_text()), comments=None)
    card, page = checked(view.card(voice, copy)), checked(view.page(voice, copy))
    say = voice.label
    assert labels(card)[1:3] == [
        [say("button.related"), say("button.save")],
        [say("button.share"), say("button.source")],
    ]
    assert labels(page)[1:3] == [
        [say("button.related"), say("button.save")],
        [say("button.share"), say("button.brief")],
    ]
    assert not any(button.data.startswith("comments") for row in (*card.rows, *page.rows) for button in row)


def test_a_story_that_nobody_talks_about_has_no_zero(voice: Voice) -> None:
    card = checked(view.card(voice, replace(copy_of(story(1)), comments=0)))
    assert labels(card)[1][1] == voice.label("button.comments_none")


def test_a_story_without_a_headline_says_so(voice: Voice) -> None:
    untitled = voice.line(voice.label("story.untitled")).plain
    assert view.card(voice, copy_of(story(1, title=""))).text.plain.startswith(untitled)
    assert view.page(voice, copy_of(story(1, title="\u200b"))).text.plain.startswith(untitled)
    assert view.page(voice, copy_of(story(1), title="")).text.plain.startswith(
        voice.line(voice.foreign("Story number 1 has a headline")).plain
    )


def test_saving_is_undone_by_a_second_tap(voice: Voice) -> None:
    save, saved = (view.save_button(voice, 5, saved=saved) for saved in (False, True))
    assert (save.data, saved.data) == ("save:5:1", "save:5:0")
    assert saved.label.startswith("✓ ")


def test_sharing_carries_the_headline_and_the_way_home() -> None:
    card = view.card(EN, copy_of(story(1, title="Rock & roll? Yes #1")))
    share = card.rows[2][1]
    assert share.url == (
        "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fpaperboy_playground_bot%3Fstart%3Ds1"
        "&text=Rock%20%26%20roll%3F%20Yes%20%231"
    )
    assert share.data == ""


def test_a_paper_that_is_read_on_its_own_page_shows_no_other_papers_words(voice: Voice) -> None:
    copy = copy_of(story(1, teaser="What the Herald says."))
    silent = replace(copy.telling, teaser="", trouble={"key": ONLY_THERE})
    shown = checked(view.page(voice, replace(copy, telling=silent))).text.plain
    assert "What the Herald says." not in shown
    assert voice("story.only_there", host=voice.foreign("herald.example")).plain in shown
