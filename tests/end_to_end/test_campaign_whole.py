"""A broadcast in the real program, from the command to the withdrawal, with a pause and two kills: every row agrees.

And what does not agree is found.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bench import _crowd
from bench._outcome import NOTES, REASON, Phase, Result, judge
from bench._rows import Mismatches, Row, compare_board
from bench.campaign import campaign_of, play
from bot.playground.calls import Call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
CROWD = _crowd.Crowd({1: "plain", 2: "plain", 3: "blocked", 4: "had it"}, [9], 8)
ROWS = [
    Row(1, 1, 1, "send", "sent", 11, ""),
    Row(2, 1, 2, "send", "unknown", 0, "nobody knows"),
    Row(3, 1, 3, "send", "gone", 0, "blocked"),
    Row(4, 2, 1, "edit", "sent", 11, ""),
    Row(5, 3, 1, "edit", "sent", 11, ""),
]


def sent(chat: int, message_id: int) -> Call:
    return Call(NOON, "sendMessage", {"chat_id": chat, "text": "news"}, 200, message_id=message_id)


def edited(broadcast: int) -> Call:
    return Call(NOON, "editMessageText", {"chat_id": 1, "text": NOTES[broadcast]}, 200, message_id=11)


CALLS = [sent(1, 11), sent(2, 12), edited(2), edited(3)]


def judged(rows: list[Row], calls: list[Call], shows: str = REASON, **more: object) -> Mismatches:
    result = Result(in_flight=[1, 1], **more)  # type: ignore[arg-type]
    judge(result, rows, calls, CROWD, {1: shows})
    return result.mismatches


def test_what_agrees_is_no_mismatch() -> None:
    assert not judged(ROWS, CALLS).found
    assert not judged(ROWS, [CALLS[0], *CALLS[2:]]).found, "what is unknown may have arrived or not"


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda rows, _: rows.pop(0), "accepted without a row"),
        (lambda rows, _: rows.pop(3), "edited without a row"),
        (lambda rows, _: rows.pop(3), "reached and not corrected"),
        (lambda _, calls: calls.pop(0), "sent and not accepted"),
        (lambda _, calls: calls.pop(), "changed and not accepted"),
        (lambda _, calls: calls.append(sent(1, 13)), "accepted twice"),
        (lambda _, calls: calls.append(sent(2, 13)), "accepted twice"),
        (lambda _, calls: calls.append(edited(2)), "edited twice"),
        (lambda _, calls: calls.append(sent(4, 13)), "accepted without a row"),
        (lambda _, calls: calls.append(sent(3, 13)), "accepted and not sent"),
        (lambda _, calls: calls.append(replace(sent(1, 11), status=429)), "refused by the brakes"),
        (lambda rows, _: rows.append(Row(6, 1, 4, "send", "unknown", 0, "?")), "rows of one who is had it: 1"),
        (lambda rows, _: rows.append(Row(6, 3, 1, "edit", "unknown", 11, "?")), "more unknown than was under way"),
        (lambda rows, _: rows.append(rows.pop(0)._replace(state="planned")), "a row ended as planned"),
        (lambda rows, _: rows.append(rows.pop(1)._replace(state="gone")), "gone and plain"),
        (lambda rows, _: rows.append(rows.pop(1)._replace(reason="")), "unknown without a reason"),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_found(spoil: Callable[[list[Row], list[Call]], None], what: str) -> None:
    rows, calls = [*ROWS], [*CALLS]
    spoil(rows, calls)
    assert what in judged(rows, calls).found


def test_a_pause_in_which_something_leaves_a_question_and_an_old_text_are_found() -> None:
    found = judged(
        ROWS, CALLS, "news", phases=[Phase("pause", NOON, rests=True, ended_at=NOON)], asked=[(9, NOON)]
    ).found
    assert {*found} == {"shows no withdrawal", "sent while it was paused", "a question without an answer"}


def test_a_board_that_is_wrong_is_found() -> None:
    board = "It was sent.\nA title: 7\nArrived: 1,234\nBlocked us or left: 2\nEnded at 12:00"
    found = Mismatches()
    compare_board(found, board, Counter(sent=1234, gone=2), sends=True)
    assert not found.found
    compare_board(found, board, Counter(sent=1235, unknown=1), sends=True)
    compare_board(found, "Paused.\nStill to go: 2", Counter(), sends=True)
    assert found.found.total() == 5


@pytest.mark.no_cover
@pytest.mark.slow
@pytest.mark.timeout(180)
def test_every_row_agrees_with_what_telegram_accepted(tmp_path: Path) -> None:
    campaign = campaign_of(tmp_path, 150, 20.0, 3, speed=16.0, span=90.0)
    result = play(campaign)
    assert not result.mismatches.found, f"{result.mismatches}\n{(tmp_path / 'log.txt').read_text()[-4000:]}"
    assert len(result.kills) == 2
    assert {*campaign.crowd.kinds.values()} == {*_crowd.SHARES}, "readers of every kind were there"
    rows: Counter[tuple[str, str]] = Counter()
    for phase in result.phases:
        rows.update(phase.rows)
    assert rows["send", "gone"] == len(campaign.crowd.of("blocked"))
    assert rows["send", "sent"] + rows["send", "gone"] + rows["send", "unknown"] == sum(
        len(campaign.crowd.of(kind)) for kind in _crowd.GET_IT
    )
    assert result.shown > 90
    assert result.waits
