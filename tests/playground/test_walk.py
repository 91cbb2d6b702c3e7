"""A walk through the newsroom in Debian's Chromium, as one person on a phone: reading on, comments, the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from bot.playground.people import CAST
from tests.playground.phone import BROWSER, key, newest, newsroom, opened, say, set_up
from tests.town import TownClock

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from bot import app

MAYA, IRINA = CAST[0], CAST[1]

pytestmark = BROWSER


@pytest.mark.timeout(120)
async def test_a_day_of_reading_talking_and_running_the_place(browser: Browser, tmp_path: Path) -> None:
    clock = TownClock()
    async with newsroom(tmp_path, clock, admin_ids=(MAYA.id,)) as running:
        await running.runner.run("poll")
        async with opened(browser, running.server.url, has_touch=True, is_mobile=True) as page:
            await set_up(page)
            await read_on(page)
            await follow(page)
            await less(page)
            await my_data(page)
            await comment(page)
            await run_the_feeds(page)
            await run_the_place(page)
            await let_irina_in(page)
            await send_to_many(page, running, clock)


async def read_on(page: Page) -> None:
    await say(page, "pry Russia away")
    await key(page, "Related").click()
    await expect(newest(page)).to_contain_text("Related to: Can the US pry Russia away from China")
    await key(page, "To the story").click()
    await key(page, "Brief").click()
    await expect(newest(page)).to_contain_text("In brief")
    await key(page, "1").click()
    await expect(newest(page).locator(".text b").last).to_be_visible()
    await say(page, "/brief")
    await expect(newest(page)).to_contain_text("The day in 5 sentences")


async def follow(page: Page) -> None:
    await say(page, "/follow ceasefire talks")
    await expect(newest(page)).to_contain_text("ceasefire talks")
    await say(page, "/following")
    await expect(newest(page)).to_contain_text("You follow 1 item")
    await key(page, "1").click()
    await key(page, "Filters").click()
    await key(page, "Hide words …").click()
    await key(page, "Headline").click()
    await say(page, "Putin")
    await expect(newest(page)).to_contain_text("it would have hidden")
    await key(page, "Keep").click()
    await expect(newest(page)).to_contain_text("Not with “Putin” in the headline")


async def less(page: Page) -> None:
    await say(page, "/stop")
    await key(page, "Only weekends").click()
    await expect(newest(page)).to_contain_text("Only on weekends")
    await key(page, "Undo").click()
    await expect(newest(page)).to_contain_text("Next digest: today, 08:00 (London)")


async def my_data(page: Page) -> None:
    await say(page, "/privacy")
    await key(page, "Download").click()
    await expect(newest(page).locator(".file")).to_be_visible()


async def comment(page: Page) -> None:
    await say(page, "pry Russia away")
    await key(page, "Comments").click()
    await key(page, "Write the first").click()
    await expect(newest(page)).to_contain_text("Be kind, stay on the subject")
    await key(page, "My first name").click()
    await say(page, "I doubt that it will.")
    await expect(newest(page)).to_contain_text("Posted.")
    await key(page, "Comments 1").click()
    await expect(newest(page)).to_contain_text("I doubt that it will.")


async def run_the_feeds(page: Page) -> None:
    await say(page, "/desk")
    await expect(newest(page)).to_contain_text("Desk of Harbour News")
    await key(page, "Feeds").click()
    await expect(key(page, "Add feeds")).to_be_visible()
    await key(page, "1").click()
    await key(page, "Rename").click()
    await say(page, "The Renamed Times")
    await expect(newest(page)).to_contain_text("Renamed.")
    await key(page, "Texts").click()
    await key(page, "Teaser").click()
    await expect(newest(page)).to_contain_text("Readers see its teasers here")
    await key(page, "Remove").click()
    await expect(newest(page)).to_contain_text("this can be taken back")
    await key(page, "Remove").click()
    await key(page, "Take it back").click()
    await expect(newest(page)).to_contain_text("It is fetched again.")
    await key(page, "Feeds").click()
    await key(page, "Add feeds").click()
    await say(page, "https://harbourpost.example/feeds/world.xml")
    await expect(newest(page)).to_contain_text("This feed is here already.")


async def run_the_place(page: Page) -> None:
    await say(page, "/desk")
    await key(page, "People").click()
    await key(page, "Invite an editor").click()
    await expect(newest(page)).to_contain_text("?start=")
    await say(page, "/desk")
    await key(page, "Numbers").click()
    await expect(newest(page)).to_contain_text("1 reader")
    await key(page, "Feed health").click()
    await expect(page.locator(".message.in img").last).to_be_visible()
    await say(page, "/log")
    await expect(newest(page)).to_contain_text("The Renamed Times")


async def let_irina_in(page: Page) -> None:
    await turn_to(page, MAYA.first_name, IRINA.first_name)
    await page.get_by_role("button", name="Start", exact=True).click()
    for question in ("1 из 3", "2 из 3"):
        await expect(newest(page)).to_contain_text(question)
        await key(page, "Дальше").click()
    await newest(page).get_by_role("button", name="Сводка 08:00").click()
    await expect(newest(page)).to_contain_text("Готово.")
    await turn_to(page, IRINA.first_name, MAYA.first_name)


async def turn_to(page: Page, holder: str, other: str) -> None:
    """Take somebody else's phone."""
    await page.get_by_role("button", name=f"People; this is {holder}'s phone").click()
    await page.get_by_role("button", name=other).click()


async def send_to_many(page: Page, running: app.App, clock: TownClock) -> None:
    await say(page, "pry Russia away")
    await expect(key(page, "Read")).to_be_visible()
    await say(page, "/broadcast 1 Worth your evening.")
    await expect(newest(page)).to_contain_text("Readers who get it: 1")
    await key(page, "Send now").click()
    await expect(newest(page)).to_contain_text("Goes out in 10 seconds.")
    for tick in ("broadcast", "deliver", "broadcast"):
        clock.advance(seconds=10)
        await running.runner.run(tick)
    await expect(newest(page)).to_contain_text("It was sent.")
    await turn_to(page, MAYA.first_name, IRINA.first_name)
    await expect(newest(page)).to_contain_text("Worth your evening.")
