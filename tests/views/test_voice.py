"""How the newsroom speaks: dates, directions, labels."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.message import Button
from bot.texts.catalogue import words
from bot.views.voice import Voice, grid
from tests.views.screens import KYIV, NOW, VOICES

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
    assert turned.label("button.back") == "Back"
    assert turned.foreign("Reuters") == "\u2068Reuters\u2069"


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
        ("x" * 64, "x" * 21 + "…", "x" * 21 + "…"),
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
