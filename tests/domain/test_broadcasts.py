"""The life of a broadcast: its moves, how it is tried out, and when it stops by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.broadcasts import (
    A_SECOND,
    AHEAD,
    FINAL,
    PATIENCE,
    TRANSITIONS,
    UNBEGUN,
    Aim,
    Audience,
    Broadcast,
    Event,
    Op,
    Progress,
    Stage,
    State,
    aim,
    before,
    limit,
    next_stage,
    verdict,
)
from bot.domain.campaigns import course
from bot.domain.delivery import State as Sent

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def broadcast(**fields: object) -> Broadcast:
    """One that is being sent to 10,000 readers."""
    made = Broadcast(1, 1, 1, None, Op.SEND, False, None, "", Aim(), State.SENDING, 1, None, NOW)  # noqa: FBT003
    return replace(made, **({"total": 10_000} | fields))  # type: ignore[arg-type]


def test_the_table_in_the_documents_is_the_table() -> None:
    drawn = (Path(__file__).parents[2] / "docs/delivery.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| ([a-z ]+) \| (\w+) \|", drawn, re.MULTILINE)
    found = {(State(one), Event(event)): State(other) for one, event, other in rows if one != "from"}
    assert found == TRANSITIONS
    assert len(rows) - rows.count(("from", "event", "to")) == len(TRANSITIONS)


def test_every_event_leads_to_one_state_and_nothing_leads_out_of_an_end() -> None:
    for event in Event:
        assert len({TRANSITIONS[state, event] for state in before(event)}) == 1
    assert {state for state in State if not any(one is state for one, _ in TRANSITIONS)} == set(FINAL)
    reached = {State.DRAFT, *TRANSITIONS.values()}
    assert reached == set(State)
    assert all(TRANSITIONS.get((state, Event.STOP)) is None for state in UNBEGUN), "nothing is owed there"


def test_what_it_is_for_is_kept_whole() -> None:
    chosen = Aim(("en", "ru"), "World", lately=True, again=True, urgent=True)
    assert aim(chosen.document()) == chosen
    assert aim({}) == Aim()
    assert aim({"languages": ["en"]}) == Aim(("en",)), "as it was written before there were others"


@pytest.mark.parametrize(
    ("stage", "total", "most"),
    [
        (Stage.FEW, 99, None),
        (Stage.FEW, 100, 20),
        (Stage.PERCENT, 100, 40),
        (Stage.PERCENT, 10_000, 120),
        (Stage.PERCENT, 1_000_000, 10_020),
        (Stage.ALL, 1_000_000, None),
    ],
)
def test_it_is_tried_on_few_first(stage: Stage, total: int, most: int | None) -> None:
    assert limit(stage, total) == most
    assert most is None or most < AHEAD or total >= 100_000


def test_a_stage_ends_with_its_answers_or_after_a_minute() -> None:
    tried = broadcast(at_once=20, stage_at=NOW)
    assert next_stage(tried, 0, NOW) is Stage.PERCENT
    assert next_stage(tried, 1, NOW + PATIENCE - timedelta(seconds=1)) is Stage.FEW
    assert next_stage(tried, 1, NOW + PATIENCE) is Stage.PERCENT
    assert next_stage(replace(tried, at_once=19), 0, NOW + PATIENCE) is Stage.FEW, "not all were owed it"
    assert next_stage(replace(tried, stage=Stage.PERCENT, at_once=120), 0, NOW) is Stage.ALL
    assert next_stage(broadcast(total=99), 5, NOW) is Stage.ALL


def endings(**numbers: int) -> list[tuple[Sent, str]]:
    return [(Sent(state), f"{state} it is") for state, number in numbers.items() for _ in range(number)]


def test_one_kind_of_failure_stops_it_when_it_has_more_than_a_fifth() -> None:
    assert verdict(endings(sent=40, gone=10)) is None
    assert verdict(endings(sent=39, gone=11)) == {
        "key": "campaign.why_gone",
        "share": 22,
        "reason": "gone it is",
    }
    assert verdict(endings(sent=30, gone=10, failed=10)) is None, "two kinds, and none has too much"
    assert verdict(endings(failed=9)) is None, "too few to tell"
    found = verdict(endings(failed=10))
    assert found is not None
    assert found["key"] == "campaign.why_failed"
    assert verdict(endings(sent=5, cancelled=40)) is None, "what editors do is no failure"


def test_the_course_of_a_broadcast_is_drawn_through_evenly_spaced_moments() -> None:
    second = int(NOW.timestamp())
    how = Progress(sent=30, gone=2, failed=1, unknown=3)
    found = course(NOW, [(second + 1, 10), (second + 120, 20)], how)
    assert found.seconds == 120
    assert len(found.arrived) == 61
    assert (found.arrived[0], found.arrived[1], found.arrived[-1]) == (0, 10, 30)
    assert found.failures == {"gone": 2, "failed": 1, "unknown": 3}
    assert course(NOW, [], Progress()).arrived == (0, 0)


def test_how_long_it_takes_is_rounded_up() -> None:
    assert Audience(29).seconds(A_SECOND) == 2
    assert Audience(29).seconds(500) == 1
    assert Audience(29).stars(A_SECOND) == 0
    assert Audience(29).stars(500) == 3
    assert Progress(1, 2, 3, 4, 5, 6).ended == 19
    assert Progress(*Progress(1, 2, 3, 4, 5, 6).document()) == Progress(1, 2, 3, 4, 5, 6)
