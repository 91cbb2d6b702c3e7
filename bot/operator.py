"""What the command line does besides running the newsroom: the operator's side of the composition root."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import aiohttp

from bot.app import utc_now
from bot.domain.news import FeedEntry
from bot.errors import DatabaseDamaged, DatabaseError, OperatorError
from bot.feeds.addresses import fetchable, reachable
from bot.gateway.failures import CallFailed
from bot.gateway.request import Api
from bot.services import checkup
from bot.services.checkup import Finding, Grade
from bot.services.feeds import FeedList, Imported
from bot.storage import backup, meta, migrate
from bot.storage.database import Database, is_free
from bot.views.troubles import plainly

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime
    from pathlib import Path

    from bot.config import Settings
    from bot.domain.news import Feed
    from bot.storage.migrate import Migrated


def migrate_database(settings: Settings, *, playground: bool) -> Migrated:
    """Bring the database up to date.

    Raises:
        DatabaseError: it cannot be used.
    """
    return migrate.migrate(settings.database_path(playground=playground))


def forget_playground(settings: Settings) -> None:
    """Delete the playground's database and chats, and nothing else.

    Raises:
        DatabaseBusy: the playground is running.
    """
    path = settings.database_path(playground=True)
    chats = path.with_suffix(".chats.jsonl")
    with backup.held(path):
        for leftover in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm")), chats):
            leftover.unlink(missing_ok=True)


LOOK: Final = 0.5
"""Seconds between two looks at whether a database is free."""


async def until_free(settings: Settings, stop: asyncio.Event, *, playground: bool) -> None:
    """Wait until no newsroom runs on the database, or until `stop` is set."""
    path = settings.database_path(playground=playground)
    while not stop.is_set() and not is_free(path):
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                await stop.wait()


async def check(settings: Settings, *, playground: bool) -> list[Finding]:
    """Look at everything that can be wrong."""
    path = settings.database_path(playground=playground)
    findings = [Finding(Grade.GOOD, "settings", "all are valid.")]
    token = settings.telegram_bot_token
    if token is None:
        sentence = "TELEGRAM_BOT_TOKEN is not set; the newsroom runs in the playground."
        findings.append(Finding(Grade.WARNING, "token", sentence))
    elif not playground:
        findings.append(await _token(Api(settings.telegram_api_url, token.get_secret_value())))
    findings += checkup.database(path)
    findings += await _feeds(settings, path, playground=playground)
    findings += [
        checkup.feeds_file(settings.feeds_file),
        checkup.disk(path.absolute().parent),
        checkup.memory(),
    ]
    return findings


async def _feeds(settings: Settings, path: Path, *, playground: bool) -> list[Finding]:
    """How the feeds are; what is wrong with a database that cannot be asked was said already."""
    try:
        if _revision(path) != migrate.newest():
            return []
        async with _feed_list(settings, playground=playground) as feeds:
            return [checkup.feeds(await feeds.every())]
    except DatabaseError:
        return []


def _revision(path: Path) -> str:
    """The revision of a database; empty where there is none yet."""
    return migrate.revision(path) if path.exists() else ""


async def _token(api: Api) -> Finding:
    try:
        me = await api.call("getMe", answer=10.0)
    except CallFailed as failure:
        if failure.status in {401, 404}:
            return Finding(
                Grade.BAD, "token", "Telegram does not know this token. Ask BotFather for the right one."
            )
        return Finding(Grade.WARNING, "token", f"Telegram cannot be reached: {failure.description}.")
    finally:
        await api.close()
    name = me.get("username") if isinstance(me, dict) else None
    if not isinstance(name, str):
        return Finding(Grade.BAD, "token", "What answers at TELEGRAM_API_URL is no Bot API server.")
    return Finding(Grade.GOOD, "token", f"Telegram knows this bot as @{name}.")


@asynccontextmanager
async def _feed_list(settings: Settings, *, playground: bool) -> AsyncIterator[FeedList]:
    """The list of feeds, also while the newsroom runs."""
    path = settings.database_path(playground=playground)
    if _revision(path) != migrate.newest():
        migrate.migrate(path)
    db = Database(path, owner=False)
    try:
        yield FeedList(db, utc_now)
    finally:
        await db.close()


async def list_feeds(settings: Settings, *, playground: bool) -> list[tuple[str, ...]]:
    """All feeds as rows: desk, name, language, last story, next look, state, address."""
    async with _feed_list(settings, playground=playground) as feeds:
        return [_row(feed) for feed in await feeds.every()]


def _row(feed: Feed) -> tuple[str, ...]:
    state = plainly(feed.trouble) if feed.trouble else "fine" if feed.succeeded_at else "not looked at yet"
    if feed.state == "gone":
        state = "gone: " + state
    if feed.moved_to:
        state += f" (moved to {feed.moved_to})"
    times = (_minute(feed.newest_at), _minute(feed.next_check_at) if feed.state == "active" else "-")
    return (feed.desk or "-", feed.title or "-", feed.language or "-", *times, state, feed.url)


def _minute(at: datetime | None) -> str:
    return at.strftime("%d %b %H:%M") if at else "-"


async def add_feed(settings: Settings, url: str, fields: dict[str, str], *, playground: bool) -> bool:
    """Add a feed; False if it is in use already.

    Raises:
        OperatorError: the address cannot be fetched.
    """
    if fetchable(url) and not reachable(fetchable(url), settings.fetch_allow_networks):
        raise OperatorError(f"{url} leads into a private network that FETCH_ALLOW_NETWORKS does not open.")
    async with _feed_list(settings, playground=playground) as feeds:
        return await feeds.add(FeedEntry(url, **fields))


async def remove_feed(settings: Settings, url: str, *, playground: bool) -> str:
    """Stop fetching a feed; returns its name.

    Raises:
        OperatorError: there is no such feed.
    """
    async with _feed_list(settings, playground=playground) as feeds:
        removed = await feeds.remove(url)
        return removed.title or removed.url


async def import_feeds(settings: Settings, file: Path, *, playground: bool) -> Imported:
    """Add the feeds of an OPML file.

    Raises:
        OperatorError: the file is no OPML.
    """
    try:
        data = await asyncio.to_thread(file.read_bytes)
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}.") from None
    async with _feed_list(settings, playground=playground) as feeds:
        return await feeds.load(data, str(file))


async def export_feeds(settings: Settings, *, playground: bool) -> bytes:
    """All feeds as OPML."""
    async with _feed_list(settings, playground=playground) as feeds:
        return await feeds.export(settings.newsroom_name)


def back_up(
    settings: Settings, target: Path, progress: Callable[[int, int], None], *, playground: bool
) -> None:
    """Copy the database, also while the newsroom runs.

    Raises:
        DatabaseError: no copy was made.
    """
    backup.copy(settings.database_path(playground=playground), target, progress=progress)


def restore(
    settings: Settings, source: Path, progress: Callable[[int, int], None], *, playground: bool
) -> Path | None:
    """Put a backup in the database's place; returns where the old one is now.

    Raises:
        DatabaseError: the newsroom is running, or the backup is not a sound one of ours; nothing was changed then.
    """
    if not source.is_file():
        raise DatabaseError(f"There is no backup at {source}.")
    try:
        found = migrate.revision(source)
    except DatabaseDamaged:
        raise DatabaseDamaged(
            f"{source} is no sound backup of a newsroom; nothing was changed. Try another one."
        ) from None
    if not found:
        raise DatabaseError(f"{source} is empty.")
    path = settings.database_path(playground=playground)
    with backup.held(path):
        return backup.restore(source, path, progress)


async def ask_health(settings: Settings, *, playground: bool) -> tuple[bool, str]:
    """Whether the running newsroom is ready, and what it says."""
    served_at = await _served_at(settings, playground=playground)
    if not served_at:
        return False, "No newsroom has run here yet."
    url = f"{served_at}/readyz"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5), trust_env=False) as session,
            session.get(url) as answer,
        ):
            body = await answer.json()
            status, trouble = body["status"], "; ".join(body["trouble"])
    except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError):
        return False, f"No newsroom answers at {url}."
    if status == "ready":
        return True, "The newsroom is ready."
    return False, f"The newsroom is not ready: {trouble}."


async def _served_at(settings: Settings, *, playground: bool) -> str:
    """Where the newsroom of these settings is served: it may have taken another port than the one that was set."""
    path = settings.database_path(playground=playground)
    if not _revision(path):
        return ""
    db = Database(path, owner=False)
    try:
        return await db.read(meta.address)
    finally:
        await db.close()
