"""What a newsroom that was killed has lost or doubled: counted in its database, beside what Telegram has seen."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.playground.calls import CallLog

TRIGGERS: Final = """
CREATE TABLE audit (what TEXT NOT NULL, chat INTEGER NOT NULL, key INTEGER NOT NULL);
CREATE TRIGGER audit_1 AFTER INSERT ON saves BEGIN INSERT INTO audit VALUES ('save', new.chat_id, new.story_id); END;
CREATE TRIGGER audit_2 AFTER INSERT ON told BEGIN INSERT INTO audit VALUES ('told', new.chat_id, new.story_id); END;
CREATE TRIGGER audit_3 AFTER INSERT ON lists WHEN new.update_id IS NOT NULL
    BEGIN INSERT INTO audit VALUES ('list', new.chat_id, new.update_id); END;
CREATE TRIGGER audit_4 AFTER INSERT ON readers BEGIN INSERT INTO audit VALUES ('reader', new.chat_id, 0); END;
CREATE TRIGGER audit_5 AFTER UPDATE OF desks ON readers WHEN new.desks <> old.desks
    BEGIN INSERT INTO audit VALUES ('switch', new.chat_id, 0); END;
CREATE TRIGGER audit_6 AFTER INSERT ON editions BEGIN INSERT INTO audit VALUES ('edition', new.chat_id, 0); END;
"""
"""What counts every effect in the database, also what is undone or done over again."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a reader wanted: the effect it must have once, as the triggers name it."""

    what: str
    chat: int
    key: int
    update_id: int


@dataclass(slots=True)
class Report:
    """What came of a campaign; all but the first six must be 0."""

    kills: int = 0
    commands: int = 0
    deliveries: int = 0
    unknown: int = 0
    unknown_but_arrived: int = 0
    conflicts: int = 0
    commands_lost: int = 0
    applied_twice: int = 0
    unanswered: int = 0
    digests_doubled: int = 0
    digests_lost: int = 0
    stories_told_twice: int = 0
    damaged: int = 0
    bad_ends: int = 0

    def faultless(self) -> bool:
        """Whether nothing was lost, doubled or damaged."""
        return not any(getattr(self, one.name) for one in fields(self)[6:])


def is_whole(path: Path) -> bool:
    """Whether a kill has damaged nothing: a copy of the files is checked, the newsroom itself recovers the real ones."""
    with tempfile.TemporaryDirectory() as folder:
        for end in ("", "-wal"):
            if (file := Path(f"{path}{end}")).exists():
                shutil.copy(file, folder)
        with closing(sqlite3.connect(Path(folder) / path.name)) as raw:
            try:
                whole = raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                whole = whole and not raw.execute("PRAGMA foreign_key_check").fetchall()
                raw.execute("INSERT INTO article_search (article_search, rank) VALUES ('integrity-check', 1)")
            except sqlite3.DatabaseError:
                return False
    return whole


def count_commands(
    report: Report, raw: sqlite3.Connection, calls: CallLog, commands: Sequence[Command], *, faults: bool
) -> None:
    """Count what became of all commands; with faults no answer is sure to arrive."""
    audit = Counter(raw.execute("SELECT what, chat, key FROM audit").fetchall())
    outcomes = dict(raw.execute("SELECT update_id, outcome FROM inbox WHERE done_at IS NOT NULL").fetchall())
    report.commands = len(commands)
    for command in commands:
        report.commands_lost += command.update_id not in outcomes
        if command.what != "switch":
            report.unanswered += not faults and outcomes.get(command.update_id) != "answered"
            what = "list" if command.what == "digest" else command.what
            effects = audit[what, command.chat, command.key]
            report.commands_lost += effects == 0 and command.what != "digest"
            report.applied_twice += max(0, effects - 1)
    # A switch is pressed on a message that is gone, and answered by nothing.
    switched = Counter(command.chat for command in commands if command.what == "switch")
    for chat, presses in switched.items():
        report.commands_lost += max(0, presses - audit["switch", chat, 0])
        report.applied_twice += max(0, audit["switch", chat, 0] - presses)
    if not faults:
        answers = Counter(call.chat for call in calls if call.message_id)
        chats = Counter(command.chat for command in commands)
        report.unanswered += sum(
            max(0, number - switched[chat] - answers[chat]) for chat, number in chats.items()
        )
    twice = """SELECT count(*) FROM (SELECT lists.chat_id, story_id FROM list_items JOIN lists ON lists.id = list_id
        WHERE kind = 'digest' GROUP BY 1, 2 HAVING count(*) > 1)"""
    report.stories_told_twice = raw.execute(twice).fetchone()[0]


def count_digests(
    report: Report, raw: sqlite3.Connection, calls: CallLog, subscribers: Sequence[int]
) -> None:
    """Count what became of the one digest of each subscriber."""
    accepted = Counter(call.chat for call in calls if call.method == "sendMessage" and call.message_id)
    states = dict(raw.execute("SELECT chat_id, state FROM deliveries").fetchall())
    editions = Counter(chat for (chat,) in raw.execute("SELECT chat FROM audit WHERE what = 'edition'"))
    for chat in subscribers:
        state = states.get(chat, "none")
        report.deliveries += state != "none"
        report.unknown += state == "unknown"
        report.unknown_but_arrived += state == "unknown" and accepted[chat] > 0
        report.digests_doubled += max(0, accepted[chat] - 1) + max(0, editions[chat] - 1)
        report.digests_lost += state not in {"sent", "unknown"} or (state == "sent" and not accepted[chat])


def show(reports: Iterable[tuple[str, Report]]) -> None:
    """Print the table."""
    rows = list(reports)
    print(f"{'':24}" + "".join(f"{name:>16}" for name, _ in rows))
    for one in fields(Report):
        figures = "".join(f"{getattr(report, one.name):>16,}" for _, report in rows)
        print(f"{one.name.replace('_', ' '):24}{figures}")
