"""Health and metrics of a real newsroom."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import app, config
from bot.services.health import LIMITS
from bot.web.health import Pages
from tests.town import READER, Papers, Town, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.storage.database import Connection

FIGURES = {
    "paperboy_ready",
    "paperboy_overdue_seconds",
    "paperboy_articles",
    "paperboy_feeds",
    "paperboy_readers",
    "paperboy_deliveries",
    "paperboy_answers_waiting",
    "paperboy_pushes_waiting",
    "paperboy_tick_poll_failures",
    "paperboy_tick_compose_failures",
    "paperboy_tick_deliver_failures",
    "paperboy_tick_tidy_failures",
    "paperboy_tick_mourn_failures",
    "paperboy_tick_examine_failures",
    "paperboy_tick_watch_failures",
    "paperboy_tick_answers_failures",
    "paperboy_tick_broadcast_failures",
    "paperboy_tick_follow_failures",
    "paperboy_tick_backup_failures",
    "paperboy_disk_free_bytes",
}

OVERDUE = {
    "updates": "INSERT INTO inbox (update_id, lane, payload, received_at) VALUES (1, 0, '{}', :at)",
    "feeds": "UPDATE feeds SET next_check_at = :at",
    "digests": "INSERT INTO plans (chat_id, due_at) SELECT chat_id, :at FROM readers WHERE true "
    "ON CONFLICT DO UPDATE SET due_at = excluded.due_at",
    "deliveries": "INSERT INTO deliveries (dedupe, message_id, chat_id, state, not_before, expires_at, made_at) "
    "SELECT 'd', messages.id, chat_id, 'planned', :at, :at + 1000000000, :at FROM readers, messages LIMIT 1",
}
"""What makes each kind of work due at a moment."""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    papers = Papers()
    papers.paper("herald")
    papers.paper("lens")
    async with open_town(tmp_path, papers=papers) as opened:
        yield opened


async def get(town: Town, path: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(town.app.server.url + path) as response,
    ):
        body = await response.text()
        return response.status, await response.json() if "json" in response.content_type else body


async def test_the_process_says_that_it_lives(town: Town) -> None:
    assert await get(town, "/healthz") == (200, {"status": "ok"})


async def test_a_newsroom_with_nothing_overdue_is_ready(town: Town) -> None:
    await town.news()
    status, body = await get(town, "/readyz")
    assert status == 200
    assert body["status"] == "ready"
    assert body["trouble"] == []
    assert body["overdue_seconds"] == dict.fromkeys(LIMITS, 0.0)
    assert body["limits_seconds"] == {"updates": 120, "feeds": 1800, "digests": 900, "deliveries": 1800}


async def test_whether_it_is_ready_is_told_without_counting(town: Town) -> None:
    await town.news()
    await town.app.db.write(lambda c: c.exec_driver_sql("ALTER TABLE articles RENAME TO uncountable"))
    assert (await get(town, "/readyz"))[0] == 200


@pytest.mark.parametrize("kind", LIMITS)
async def test_work_that_is_overdue_for_too_long_makes_it_not_ready(town: Town, kind: str) -> None:
    await town.news()
    await town.after(lambda: town.telegram.start(READER))
    await town.app.db.write(
        lambda c: c.exec_driver_sql(
            "INSERT INTO messages (fingerprint, document, made_at) VALUES ('f', '{}', 0)"
        )
    )

    async def make_due(ago: timedelta) -> None:
        # Times are kept in microseconds.
        at = int((town.clock() - ago).timestamp() * 1_000_000)
        await town.app.db.write(lambda c: c.exec_driver_sql(OVERDUE[kind], {"at": at}))

    await make_due(LIMITS[kind] - timedelta(seconds=30))
    status, body = await get(town, "/readyz")
    assert (status, body["trouble"]) == (200, [])
    assert body["overdue_seconds"][kind] == pytest.approx(LIMITS[kind].total_seconds() - 30, abs=15)
    town.clock.advance(minutes=1)
    status, body = await get(town, "/readyz")
    assert status == 503
    assert body["status"] == "not ready"
    assert [words.split()[0] for words in body["trouble"]] == [kind]


async def test_a_database_that_does_not_answer_is_told_and_the_pages_stay_up(town: Town) -> None:
    path = town.app.db.path
    before = path.read_bytes()
    for damaged in (path, path.with_name(path.name + "-wal")):
        damaged.write_bytes(b"\xff" * damaged.stat().st_size)
    status, body = await get(town, "/readyz")
    assert status == 503
    assert "Restore a backup" in body["trouble"][0]
    assert (await get(town, "/healthz"))[0] == 200
    status, text = await get(town, "/metrics")
    assert status == 200
    assert "paperboy_ready 0.0" in text
    path.write_bytes(before)


async def test_metrics_are_what_prometheus_reads(town: Town) -> None:
    await town.news()
    await town.after(lambda: town.telegram.start(READER))
    _, text = await get(town, "/metrics")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert set(families) >= FIGURES
    assert {name for name in families if not name.startswith("process_")} == FIGURES
    assert families["paperboy_ready"].samples[0].value == 1
    assert {s.labels["kind"]: s.value for s in families["paperboy_overdue_seconds"].samples} == dict.fromkeys(
        LIMITS, 0
    )
    assert {s.labels["state"]: s.value for s in families["paperboy_readers"].samples} == {"active": 1}
    assert sum(s.value for s in families["paperboy_feeds"].samples) == 2
    assert all(family.documentation for family in families.values())


async def test_what_a_tick_fails_is_counted(town: Town) -> None:
    town.app.runner.records["poll"].failures = 3
    _, text = await get(town, "/metrics")
    assert "paperboy_tick_poll_failures 3.0" in text


async def test_the_containers_health_check_asks_whether_it_is_ready(town: Town) -> None:
    dockerfile = (Path(__file__).parents[2] / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    _, *arguments = json.loads(re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", dockerfile, re.MULTILINE)[0])
    settings = {"HTTP_HOST": "127.0.0.1", "HTTP_PORT": str(town.app.server.port)}

    async def ended() -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env=settings, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait()

    await town.news()
    assert await ended() == 0
    await town.app.db.write(lambda c: c.exec_driver_sql(OVERDUE["feeds"], {"at": 0}))
    assert await ended() == 1
    settings["HTTP_PORT"] = "1"
    assert await ended() == 1


async def test_nothing_else_is_served(town: Town) -> None:
    for path in ("/", "/metrics/", "/..%2f", "/playground/state"):
        assert (await get(town, path))[0] == 404
    assert {route.path for route in Pages(None, None).routes()} == {"/healthz", "/readyz", "/metrics"}  # type: ignore[arg-type]


async def test_a_newsroom_with_open_streams_stops_at_once(tmp_path: Path) -> None:
    settings = config.load(None, database_url=f"sqlite:///{tmp_path / 'a.db'}", http_port=0)
    async with aiohttp.ClientSession() as session:
        async with app.open_app(settings, playground=True, ticking=False) as running:
            async with asyncio.timeout(10):
                await running.connected.wait()
                stream = await session.get(running.server.url + "/playground/events")
                await stream.content.readline()
            stopping = time.monotonic()
        assert time.monotonic() - stopping < 0.8
        stream.close()


async def test_a_disk_that_is_nearly_full_is_said_while_readers_are_served(tmp_path: Path) -> None:
    async with open_town(tmp_path, disk_min_free=1_000_000) as town:
        status, found = await get(town, "/readyz")
        assert status == 200, "it serves readers, and a restart would not help"
        assert "MiB are free on the disk" in found["trouble"][0]
        assert await town.app.runner.run("poll") == 0
        assert (await town.join())["text"]


async def test_a_long_push_that_goes_on_is_not_overdue(town: Town) -> None:
    await town.news()
    await town.after(lambda: town.telegram.start(READER))

    def write(connection: Connection) -> None:
        connection.exec_driver_sql(
            "INSERT INTO messages (fingerprint, document, made_at) VALUES ('f', '{}', 0)"
        )
        hour_ago, second_ago = (
            int((town.clock() - timedelta(seconds=seconds)).timestamp() * 1_000_000) for seconds in (3600, 1)
        )
        for name, state, ended in (("a", "planned", None), ("b", "sent", second_ago)):
            connection.exec_driver_sql(
                "INSERT INTO deliveries (dedupe, message_id, chat_id, state, not_before, expires_at, made_at, ended_at) "
                "SELECT ?, messages.id, chat_id, ?, ?, ?, ?, ? FROM readers, messages LIMIT 1",
                (name, state, hour_ago, 9 * 10**15, hour_ago, ended),
            )

    await town.app.db.write(write)
    status, body = await get(town, "/readyz")
    assert (status, body["overdue_seconds"]["deliveries"] < 60) == (200, True)
