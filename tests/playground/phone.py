"""A phone for tests: the chat page in Debian's Chromium, and fingers that find what they press."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from bot import app, config
from bot.gateway.pacing import Book, Pacer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Locator, Page, ViewportSize

    from tests.town import TownClock

CHROMIUM = shutil.which("chromium")
PHONE: ViewportSize = {"width": 360, "height": 720}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
BROWSER = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here to open the chat page with"),
]
"""What marks the tests that need one."""


@asynccontextmanager
async def opened(
    browser: Browser, url: str, size: ViewportSize = PHONE, *, excused: tuple[str, ...] = (), **options: Any
) -> AsyncIterator[Page]:
    """The page at `url`, which must raise no error, ask for nothing in vain and stay inside the screen.

    Troubles that hold one of the words in `excused` are let pass.
    """
    context = await browser.new_context(
        viewport=size, timezone_id="Europe/London", reduced_motion="reduce", **options
    )
    context.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    troubles: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
    page.on("requestfailed", lambda request: troubles.append(f"failed: {request.url}"))
    page.on("console", lambda told: troubles.append(f"{told.type}: {told.text} {told.location['url']}"))
    await page.goto(url)
    yield page
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert await page.evaluate("log.scrollWidth <= log.clientWidth"), "something is wider than the chat"
    await context.close()
    assert [trouble for trouble in troubles if not any(word in trouble for word in excused)] == []


def newest(page: Page) -> Locator:
    """The newest message of the bot."""
    return page.locator(".message.in").last


def key(page: Page, label: str) -> Locator:
    """The newest button with exactly this label."""
    return page.locator(".message .key").get_by_text(label, exact=True).last


async def say(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.keyboard.press("Enter")


@asynccontextmanager
async def newsroom(folder: Path, clock: TownClock, port: int = 0, **settings: Any) -> AsyncIterator[app.App]:
    chosen = config.load(
        None,
        database_url=f"sqlite:///{folder / 'news.db'}",
        http_port=port,
        newsroom_name="Harbour News",
        default_timezone="Europe/London",
        **settings,
    )
    quick = Pacer(Book(rate=2000, chat_rate=2000))
    async with app.open_app(chosen, playground=True, clock=clock, ticking=False, pacer=quick) as running:
        async with asyncio.timeout(10):
            await running.connected.wait()
        yield running


async def set_up(page: Page) -> None:
    await expect(page.locator(".welcome")).to_contain_text("What can this bot do?")
    await expect(page.locator(".welcome")).to_contain_text("the news of the day in one message")
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(newest(page)).to_contain_text("1 of 3. Which languages do you read?")
    await key(page, "Next").click()
    await expect(newest(page)).to_contain_text("2 of 3. What shall your digest be about?")
    await key(page, "Next").click()
    await expect(newest(page)).to_contain_text("What time is it for you now?")
    await key(page, "04:30").click()
    await key(page, "London").click()
    await key(page, "08:00").click()
    await expect(newest(page)).to_contain_text("Done. First digest: today, 08:00 (London).")
    await expect(newest(page).locator(".text a[target=_blank]")).to_have_count(3)
    assert await page.locator(".message").count() == 2, "the conversation is one message, edited in place"
