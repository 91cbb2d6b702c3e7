"""The pictures in docs/screens: one of each family of screens, as a reader meets them in the playground.

Everything in them comes from the sample wire, and the clock stands still, so the same code makes the same pictures.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.async_api import async_playwright, expect

from bench._phone import Clock, newsroom, phone

if TYPE_CHECKING:
    from playwright.async_api import Page, ViewportSize

FOLDER: Final = Path(__file__).parents[1] / "docs" / "screens"
PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
NOW: Final = datetime(2026, 11, 26, 7, 52, tzinfo=UTC)
PAUSE: Final = timedelta(seconds=5)

SCREENS: Final = (
    ("start", "press Start"),
    ("desks", "tap Next"),
    ("clock", "tap Next"),
    ("done", "tap Digest"),
    ("latest", "say /latest"),
    ("latest-of-a-desk", "say /latest science"),
    ("search", "say /search the"),
    ("search-none", "say /search zeppelin harbour"),
    ("card", "say lamplighters"),
    ("story", "say /read 1"),
    ("brief-of-the-day", "say /brief"),
    ("related", "say /related 1"),
    ("saved", "say /saved"),
    ("settings", "say /settings"),
    ("help", "say /help"),
)
"""The families in the order in which a reader would meet them: the picture's name, and what is done for it."""


def main() -> int:
    """Make the pictures; the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--to", type=Path, default=FOLDER, help="the folder (%(default)s)")
    arguments.add_argument("--dark", action="store_true", help="as they look by night")
    given = arguments.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("There is no chromium here to take pictures with; on Debian: apt install chromium")
        return 1
    given.to.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(chromium, given.to, "dark" if given.dark else "light"))
    return 0


async def take(chromium: str, folder: Path, colours: str) -> None:
    """Go through all screens, and take a picture of each."""
    clock = Clock(NOW)
    async with newsroom(clock) as running, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await running.runner.run("poll")
        page = await phone(browser, running.server.url, clock, colours, PHONE, sharpness=1)
        for name, step in SCREENS:
            # Telegram takes one message a second for a chat, also by a clock that stands.
            clock.now += PAUSE
            await page.clock.set_fixed_time(clock.now)
            await do(page, step)
            await asyncio.wait_for(running.inbox.drain(), 10)
            await settle(page)
            (folder / f"{name}.png").write_bytes(await page.screenshot())
            print(name)
        await browser.close()


async def do(page: Page, step: str) -> None:
    """One step of the reader's: `say` something, `tap` a button of the bot's, `press` one of the page's."""
    verb, _, what = step.partition(" ")
    before = await page.locator(".message.in").count()
    edited = await last_words(page)
    if verb == "press":
        await page.get_by_role("button", name=what, exact=True).click()
    elif verb == "tap":
        await page.locator(".key").filter(has_text=what).last.click()
    else:
        await page.locator("textarea").fill(what)
        await page.keyboard.press("Enter")
    for _ in range(200):
        if await page.locator(".message.in").count() > before or await last_words(page) != edited:
            return
        await page.wait_for_timeout(50)
    raise TimeoutError(f"nothing came after: {step}")


async def last_words(page: Page) -> str:
    """What the newest message of the bot says."""
    messages = page.locator(".message.in")
    return await messages.last.inner_text() if await messages.count() else ""


async def settle(page: Page) -> None:
    """Show the newest message from its beginning, or all of it where it fits."""
    last = page.locator(".message.in").last
    await expect(last).to_be_visible()
    await last.evaluate("message => (log.scrollTop = message.offsetTop - 6)")
    await page.wait_for_timeout(200)


if __name__ == "__main__":
    sys.exit(main())
