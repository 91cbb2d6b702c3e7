"""Broadcasts of an earlier version, and deliveries that are put off and taken up again."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.domain.broadcasts import Aim, Stage, State
from bot.domain.message import Message, Text
from bot.storage import broadcasts, migrate
from bot.storage.database import engine
from bot.storage.migrate import SCRIPTS
from bot.storage.outbox import Debt, Lane, keep_all, plan_all
from bot.storage.tables import deliveries
from tests.storage.archive import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.storage.archive import Archive

HOUR = timedelta(hours=1)


def test_what_an_earlier_version_was_sending_goes_on_as_it_was(tmp_path: Path) -> None:
    earlier, path, at = tmp_path / "scripts", tmp_path / "news.db", 1_700_000_000_000_000
    shutil.copytree(SCRIPTS, earlier)
    for step in (earlier / "versions").glob("00*.py"):
        if step.name > "0013":
            step.unlink()
    migrate.migrate(path, scripts=earlier)
    old = sqlite3.connect(path)
    old.execute(
        "INSERT INTO readers (chat_id, language, zone, joined_at, seen_at, covered_until) VALUES (7, 'en', 'UTC', 1, 1, 1)"
    )
    old.execute("INSERT INTO stories (id, first_seen_at, shown_at) VALUES (1, 1, 1)")
    for number, state in enumerate(("draft", "sending", "done"), 1):
        old.execute(
            "INSERT INTO broadcasts (id, editor_id, story_id, note, languages, state, update_id, made_at, begun_at, up_to) "
            "VALUES (?, 7, 1, 'Read this.', '[\"en\"]', ?, ?, ?, ?, 5)",
            (number, state, number, at, at),
        )
    old.commit()
    old.close()
    migrate.migrate(path)
    made = engine(path)
    with made.connect() as connection:
        (going,) = broadcasts.open_ones(connection)
        assert (going.id, going.state, going.stage, going.up_to) == (2, State.SENDING, Stage.ALL, 5)
        assert (going.aim, going.note, going.story_id) == (Aim(("en",)), "Read this.", 1)
        draft = broadcasts.get(connection, 1)
        assert draft is not None
        assert draft.state is State.DRAFT
    made.dispose()


def test_what_rests_keeps_its_hour_and_its_order(archive: Archive) -> None:
    connection = archive.connection
    (message,) = keep_all(connection, [Message(Text("x"))], NOW)
    for chat in range(1, 6):
        archive.reader(chat)
        debt = Debt(
            message,
            chat,
            f"broadcast:1:{chat}",
            lane=Lane.BROADCAST,
            broadcast_id=1,
            not_before=NOW + chat * HOUR,
        )
        plan_all(connection, [debt], NOW, NOW + 12 * HOUR)
    other = Debt(message, 1, "broadcast:2:1", lane=Lane.BROADCAST, broadcast_id=2)
    plan_all(connection, [other], NOW, NOW + HOUR)
    assert broadcasts.is_restless(connection, 1, NOW)
    assert broadcasts.rest(connection, 1, NOW, 2) == 2
    due = sa.select(deliveries.c.chat_id).where(deliveries.c.not_before < NOW + 24 * HOUR)
    left = list(connection.execute(due.where(deliveries.c.broadcast_id == 1)).scalars())
    assert left == [3, 4, 5], "what is due soonest first"
    assert broadcasts.rest(connection, 1, NOW, 10) == 3
    assert not broadcasts.is_restless(connection, 1, NOW)
    assert connection.execute(due).scalars().all() == [1], "another one goes on"
    later = NOW + 3 * HOUR
    assert broadcasts.wake(connection, 1, NOW, later, 10) == 5
    rows = connection.execute(sa.select(deliveries).where(deliveries.c.broadcast_id == 1)).all()
    assert [row.not_before for row in rows] == [NOW + chat * HOUR for chat in range(1, 6)]
    assert {row.expires_at for row in rows} == {NOW + 15 * HOUR}
