"""A newsroom in the playground for pictures: on a clock that stands, and phones that look at it."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot import app, config
from bot.gateway.pacing import Book, Pacer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from playwright.async_api import Browser, Page, ViewportSize


class Clock:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time."""
        return self.now


@asynccontextmanager
async def newsroom(clock: Clock, admin_ids: tuple[int, ...] = ()) -> AsyncIterator[app.App]:
    """A newsroom in a folder that is thrown away, with these owners."""
    with tempfile.TemporaryDirectory() as folder:
        settings = config.load(
            None,
            database_url=f"sqlite:///{folder}/news.db",
            http_port=0,
            newsroom_name="Harbour News",
            default_timezone="Europe/London",
            admin_ids=admin_ids,
        )
        # Whoever moves the clock keeps to Telegram's pace by it.
        pacer = Pacer(Book(rate=2000, chat_rate=2000))
        async with app.open_app(
            settings, playground=True, clock=clock, ticking=False, pacer=pacer
        ) as running:
            await running.connected.wait()
            yield running


async def phone(
    browser: Browser,
    url: str,
    clock: Clock,
    colours: str,
    size: ViewportSize,
    *,
    sharpness: int = 2,
    person: int | None = None,
) -> Page:
    """The chat page on a phone of its own, in the hands of a person, or of the first one."""
    context = await browser.new_context(
        viewport=size,
        device_scale_factor=sharpness,
        color_scheme="dark" if colours == "dark" else "light",
        reduced_motion="reduce",
        timezone_id="Europe/London",
        locale="en-GB",
        is_mobile=True,
        has_touch=True,
    )
    page = await context.new_page()
    await page.clock.set_fixed_time(clock())
    await page.goto(url if person is None else f"{url}?person={person}")
    return page
