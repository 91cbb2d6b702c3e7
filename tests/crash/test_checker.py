"""The judge of crash runs finds every kind of violation, and nothing in a faultless run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.crash.checker import Verdict, check
from bot.domain.delivery import FINAL, State


def test_a_run_in_which_all_arrived_is_faultless() -> None:
    verdict = check([1, 2], [1, 2], [2, 1], {1: "sent", 2: "sent"})
    assert verdict == Verdict(planned=2, attempts=2, acknowledged=2)
    assert verdict.faults() == {}


def test_a_second_attempt_after_a_refusal_is_no_fault() -> None:
    verdict = check([1], [1, 1, 1], [1], {1: "sent"})
    assert (verdict.attempts, verdict.faults()) == (3, {})


def test_what_was_acknowledged_and_never_arrived_is_lost() -> None:
    assert check([1, 2], [1, 2], [1], {1: "sent", 2: "sent"}).faults() == {"lost": (2,)}


@pytest.mark.parametrize("state", ["sent", "unknown"])
def test_what_arrived_twice_is_duplicated(state: str) -> None:
    assert check([1], [1, 1], [1, 1], {1: state}).faults() == {"duplicated": (1,)}


def test_what_was_never_planned_is_unexpected() -> None:
    assert check([1], [1], [1, 9], {1: "sent"}).faults() == {"unexpected": (9,)}


def test_what_arrived_without_a_committed_attempt_is_unattempted() -> None:
    assert check([1], [], [1], {1: "sent"}).faults() == {"unattempted": (1,)}
    both = check([1], [1], [1, 1], {1: "sent"}).faults()
    assert both == {"duplicated": (1,), "unattempted": (1,)}


@pytest.mark.parametrize("state", ["failed", "gone", "expired", "cancelled"])
def test_what_arrived_although_its_state_denies_it_is_contradicted(state: str) -> None:
    assert check([1], [1], [1], {1: state}).faults() == {"contradicted": (1,)}
    assert check([1], [1], [], {1: state}).faults() == {}


def test_unknown_rows_are_no_fault_and_those_that_arrived_are_recovered() -> None:
    verdict = check([1, 2], [1, 2], [2], {1: "unknown", 2: "unknown"})
    assert (verdict.unknown, verdict.recovered, verdict.faults()) == ((1, 2), (2,), {})


@pytest.mark.parametrize("state", ["planned", "claimed", "sending", "retry"])
def test_a_row_without_an_end_is_unfinished(state: str) -> None:
    assert check([1], [1], [], {1: state}).faults() == {"unfinished": (1,)}


def test_a_row_that_has_vanished_is_unfinished() -> None:
    assert check([1], [], [], {}).faults() == {"unfinished": (1,)}


def test_an_arrival_of_a_row_without_an_end_is_counted_once_as_unfinished() -> None:
    assert check([1], [1], [1], {1: "sending"}).faults() == {"unfinished": (1,)}


def test_the_judge_knows_every_state_of_a_delivery() -> None:
    for state in State:
        unfinished = check([1], [1], [], {1: str(state)}).unfinished
        assert bool(unfinished) is (state not in FINAL), state


rows = st.integers(min_value=1, max_value=6)


@given(
    st.sets(rows),
    st.lists(rows),
    st.lists(rows),
    st.dictionaries(rows, st.sampled_from([str(state) for state in State])),
)
def test_every_planned_row_is_counted_in_exactly_one_way(
    planned: set[int], attempts: list[int], accepted: list[int], states: dict[int, str]
) -> None:
    verdict = check(planned, attempts, accepted, states)
    denied = sum(states.get(row) in {"failed", "gone", "expired", "cancelled"} for row in planned)
    ended = verdict.acknowledged + len(verdict.unknown) + denied
    assert ended + len(verdict.unfinished) == len(planned) == verdict.planned
    assert set(verdict.recovered) <= set(verdict.unknown)
    assert set(verdict.unexpected) == set(accepted) - planned
    if not verdict.faults():
        assert set(accepted) <= planned
        assert len(accepted) == len(set(accepted)) == verdict.acknowledged + len(verdict.recovered)
