"""The first conversation, help and notices: every screen in every language, with every kind of choice."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.domain.buttons import token
from bot.domain.cleaning import plain
from bot.domain.news import Offer
from bot.domain.places import PLACES, offsets
from bot.errors import UserError
from bot.views import notices, welcome
from bot.views.troubles import plainly
from tests.views.screens import NASTY, NOW, OFFER, TELLING, VOICES, checked, reader, story

if TYPE_CHECKING:
    from bot.domain.message import Message
    from bot.views.voice import Voice

EN = VOICES["en"]
DUE = NOW + timedelta(hours=22, minutes=30)
NOTHING = Offer((), ())


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


def labels(message: Message) -> list[list[str]]:
    return [[button.label for button in row] for row in message.rows]


NAMES = ("N", "The Quiet Hour", "x" * 64, "/stop @x", "عنوان")


@pytest.mark.parametrize("offer", [OFFER, NOTHING, Offer(("en",), ("World",))], ids=["all", "none", "one"])
def test_every_step_obeys_telegram(voice: Voice, offer: Offer) -> None:
    somebody = reader(step="languages", languages=offer.languages[:2], desks=offer.desks[:3])
    steps = [
        *(welcome.languages(voice, somebody, offer, newsroom=name) for name in NAMES),
        welcome.languages(voice, somebody, offer, 1, newsroom="N"),
        welcome.desks(voice, somebody, offer),
        *(welcome.place(voice, somebody, everything=everything) for everything in (False, True)),
        *(welcome.hour(voice, everything=everything) for everything in (False, True)),
        welcome.done(voice, somebody, DUE, [story(n) for n in range(1, 4)]),
        welcome.done(voice, reader(digest_minutes=()), None, []),
        welcome.back(voice, somebody, DUE),
        welcome.back(voice, reader(digest_minutes=(), desks=()), None),
        welcome.back(voice, reader(digest_minutes=(480, 840, 1200), missed=1000), DUE),
        welcome.invitation(voice, notices.notice(voice, "error.story_gone")),
    ]
    for message in steps:
        checked(message)
        data = [button.data for row in message.rows for button in row if button.data]
        assert len(set(data)) == len(data), "two buttons that do the same"


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
def test_every_city_can_be_chosen(voice: Voice) -> None:
    for minutes in offsets(NOW):
        few, every = (welcome.cities(voice, minutes, everything=everything) for everything in (False, True))
        checked(few)
        checked(every)
        zones = {button.data for row in every.rows for button in row if button.data.startswith("set:zone:")}
        assert zones
        assert {zone.removeprefix("set:zone:") for zone in zones} <= set(PLACES)


def test_steps_as_they_should_look() -> None:
    newcomer = reader(step="languages", languages=("en", "ru"))
    offer = Offer(("ar", "de", "en", "fr", "ru", "uk", "zh"), ("World", "Science", "Technology"))
    first = welcome.languages(EN, newcomer, offer, newsroom="The Quiet Hour")
    assert first.text.plain == (
        "Welcome to The Quiet Hour.\nOne digest a day, each story once. Nothing else is sent unless you ask.\n\n"
        "1 of 3. Which languages do you read?"
    )
    assert labels(first) == [
        ["✓ English", "✓ Русский"],
        ["العربية", "Deutsch"],
        ["Français", "More"],
        ["Next"],
    ]
    assert labels(welcome.desks(EN, newcomer, offer)) == [
        ["✓ World", "✓ Science"],
        ["Technology"],
        ["Back", "Next"],
    ]
    place = welcome.place(EN, newcomer)
    assert labels(place) == [["08:30", "09:30", "10:30"], ["Another time"], ["Back"], ["Digest 08:00 (Kyiv)"]]
    assert labels(welcome.cities(EN, 120)) == [
        ["Kyiv", "Helsinki"],
        ["Athens", "Bucharest"],
        ["More places"],
        ["Back"],
    ]
    assert labels(welcome.hour(EN)) == [
        ["07:00", "08:00", "09:00"],
        ["18:00", "20:00", "Other"],
        ["No digest"],
        ["Back"],
    ]


def test_the_end_tells_when_the_first_digest_comes() -> None:
    done = welcome.done(EN, reader(), DUE, [story(1)])
    assert done.text.plain.startswith(
        "Done. First digest: tomorrow, 08:00 (Kyiv). Until then, one story:\n\n1. Story"
    )
    far = welcome.done(EN, reader(), DUE + timedelta(days=3), [])
    assert (
        "First digest: Saturday 28 November, 08:00 (Kyiv). The first stories are on their way."
        in far.text.plain
    )


def test_without_a_digest_there_is_no_then_to_wait_for() -> None:
    somebody = reader(digest_minutes=())
    done = welcome.done(EN, somebody, None, [story(1)])
    assert done.text.plain.startswith(
        "Done. No digest; the news is here whenever you ask. Here is one story to begin with:\n\n1. Story"
    )
    three = welcome.done(VOICES["ru"], somebody, None, [story(n) for n in (1, 2, 3)])
    assert " Для начала 3 материала:\n\n1. Story" in three.text.plain


def test_every_notice_has_its_way_on(voice: Voice) -> None:
    for key in sorted({*notices.MENDING, "source.status", "office.last_owner"}):
        values = {"n": 3} if "number" in key or "full" in key else {}
        wrong = UserError(key, time="08:00", number="4F2A", desks="World", status=500, **values)
        assert checked(notices.problem(voice, wrong)).rows, key


def test_a_reader_of_some_desks_is_told_where_nothing_is_new() -> None:
    said = notices.nothing_new(EN, NOW, ("World", "Science")).text.plain
    assert said == "Nothing new since 09:30 in what you read: World, Science."
    assert notices.nothing_new(EN, NOW, ()).text.plain == "Nothing new since 09:30."


def test_a_notice_without_buttons_is_only_words() -> None:
    assert notices.notice(EN, "notice.saved_story", title="A").rows == ()
    assert notices.notice(EN, "notice.saved_story", title="A").text.plain == "Saved: A"


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [text for text in NASTY.values() if plain(text)])
def test_help_survives_any_name_of_the_newsroom(voice: Voice, text: str) -> None:
    checked(notices.help_page(voice, text[:64]))


def test_troubles_are_told_in_plain_words() -> None:
    assert plainly({"key": "source.status", "status": 500}) == "The site answers with status 500."
    assert plainly({"key": "source.unheard_of"}) == "source.unheard_of"
    assert plainly({"key": "source.status"}) == "source.status", "a value is missing"
    assert plainly({}) == "unknown trouble"


def test_newcomers_can_tick_all_there_is(voice: Voice) -> None:
    languages = tuple(f"q{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(130))
    offer = Offer(languages, tuple(f"Desk {n}" for n in range(100)))
    newcomer = reader(step="languages", languages=languages[:60], desks=())
    first = [checked(welcome.languages(voice, newcomer, offer, page, newsroom="N")) for page in range(10)]
    second = [checked(welcome.desks(voice, newcomer, offer, page)) for page in range(7)]
    for field, pages, names in (("languages", first[1:], languages), ("desks", second, offer.desks)):
        data = [button.data for page in pages for row in page.rows for button in row]
        ticked = [one.split(":")[2] for one in data if one.startswith(f"set:{field}:")]
        assert ticked == [token(name) for name in names]
    assert first[9].rows[-1][0].data == "step:languages:8"
    assert (first[0].rows[-2][-1].data, second[5].rows[-2][-1].data) == ("step:languages:1", "step:desks:6")
    assert [page.rows[-1][0].data for page in second[:2]] == ["step:languages", "step:desks:0"]


def test_a_place_that_is_unknown_is_asked_for_again_below_an_empty_line(voice: Voice) -> None:
    asked = checked(welcome.place(voice, reader(step="place"), unknown=True)).text.plain
    assert asked == voice("welcome.place_unknown").plain + "\n\n" + voice("welcome.place").plain


ASKED_AGAIN = {"edit.which", "edit.no_words", "talk.empty", "talk.long"}
"""Under these what was asked for is asked for again, with the button that gives it up."""


def test_no_failure_leaves_its_reader_without_a_way_on() -> None:
    root = Path(__file__).parents[2]
    raised = {
        str(node.args[0].value)
        for room in ("bot", "handlers")
        for path in (root / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"UserError", "SourceError"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(raised) > 30
    assert not [key for key in sorted(raised - ASKED_AGAIN) if not notices.ways_on(EN, key)]
