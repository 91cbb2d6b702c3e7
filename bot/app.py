"""The composition root: builds every room and connects them, in production, in the playground and in tests alike."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast
from zoneinfo import ZoneInfo

from telegram.ext import Application, ContextTypes

from bot import __version__
from bot.domain.broadcasts import A_SECOND
from bot.domain.rhythm import Pace
from bot.domain.updates import Policy
from bot.errors import TelegramRefuses
from bot.feeds.fetch import Fetcher, as_it_is
from bot.feeds.reading import FeedReader
from bot.feeds.workers import Workers
from bot.gateway.board import show
from bot.gateway.pacing import Book, Pacer
from bot.gateway.profile import introduce, present
from bot.gateway.request import Api, LibraryRequest
from bot.gateway.sender import Sender
from bot.gateway.updates import lane_of, updates
from bot.playground.town import Town, open_town
from bot.services import health
from bot.services.answers import Answers
from bot.services.delivery import Deliveries, at_once
from bot.services.doctor import Doctor
from bot.services.drafts import Rules
from bot.services.feeds import FeedList, catalogue
from bot.services.housekeeping import Housekeeping
from bot.services.inbox import Inbox
from bot.services.newsroom import House, Newsroom, open_newsroom
from bot.services.pace import KeptPace
from bot.services.poller import FeedPoller
from bot.services.safekeeping import MIB, Room, Safekeeping
from bot.services.watching import Watching
from bot.storage import feeds, meta, migrate
from bot.storage.database import Database
from bot.texts.catalogue import LANGUAGES
from bot.views import notices
from bot.web.health import Pages
from bot.web.server import Server
from handlers import register, too_many, work_on
from handlers.context import Context, Rooms
from jobs.runner import Runner
from jobs.schedule import ticks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bot.config import Settings
    from bot.domain.schedule import Clock
    from bot.playground.playground import Playground
    from bot.services.health import Health
    from bot.storage.inbox import Received

log = logging.getLogger(__name__)

STOPPING: Final = 7.0
"""Seconds that running work may take to finish when the newsroom stops; a supervisor often kills after 10."""
PLAYGROUND_PACE: Final = (15, 120)
"""Seconds between two looks at a feed of the sample wire, which has a new story every minute."""
USER_AGENT: Final = f"Paperboy/{__version__} (a news reader inside Telegram)"

TelegramApplication = Application[Any, Context, Any, Any, Any, Any]


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(slots=True)
class App:
    """A running newsroom."""

    settings: Settings
    db: Database
    server: Server
    playground: Playground | None
    newsroom: Newsroom
    inbox: Inbox
    runner: Runner
    pacer: Pacer
    deliveries: Deliveries
    bot_name: str = ""
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    failure: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def wait(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set.

        Raises:
            OperatorError: Telegram refuses the bot for good.
        """
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait((stopping, self.failure), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if self.failure.done():
            self.failure.result()


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    playground: bool = False,
    clock: Clock = utc_now,
    ticking: bool = True,
    pacer: Pacer | None = None,
    rewrite: Callable[[str], str] = as_it_is,
    stopping: float = STOPPING,
) -> AsyncIterator[App]:
    """Build the newsroom, start it, and stop it in the reverse order.

    Args:
        settings: the operator's.
        playground: serve Telegram on this machine and talk to that.
        clock: the time.
        ticking: whether time passes by itself; tests call the ticks by name.
        pacer: who may send when; Telegram's pace where none is given.
        rewrite: where an address is really asked, for tests that stand for the whole web; see `Fetcher`.
        stopping: seconds that running work may take to finish at the end.

    Raises:
        OperatorError: something that only the operator can mend; nothing is left running.
    """
    path = settings.database_path(playground=playground)
    await asyncio.to_thread(_migrate, path)
    async with AsyncExitStack() as stack:
        db = Database(path)
        stack.push_async_callback(db.close)
        town = await _open_playground(settings, db, path, clock) if playground else None
        figures: dict[str, Callable[[], float]] = {}
        room = Room(path.absolute().parent, settings.disk_min_free * MIB)
        server = await _serve(stack, settings, partial(health.look, db, clock, room), town, figures)
        address = _address(settings, server, town)
        api = await _open_api(stack, *address)
        paid = settings.paid_broadcast_rate
        pacer, pace = await _resume(pacer or Pacer(Book(paid=paid)), KeptPace(db, clock))
        sender = Sender(api, pacer, await db.read(meta.button_key), on_refusal=pace.refused)
        reader = await _open_reader(stack, settings, clock, town, server, rewrite)
        newsroom = await open_newsroom(_house(settings), db, clock, reader, room)
        await _load_feeds(settings, db, clock, town)
        await db.write(meta.note_address, server.url)
        deliveries = Deliveries(db, clock, sender, at_once=at_once(paid), paid=paid > 0)
        await deliveries.recover()
        poller = FeedPoller(db, clock, reader, _policy(settings, playground=playground), has_room=room.enough)
        keepers, doctor = _keepers(settings, db, clock, room), Doctor(db, clock, reader)
        answers = Answers(db, clock) if newsroom.comments else None
        runner = Runner(ticks(poller, newsroom, deliveries, *keepers, doctor=doctor, answers=answers))
        telegram = _application(*address, api, newsroom, sender)
        inbox = _inbox(db, clock, telegram)
        app = App(
            settings, db, server, town.telegram if town else None, newsroom, inbox, runner, pacer, deliveries
        )
        figures |= _figures(pacer, runner, room)
        talk = asyncio.create_task(_talk(app, api, telegram))
        stack.push_async_callback(_stop, app, talk, poller, pace, stopping)
        if ticking:
            runner.start()
        yield app


async def _resume(pacer: Pacer, pace: KeptPace) -> tuple[Pacer, KeptPace]:
    """Keep to what Telegram asked of the last run; gives both back."""
    kept = await pace.open()
    pacer.resume(kept.chats, kept.everybody, kept.slow)
    return pacer, pace


def _inbox(db: Database, clock: Clock, telegram: TelegramApplication) -> Inbox:
    async def work(received: Received) -> str:
        return await work_on(telegram, received.payload, received.received_at)

    async def excuse(received: Received) -> str:
        return await too_many(telegram, received.payload, received.received_at)

    return Inbox(db, clock, lane_of, work, excuse)


def _keepers(
    settings: Settings, db: Database, clock: Clock, room: Room
) -> tuple[Housekeeping, Safekeeping, Watching]:
    """Who removes what is old, who sees to it that nothing else gets lost, and who watches what is followed."""
    zone, owners = ZoneInfo(settings.default_timezone), settings.admin_ids
    safekeeping = Safekeeping(db, clock, zone, room, keep=settings.backup_keep, owners=owners)
    return Housekeeping(db, clock, timedelta(days=settings.retention_days)), safekeeping, Watching(db, clock)


def _figures(pacer: Pacer, runner: Runner, room: Room) -> dict[str, Callable[[], float]]:
    """What `/metrics` tells besides what the database knows."""
    failures = {f"tick_{name}_failures": record.failed for name, record in runner.records.items()}
    return {
        "answers_waiting": lambda: pacer.waiting()[0],
        "pushes_waiting": lambda: pacer.waiting()[1],
        "disk_free_bytes": lambda: float(room.free()),
        **failures,
    }


async def _stop(
    app: App, talk: asyncio.Task[None], poller: FeedPoller, pace: KeptPace, seconds: float
) -> None:
    """No new updates, no new claims; running work may finish; what takes too long is taken up at the next start."""
    talk.cancel()
    app.runner.stop()
    poller.stop()
    app.deliveries.stop()
    with suppress(asyncio.CancelledError):
        await talk
    await asyncio.gather(_finish(app.inbox, seconds), app.runner.drain(seconds))
    await app.newsroom.reading.stop()
    await pace.close()
    if app.failure.done() and not app.failure.cancelled():
        app.failure.exception()


async def _finish(inbox: Inbox, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await inbox.drain()
    except TimeoutError:
        inbox.stop()
        await inbox.drain()


def _migrate(path: Path) -> None:
    done = migrate.migrate(path)
    if done.copy is not None:
        log.info(
            "the database was brought from %s to %s; a copy of before is %s",
            done.before,
            done.after,
            done.copy,
        )


async def _open_playground(settings: Settings, db: Database, path: Path, clock: Clock) -> Town:
    opened_at = await db.read(feeds.first_added) or clock()
    journal = path.with_suffix(".chats.jsonl")
    return open_town(clock, opened_at, journal, settings.newsroom_name, settings.http_host)


async def _serve(
    stack: AsyncExitStack,
    settings: Settings,
    look: Callable[..., Awaitable[Health]],
    town: Town | None,
    figures: dict[str, Callable[[], float]],
) -> Server:
    def read() -> dict[str, float]:
        return {name: figure() for name, figure in figures.items()}

    pages = Pages(look, read)
    routes: list[Any] = list(pages.routes())
    if town is not None:
        routes += [*town.telegram.routes(), *town.wire.routes()]
    # Whoever tries the playground out has not thought about ports.
    easy = town is not None and "http_port" not in settings.model_fields_set
    server = Server(routes, settings.http_host, settings.http_port, or_another=easy)
    stack.push_async_callback(server.stop)
    if town is not None:
        # Before the server stops: its open streams and polls would be waited for.
        stack.push_async_callback(town.telegram.close)
    await server.start()
    return server


async def _open_api(stack: AsyncExitStack, url: str, token: str) -> Api:
    api = Api(url, token)
    await api.open()
    stack.push_async_callback(api.close)
    return api


def _address(settings: Settings, server: Server, town: Town | None) -> tuple[str, str]:
    """The Bot API server and the token for it.

    Raises:
        TelegramRefuses: there is no token.
    """
    if town is not None:
        return server.url, town.token
    if settings.telegram_bot_token is None:
        raise TelegramRefuses(
            "TELEGRAM_BOT_TOKEN is not set. BotFather gives one; `paperboy run --playground` needs none."
        )
    return settings.telegram_api_url, settings.telegram_bot_token.get_secret_value()


async def _open_reader(
    stack: AsyncExitStack,
    settings: Settings,
    clock: Clock,
    town: Town | None,
    server: Server,
    rewrite: Callable[[str], str],
) -> FeedReader:
    def on_the_wire(url: str) -> str:
        return town.wire.local(url, server.url) if town else rewrite(url)

    fetcher = await stack.enter_async_context(
        Fetcher(
            user_agent=USER_AGENT, clock=clock, allowed=settings.fetch_allow_networks, rewrite=on_the_wire
        )
    )
    workers = await stack.enter_async_context(Workers())
    return FeedReader(fetcher, workers, clock)


def _house(settings: Settings) -> House:
    return House(
        name=settings.newsroom_name,
        language=settings.default_language,
        zone=settings.default_timezone,
        owners=settings.admin_ids,
        comments=settings.comments == "on",
        listed_words=settings.comment_words,
        rules=Rules(
            settings.broadcast_daily_cap,
            settings.broadcast_confirm_over,
            settings.paid_broadcast_rate or A_SECOND,
        ),
    )


async def _load_feeds(settings: Settings, db: Database, clock: Clock, town: Town | None) -> None:
    if town is not None and settings.feeds_file is None:
        data, name = town.wire.opml(), "the sample wire"
    else:
        data, name = await asyncio.to_thread(catalogue, settings.feeds_file)
    loaded = await FeedList(db, clock).load(data, name)
    log.info("feeds in %s: %d, of them new: %d", name, loaded.named, loaded.new)
    if loaded.broken_at:
        log.warning("%s is broken from line %d on; feeds behind it may be missing", name, loaded.broken_at)
    if not loaded.named:
        log.warning("%s names no feed", name)
    await db.write(feeds.release_all)


def _policy(settings: Settings, *, playground: bool) -> Policy:
    shortest, longest = settings.poll_interval_min, settings.poll_interval_max
    if playground:
        shortest = PLAYGROUND_PACE[0] if "poll_interval_min" not in settings.model_fields_set else shortest
        longest = PLAYGROUND_PACE[1] if "poll_interval_max" not in settings.model_fields_set else longest
    return Policy(Pace(timedelta(seconds=shortest), timedelta(seconds=max(shortest, longest))))


def _application(url: str, token: str, api: Api, newsroom: Newsroom, sender: Sender) -> TelegramApplication:
    builder = Application.builder().token(token).base_url(f"{url}/bot").base_file_url(f"{url}/file/bot")
    builder = builder.request(LibraryRequest(api)).get_updates_request(LibraryRequest(api))
    built = builder.updater(None).job_queue(None).context_types(ContextTypes(context=Context)).build()
    application = cast("TelegramApplication", built)
    application.bot_data["rooms"] = Rooms(newsroom, sender)
    newsroom.campaigns.show_on(partial(show, sender))
    register(application)
    return application


async def _talk(app: App, api: Api, telegram: TelegramApplication) -> None:
    """Say who we are, take up what was left, then listen; a refusal for good ends the newsroom."""
    try:
        await introduce(telegram.initialize)
        app.bot_name = telegram.bot.username
        log.info("connected to Telegram as @%s", telegram.bot.username)
        voices = {language: notices.profile(language, app.newsroom.name) for language in LANGUAGES}
        presenting = asyncio.create_task(present(api, voices))
        try:
            await _listen(app, api)
        finally:
            presenting.cancel()
    except TelegramRefuses as error:
        app.failure.set_exception(error)
    except Exception as error:
        log.exception("the conversation with Telegram ended")
        if not app.failure.done():
            app.failure.set_exception(error)


async def _listen(app: App, api: Api) -> None:
    """Answer what the last run left, then whatever comes."""
    left = await app.inbox.resume()
    if left:
        log.info("%d messages of the last run are being answered", left)
    app.connected.set()
    async for group in updates(api):
        await app.inbox.receive(group)
