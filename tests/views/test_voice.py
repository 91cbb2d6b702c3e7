"""How the newsroom speaks: dates, directions, labels."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain import message
from bot.domain.articles import Block, BlockKind
from bot.domain.digest import select
from bot.domain.message import Button, Style
from bot.texts.catalogue import words
from bot.views import brief, digest, lists, notices, related, settings, sources, welcome
from bot.views import story as story_view
from bot.views.voice import Voice, grid
from tests.views.screens import (
    KYIV,
    NOW,
    OFFER,
    RIGHT_TO_LEFT_MARK,
    VOICES,
    checked,
    commands_in,
    copy_of,
    listing,
    reader,
    story,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.message import Message

EN, RU = VOICES["en"], VOICES["ru"]


@pytest.mark.parametrize(
    ("ago", "english", "russian", "form"),
    [
        (timedelta(), "09:30", "09:30", "t"),
        (timedelta(hours=9, minutes=30), "00:00", "00:00", "t"),
        (timedelta(hours=9, minutes=31), "23 Nov 23:59", "23 нояб. 23:59", "dt"),
        (timedelta(days=200), "8 May 10:30", "8 мая 10:30", "dt"),
        (timedelta(days=400), "20 October 2025", "20 октября 2025", "D"),
        (timedelta(hours=-20), "25 Nov 05:30", "25 нояб. 05:30", "dt"),
    ],
)
def test_a_time_says_as_much_as_is_needed_to_find_it_in_a_year(
    ago: timedelta, english: str, russian: str, form: str
) -> None:
    for voice, written in ((EN, english), (RU, russian)):
        text = voice.time(NOW - ago)
        assert text.plain == written
        (entity,) = text.entities
        assert (entity.at, entity.form) == (NOW - ago, form)


@pytest.mark.parametrize("key", ["digest.late", "list.here", "story.try_again"])
def test_a_time_of_another_day_breaks_no_sentence(key: str) -> None:
    for voice, written in ((EN, ": 23 Nov 23:45"), (RU, ": 23 нояб. 23:45")):
        at = NOW.replace(day=23, hour=21, minute=45)
        assert written in voice(key, host="herald.example", time=voice.time(at)).plain


def test_foreign_words_that_turn_the_line_are_isolated() -> None:
    assert EN.foreign("Reuters says hello") == "Reuters says hello"
    assert EN.foreign("Reuters: שלום") == "\u2068Reuters: שלום\u2069"
    assert EN.foreign("שלום\u2067 @me") == "\u2068שלום @\u2060me\u2069"
    assert EN.foreign("\u200b") == ""


def test_in_a_right_to_left_interface_lines_are_marked_and_everything_foreign_is_isolated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(words("en"), "right_to_left", True)
    turned = Voice("en", KYIV, NOW)
    assert turned("digest.end").plain == "\u200fThat is all."
    assert turned("welcome.place").plain == (
        "\u200f3 of 3. When shall the digest come?\n\u200fThe last button takes the usual hour. For another one:\n"
        "\u200fWhat time is it for you now? Tap or write it, or write your city."
    )
    assert turned("notice.what_to_search").plain.endswith(": \u2066/search\u2069 sanctions")
    assert (
        "\n\u200f\u2066/save 3\u2069, \u2066/saved\u2069 — "
        in turned("help.text", newsroom="x", comments="").plain
    )
    assert turned.line("Reuters").plain == "\u200fReuters"
    assert turned.line("").plain == ""
    assert turned.listed(["World 8", "@Sport 6"]) == "\u2068World 8\u2069, \u2068@\u2060Sport 6\u2069"
    assert turned.label("button.back") == "Back"
    assert turned.foreign("Reuters") == "\u2068Reuters\u2069"


TELLINGS = [{"title": "A", "source": "B", "url": "https://b.example/1", "at": NOW.timestamp()}]
RELATED = listing(
    "related", (2, 3), of=1, title="C", tellings=TELLINGS, affair=[2], words={"2": ["ferry", "port"]}
)
SAID = "The master of the port spoke of the ferry. " * 3
COPY = copy_of(story(1, sources=3), (Block(BlockKind.PARAGRAPH, SAID),), image="https://herald.example/1.jpg")
SCREENS: dict[str, Callable[[Voice], Message]] = {
    "brief": lambda voice: brief.story(voice, COPY),
    "card": lambda voice: story_view.card(voice, COPY),
    "day": lambda voice: brief.day(
        voice, listing("day", (1, 2), sentences={"1": SAID}), [story(1), story(2)]
    ),
    "digest": lambda voice: digest.digest(
        voice,
        select([story(n, desk="Tech: AI" if n % 2 else "World") for n in range(1, 20)]),
        late_since=NOW - timedelta(hours=1),
        before="08:00",
        waits=True,
    ),
    "disk": lambda voice: notices.notice(voice, "owner.disk", free=3),
    "done": lambda voice: welcome.done(voice, reader(), NOW, [story(1)]),
    "help": lambda voice: notices.help_page(voice, "Newsroom"),
    "invitation": lambda voice: welcome.invitation(voice, story_view.page(voice, copy_of(story(1)))),
    "languages": lambda voice: welcome.languages(voice, reader(), OFFER, newsroom="Newsroom"),
    "latest": lambda voice: lists.stories(
        voice, listing("latest", (1, 2), here=NOW.timestamp() - 90, desk="Tech: AI"), [story(1), story(2)]
    ),
    "place": lambda voice: welcome.place(voice, reader()),
    "related": lambda voice: related.related(voice, RELATED, [story(2), story(3)]),
    "search": lambda voice: lists.stories(
        voice, listing("search", (1,), query="story", words=["story"]), [story(1)]
    ),
    "settings": lambda voice: settings.settings(voice, reader(), NOW),
    "sources": lambda voice: sources.sources(voice, 1, [COPY.telling] * 15),
    "welcome back": lambda voice: welcome.back(voice, reader(), NOW),
    "which": lambda voice: lists.which(voice, lists.stories(voice, listing("saved", ()), [])),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_from_right_to_left_every_line_of_every_screen_begins_with_the_mark(screen: str) -> None:
    lines = checked(SCREENS[screen](VOICES["ar"])).text.plain.splitlines()
    assert [line for line in lines if line and not line.startswith(RIGHT_TO_LEFT_MARK)] == []
    assert [line for line in lines if line in {RIGHT_TO_LEFT_MARK, RIGHT_TO_LEFT_MARK * 2}] == []


@pytest.mark.parametrize("screen", SCREENS)
def test_from_left_to_right_no_line_has_a_mark(screen: str) -> None:
    plain = SCREENS[screen](VOICES["fr"]).text.plain
    assert not set(plain) & set("\u200e\u200f\u2066\u2068\u2069")


def test_the_profile_runs_from_right_to_left_under_any_name_of_the_newsroom() -> None:
    profile = notices.profile("ar", "The Herald")
    assert profile.long.startswith("\u200f\u2068The Herald\u2069: ")
    assert all(line.startswith(RIGHT_TO_LEFT_MARK) for line in profile.long.splitlines() if line)
    assert profile.short.startswith(RIGHT_TO_LEFT_MARK)


def test_help_in_arabic_has_commands_that_can_be_pressed() -> None:
    assert commands_in(SCREENS["help"](VOICES["ar"])) == commands_in(SCREENS["help"](EN))


def test_names_are_listed_as_the_language_lists_them() -> None:
    assert VOICES["en"].listed(["World 8", "Sport 6"]) == "World 8, Sport 6"
    assert VOICES["zh"].listed(["国际 8", "体育 6"]) == "国际 8、体育 6"
    assert VOICES["ar"].listed(["العالم 8", "الرياضة 6"]) == "\u2068العالم 8\u2069، \u2068الرياضة 6\u2069"


def test_what_is_filled_in_never_becomes_a_command() -> None:
    assert EN("notice.saved_story", title="/stop @me").plain == "Saved: /\u2060stop @\u2060me"


@pytest.mark.parametrize(
    ("name", "english", "russian"),
    [
        ("World", "World", "Мир"),
        ("Gardening", "Gardening", "Gardening"),
        ("all", "all", "all"),
        ("", "News", "Новости"),
        ("\u200b", "News", "Новости"),
        ("x" * 64, "x" * 14 + "…" + "x" * 7, "x" * 14 + "…" + "x" * 7),
    ],
)
def test_a_desk_has_its_name_in_every_language_and_an_invented_one_its_own(
    name: str, english: str, russian: str
) -> None:
    assert (EN.desk(name), RU.desk(name)) == (english, russian)


def test_a_language_without_a_catalogue_is_answered_in_english() -> None:
    assert Voice("xx", KYIV, NOW)("digest.end").plain == "That is all."


def test_long_labels_have_a_row_to_themselves() -> None:
    buttons = [Button(label, "x") for label in ("a", "b" * 14, "c" * 15, "d", "e" * 15, "f" * 15, "g")]
    assert [[b.label[0] for b in row] for row in grid(buttons, 2)] == [
        ["a", "b"],
        ["c"],
        ["d"],
        ["e"],
        ["f"],
        ["g"],
    ]
    assert grid([], 2) == ()


def test_a_label_with_a_long_value_fits_its_row() -> None:
    assert EN.fitted("settings.place", "value", "Somewhere far away in the hills") == "Place: Somewhere far…"
    assert EN.fitted("button.usual", "place", "Kyiv", time="08:00") == "Digest 08:00 (Kyiv)"


def test_a_code_behind_a_command_keeps_its_order_in_arabic() -> None:
    assert VOICES["ar"]("move.how").plain.endswith("\u2066/move ABCD-EFGH-JKMN\u2069")


def test_a_line_that_begins_with_a_name_from_right_to_left_keeps_its_own_direction() -> None:
    said = EN("people.line", place=1, name=EN.foreign("سلمى"), role="editor", time="09:30")
    assert said.plain == "\u200e1. \u2068سلمى\u2069 · editor, since 09:30"
    titled = EN.line(message.bold("1. " + message.link(EN.foreign("عنوان"), "https://a.example/")))
    assert titled.plain == "\u200e1. \u2068عنوان\u2069"
    assert [(one.style, one.offset, one.length) for one in titled.entities] == [
        (Style.BOLD, 0, 11),
        (Style.LINK, 4, 7),
    ]
    second = EN("talk.taken_away", why="advert", title=message.bold("عنوان"))
    assert second.plain == "The editors took your comment away: advert.\n\u200eعنوان"
    assert [(one.offset, one.length) for one in second.entities] == [(44, 6)]
    assert EN.line("Reuters: سلمى").plain == "Reuters: سلمى", "its first letter says where it begins"
    assert EN.listed(["World", "رياضة"]) == "World, \u2068رياضة\u2069"


@pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
def test_desks_that_begin_alike_are_told_apart(voice: Voice) -> None:
    names = [voice.desk(f"The New York Times > {name}") for name in ("World", "Business", "Sports")]
    assert len(set(names)) == 3


def test_who_is_in_a_place_that_is_not_known_any_more_is_spoken_to_all_the_same() -> None:
    gone = replace(reader(zone="Mars/Olympus"), language="en")
    assert Voice.of(gone, NOW).zone.key == "UTC"
