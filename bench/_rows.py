"""What the rows of broadcasts say, held against what Telegram has accepted."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bench._crowd import GET_IT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bench._crowd import Crowd
    from bot.playground.calls import Call

_NUMBER: Final = re.compile(r": ([\d,]+)$")


class Row(NamedTuple):
    """One delivery of a broadcast."""

    id: int
    broadcast: int
    chat: int
    op: str
    state: str
    message: int
    """Which message it brought, or was to change; 0 for none."""
    reason: str


@dataclass(slots=True)
class Mismatches:
    """What must not be: how often, and some of it."""

    found: Counter[str] = field(default_factory=Counter)
    some: dict[str, str] = field(default_factory=dict)

    def require(self, holds: bool, what: str, which: object = "") -> None:  # noqa: FBT001 - a condition, as in assert
        """Note a mismatch unless something holds."""
        if not holds:
            self.found[what] += 1
            self.some.setdefault(what, str(which))


def read(path: Path, statement: str, *values: object) -> list[Any]:
    """Ask the database, also while the newsroom writes it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        return raw.execute(statement, values).fetchall()


def states(path: Path) -> Counter[tuple[str, str]]:
    """How many rows of broadcasts there are of each op and state."""
    statement = """SELECT CASE op WHEN 'send' THEN 'send' ELSE 'edit' END, state, count(*)
        FROM deliveries WHERE broadcast_id IS NOT NULL GROUP BY 1, 2"""
    return Counter({(op, state): number for op, state, number in read(path, statement)})


def rows(path: Path) -> list[Row]:
    """All rows of broadcasts."""
    statement = """SELECT id, broadcast_id, chat_id, op, state,
        coalesce(CASE op WHEN 'send' THEN sent_id ELSE target END, 0), reason
        FROM deliveries WHERE broadcast_id IS NOT NULL"""
    return [Row(*one) for one in read(path, statement)]


def compare(
    found: Mismatches, all_rows: Sequence[Row], calls: Iterable[Call], crowd: Crowd, notes: Mapping[int, str]
) -> None:
    """Hold the rows against the calls, one by one.

    Args:
        found: where mismatches go.
        all_rows: every row of a broadcast.
        calls: what the bot asked of Telegram.
        crowd: who is of which kind.
        notes: of each correction the words by which its text is known.
    """
    sends: dict[int, list[int]] = defaultdict(list)
    edits: Counter[tuple[int, int, int]] = Counter()
    for call in calls:
        if call.chat not in crowd.kinds or call.message_id is None:
            continue
        if call.method == "sendMessage":
            sends[call.chat].append(call.message_id)
        elif call.method == "editMessageText":
            of = [one for one, words in notes.items() if words in call.params["text"]]
            found.require(len(of) == 1, "edited to something else", call.chat)
            edits[of[0] if of else 0, call.chat, call.message_id] += 1
        else:
            found.require(holds=False, what=f"{call.method} was called", which=call.chat)
    owed: Counter[int] = Counter()
    for row in all_rows:
        if row.op == "send":
            owed[row.chat] += 1
            _compare_send(found, row, sends.pop(row.chat, []))
        else:
            _compare_edit(found, row, edits)
        found.require(row.state in {"sent", "gone", "unknown"}, f"a row ended as {row.state}", row)
        found.require(row.state != "unknown" or bool(row.reason), "unknown without a reason", row)
    found.require(not sends, "accepted without a row", list(sends)[:3])
    found.require(not +edits, "edited without a row", list(+edits)[:3])
    _compare_readers(found, all_rows, crowd, owed)


def _compare_send(found: Mismatches, row: Row, accepted: list[int]) -> None:
    found.require(len(accepted) <= 1, "accepted twice", row)
    if row.state == "sent":
        found.require(row.message in accepted, "sent and not accepted", row)
    elif row.state != "unknown":
        found.require(not accepted, "accepted and not sent", row)


def _compare_edit(found: Mismatches, row: Row, edits: Counter[tuple[int, int, int]]) -> None:
    times = edits.pop((row.broadcast, row.chat, row.message), 0)
    found.require(times <= 1, "edited twice", row)
    if row.state == "sent":
        found.require(times == 1, "changed and not accepted", row)
    elif row.state != "unknown":
        found.require(times == 0, "accepted and not changed", row)


def _compare_readers(found: Mismatches, all_rows: Sequence[Row], crowd: Crowd, owed: Counter[int]) -> None:
    """Everybody who shall have it has one row, nobody else has any; those who have blocked the bot are gone."""
    for chat, kind in crowd.kinds.items():
        found.require(owed[chat] == (kind in GET_IT), f"rows of one who is {kind}: {owed[chat]}", chat)
    for row in all_rows:
        kind = crowd.kinds.get(row.chat, "nobody")
        found.require(row.state != "gone" or kind == "blocked", f"gone and {kind}", row)
        found.require(row.state != "sent" or kind != "blocked", "sent to one who has blocked it", row)


def compare_changes(
    found: Mismatches, all_rows: Sequence[Row], texts: Mapping[int, str], notes: Mapping[int, str]
) -> int:
    """See to it that each message that is known to have arrived was changed, and shows why it was withdrawn.

    Args:
        found: where mismatches go.
        all_rows: every row of a broadcast.
        texts: what each chat shows now.
        notes: as for `compare`; the last one is the withdrawal.

    Returns:
        How many show it.
    """
    last = max(notes)
    changes = {(row.broadcast, row.chat): row for row in all_rows if row.op != "send"}
    shown = 0
    for row in all_rows:
        if row.op != "send" or row.state != "sent":
            continue
        for one in notes:
            found.require((one, row.chat) in changes, "reached and not corrected", row)
        withdrawal = changes.get((last, row.chat))
        shows = notes[last] in texts.get(row.chat, "")
        shown += shows
        in_doubt = withdrawal is not None and withdrawal.state == "unknown"
        found.require(shows or in_doubt, "shows no withdrawal", row)
    return shown


def numbers(board: str) -> dict[str, int]:
    """The figures of an editor's message, by the words before them."""
    told = {}
    for line in board.splitlines():
        if (match := _NUMBER.search(line)) is not None:
            told[line[: match.start()]] = int(match[1].replace(",", ""))
    return told


def compare_board(found: Mismatches, board: str, ended: Counter[str], *, sends: bool) -> None:
    """Hold an editor's message about a broadcast that has ended against its rows.

    Args:
        found: where mismatches go.
        board: the message.
        ended: how many rows of it there are of each state.
        sends: whether it sent something; else it changed what had been sent.
    """
    named = {
        "Arrived" if sends else "Changed": ended["sent"],
        "Blocked us or left": ended["gone"],
        "May have arrived or not": ended["unknown"],
    }
    told = numbers(board)
    found.require(board.startswith("It was sent."), "a board shows no end", board[:80])
    for name, number in named.items():
        found.require(told.get(name, 0) == number, f"a board tells {told.get(name, 0)}: {name}", number)
    for name in ("Failed", "Still to go", "Not sent any more"):
        found.require(name not in told, f"a board tells of {name}", told.get(name))
