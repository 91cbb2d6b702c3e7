"""The digest: one message whatever the day brought, with an end that counts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.digest import select
from bot.domain.message import Style
from bot.domain.news import DESKS
from bot.views import digest as view
from bot.views.voice import Voice
from tests.views.screens import LONGEST, NASTY, NOW, TELLING, VOICES, checked, commands_in, nasty_story, story


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


@pytest.mark.parametrize("count", [1, 3, 12, 100])
def test_a_digest_is_one_message_and_ends_with_counts_that_add_up(voice: Voice, count: int) -> None:
    selection = select([story(n, desk=DESKS[n % len(DESKS)]) for n in range(1, count + 1)])
    message = checked(view.digest(voice, selection))
    numbers = [b for row in message.rows for b in row if b.label.isdecimal()]
    assert [b.label for b in numbers] == [str(n) for n in range(1, min(count, 12) + 1)]
    assert [b.data for b in numbers] == [f"open:{one.id}" for one in selection.stories]
    last = message.text.plain.splitlines()[-1]
    left = [int(number) for number in re.findall(r"\d+", last)]
    assert sum(left) == count - len(selection.stories)
    labels = [b.label for b in message.rows[-1]]
    assert labels[-1] == voice.label("button.settings")
    assert (len(labels) == 2) == (count > 12)


@pytest.mark.parametrize("text", LONGEST, ids=["commands", "sharp s", "emoji", "arabic", "one word"])
def test_twelve_stories_with_long_everything_fit_one_message(voice: Voice, text: str) -> None:
    everything = [replace(nasty_story(text, n), desk=f"{n}{text[:60]}") for n in range(1, 60)]
    selection = select(everything)
    message = checked(view.digest(voice, selection, late_since=NOW - timedelta(days=400), before="08:00"))
    assert len([b for row in message.rows for b in row]) == 14


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_no_story_breaks_a_digest(voice: Voice, text: str) -> None:
    selection = select([nasty_story(text, n) for n in range(1, 15)])
    message = checked(view.digest(voice, selection))
    assert commands_in(message) == []


def test_a_digest_as_it_should_look() -> None:
    stories = [story(1), story(2, sources=1), story(3, desk="Science", teaser="", url="")]
    message = view.digest(VOICES["en"], select(stories))
    assert message.text.plain == (
        "Tuesday 24 November · morning\n3 stories · 1 minute\n\n"
        "WORLD\n1. Story number 1 has a headline\nThe Herald · 09:29 · 2 sources\n"
        "2. Story number 2 has a headline\nThe Herald · 09:28\n\n"
        "SCIENCE\n3. Story number 3 has a headline\nThe Herald · 09:27\n\n"
        "In brief. 1. Somebody did something, and somebody else was not amused. "
        "2. Somebody did something, and somebody else was not amused.\n\nThat is all."
    )
    assert [[b.label for b in row] for row in message.rows] == [["1", "2", "3"], ["Settings"]]
    assert [e.style for e in message.text.entities].count(Style.FOLDED) == 1


def test_a_digest_as_it_should_look_in_russian() -> None:
    message = view.digest(VOICES["ru"], select([story(1), story(2, sources=5)]))
    lines = message.text.plain.splitlines()
    assert lines[:2] == ["Вторник, 24 ноября · утро", "2 материала · 1 минута"]
    assert lines[3] == "МИР"
    assert "5 источников" in message.text.plain
    assert lines[-1] == "Это всё."


def test_a_late_digest_begins_with_the_apology_and_an_early_one_ends_with_a_promise() -> None:
    late = view.digest(VOICES["en"], select([story(1)]), late_since=NOW - timedelta(hours=1))
    assert late.text.plain.startswith("The digest is late, sorry; it was due: 08:30.\nTuesday 24 November")
    early = view.digest(VOICES["en"], select([story(1)]), before="18:00")
    assert early.text.plain.endswith(
        "That is all.\nYour 18:00 digest will bring only what is new after this."
    )


@pytest.mark.parametrize(
    ("hour", "part"),
    [(0, "night"), (4, "night"), (5, "morning"), (12, "afternoon"), (18, "evening"), (23, "evening")],
)
def test_the_part_of_the_day_is_the_readers(hour: int, part: str) -> None:
    at = NOW.replace(hour=hour) - timedelta(hours=2)
    message = view.digest(Voice("en", VOICES["en"].zone, at), select([story(1)]))
    assert message.text.plain.splitlines()[0].endswith(f" · {part}")


def test_many_desks_are_counted_together_at_the_end() -> None:
    selection = select([story(n, desk=f"Desk {n % 9}") for n in range(1, 100)])
    last = view.digest(VOICES["en"], selection).text.plain.splitlines()[-1]
    assert last.startswith("That is all. Left out: Desk ")
    assert last.endswith(f", other sections {sum(count for _, count in selection.left_out[5:])}.")


def test_teasers_shrink_before_they_are_left_out() -> None:
    wide = [
        story(
            n,
            title="Wide headline " * 9,
            source="A paper with a long name " * 2,
            teaser="A teaser goes on. " * 20,
            desk=f"Desk number {n}",
        )
        for n in range(1, 13)
    ]
    message = checked(view.digest(VOICES["en"], select(wide)))
    folded = next(e for e in message.text.entities if e.style is Style.FOLDED)
    assert 12 * 70 < folded.length < 12 * 150


def test_opened_stories_are_ticked_on_the_keyboard() -> None:
    rows = view.rows(VOICES["en"], [5, 6], 3, opened={6})
    assert [[b.label for b in row] for row in rows] == [["1", "✓ 2"], ["Left out: 3", "Settings"]]
