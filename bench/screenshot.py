"""The picture of the README: the newsroom in the playground, seen on two phones, one by day and one by night.

Everything in it comes from the sample wire, and the clock stands still, so the same code makes the same picture.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.async_api import async_playwright, expect

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `bench`, which is no package

from bench._phone import Clock, newsroom, phone

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, ViewportSize

PICTURE: Final = Path(__file__).parents[1] / "docs" / "newsroom.png"
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
SETTING_UP: Final = datetime(2026, 11, 26, 7, 52, tzinfo=UTC)
DIGEST: Final = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
DESKS: Final = ("Health", "Technology")
STORY: Final = "2"
"""The number of the story that is opened."""

DESK: Final = """<!doctype html>
<style>
  body { display: flex; align-items: start; gap: 36px; width: max-content; margin: 0; padding: 20px 28px 36px; }
  img { width: 390px; border-radius: 30px; border: 1px solid #8fa1b066; box-shadow: 0 10px 26px #10203055; }
</style>
"""


def main() -> int:
    """Make the picture; the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--to", type=Path, default=PICTURE, help="where it is written (%(default)s)")
    given = arguments.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("There is no chromium here to take a picture with; on Debian: apt install chromium")
        return 1
    picture = asyncio.run(take(chromium))
    given.to.parent.mkdir(parents=True, exist_ok=True)
    given.to.write_bytes(picture)
    print(f"{given.to}: {len(picture) / 1024:.0f} KB")
    return 0


async def take(chromium: str) -> bytes:
    """The picture as a PNG."""
    clock = Clock(SETTING_UP)
    async with newsroom(clock) as running, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await running.runner.run("poll")
        day = await phone(browser, running.server.url, clock, "light", PHONE)
        await set_up(day)
        clock.now = DIGEST
        for tick in ("poll", "compose", "deliver"):
            await running.runner.run(tick)
        digest = day.locator(".message.in").last
        await expect(digest).to_contain_text("That is all.")
        await digest.evaluate("message => (log.scrollTop = message.offsetTop - 6)")
        by_day = await day.screenshot()
        await digest.get_by_role("button", name=STORY, exact=True).click()
        await expect(day.locator(".message.in .replied")).to_be_visible()
        night = await phone(browser, running.server.url, clock, "dark", PHONE)
        await expect(night.locator(".message.in .replied")).to_be_visible()
        both = await side_by_side(browser, by_day, await night.screenshot())
        await browser.close()
    return both


async def set_up(page: Page) -> None:
    """Go through the first conversation, with the desks that the picture shows."""

    async def tap(label: str) -> None:
        await page.locator(".key").get_by_text(label, exact=True).last.click()

    await page.get_by_role("button", name="Start", exact=True).click()
    await tap("Next")
    for ticked in ("✓ World", "✓ Science"):
        await tap(ticked)
    for desk in DESKS:
        await tap(desk)
        await expect(page.locator(".key").get_by_text(f"✓ {desk}")).to_be_visible()
    await tap("Next")
    await expect(page.locator(".message.in").last).to_contain_text("What time is it for you now?")
    await page.locator(".key").last.click()
    await expect(page.locator(".message.in").last).to_contain_text("Done.")


async def side_by_side(browser: Browser, *pictures: bytes) -> bytes:
    """Phones beside one another on nothing."""
    page = await browser.new_page(viewport={"width": 1000, "height": 1000}, device_scale_factor=2)
    shown = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(picture).decode()}">' for picture in pictures
    )
    await page.set_content(DESK + shown)
    return await page.locator("body").screenshot(omit_background=True)


if __name__ == "__main__":
    sys.exit(main())
