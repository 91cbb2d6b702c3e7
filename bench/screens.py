"""The pictures in docs/screens: one of each family of screens, as readers and editors meet them in the playground.

Everything in them comes from the sample wire, and the clock stands still, so the same code makes the same pictures.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from playwright.async_api import async_playwright, expect

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `bench`, which is no package

from bench._phone import Clock, newsroom, phone
from bench._pictures import small
from bench._screens import FAMILIES, MAYA, NORA, OTHERS, Screen
from bot.domain.news import FeedEntry
from bot.domain.people import Person as Colleague
from bot.domain.people import Role
from bot.playground.people import EDITH
from bot.storage import feeds, people, readers
from bot.storage.tables import feeds as feeds_table
from bot.storage.tables import readers as readers_table

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, ViewportSize

    from bot.app import App
    from bot.storage.database import Connection

FOLDER: Final = Path(__file__).parents[1] / "docs" / "screens"
PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
NOW: Final = datetime(2026, 11, 26, 7, 40, tzinfo=UTC)
PAUSE: Final = timedelta(seconds=5)
HEAD: Final = """# Screens

What readers and editors see, in the playground's chat page on a phone of 360 pixels. `make screens` makes these pictures
anew: the clock stands still and the news are the sample wire's (invented, but for four stories of the Voice of America,
which are in the public domain), so the same code makes the same pictures. `bench/_screens.py` says what is done for each."""

GONE: Final = FeedEntry("https://harbourpost.example/gone.xml", "The Gull Gazette", "World", "en")
"""A feed that fails, so that the desk has something to say."""


def main() -> int:
    """Make the pictures; the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--to", type=Path, default=FOLDER, help="the folder (%(default)s)")
    given = arguments.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("There is no chromium here to take pictures with; on Debian: apt install chromium")
        return 1
    given.to.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(chromium, given.to))
    (given.to / "README.md").write_text(listed(), "utf-8")
    return 0


def listed() -> str:
    """The page that shows all pictures, in Markdown."""
    parts = [HEAD]
    for title, screens in FAMILIES.items():
        named = [one for one in screens if one.name]
        rows = []
        for three in (named[start : start + 3] for start in range(0, len(named), 3)):
            rows += [[f"![{one.shows}]({one.name}.png)" for one in three], [one.shows for one in three]]
        head, *rest = (f"| {' | '.join(row)} |" for row in rows)
        parts += [f"## {title}", "\n".join((head, "|---" * min(3, len(named)) + "|", *rest))]
    return "\n\n".join(parts) + "\n"


async def take(chromium: str, folder: Path) -> None:
    """Go through all screens, and put a picture of each into the folder."""
    clock = Clock(NOW)
    async with newsroom(clock, admin_ids=(EDITH,)) as running, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        assert running.playground is not None
        for person in OTHERS:
            running.playground.add_person(person)
        studio = Studio(running, clock, browser)
        await studio.news()
        await running.db.write(feeds.add, [GONE], clock())
        blank = await browser.new_page()
        for screen in chain(*FAMILIES.values()):
            page = await studio.reach(screen)
            if screen.name:
                picture = await small(blank, await page.screenshot())
                (folder / f"{screen.name}.png").write_bytes(picture)
                print(f"{screen.name}: {len(picture) / 1024:.0f} KB")
        await browser.close()


@dataclass(slots=True)
class Studio:
    """Everybody's phones, and the newsroom that they look at."""

    running: App
    clock: Clock
    browser: Browser
    _phones: dict[tuple[int, bool], Page] = field(default_factory=dict)

    async def reach(self, screen: Screen) -> Page:
        """Do what leads to a screen; the phone that shows it from the beginning of its newest message."""
        for step in screen.steps:
            # Telegram takes one message a second for a chat, also by a clock that stands.
            self.clock.now += PAUSE
            await self._do(await self._phone(screen.who, dark=False), step)
            await asyncio.wait_for(self.running.inbox.drain(), 10)
        page = await self._phone(screen.who, dark=screen.dark)
        await settle(page)
        return page

    async def news(self) -> None:
        """Look at the feeds that are due one after the other: side by side, chance would give stories their numbers."""
        due = feeds_table.c.state == "active", feeds_table.c.next_check_at <= self.clock.now
        statement = sa.select(feeds_table.c.id).where(*due).order_by(feeds_table.c.id)
        ids = await self.running.db.read(lambda c: list(c.execute(statement).scalars()))
        await self._look(ids, self.clock.now + timedelta(days=1))
        for one in ids:
            await self._look([one], self.clock.now)
            await self.running.runner.run("poll")

    async def _look(self, ids: list[int], at: datetime) -> None:
        """Let feeds be due at a time."""
        later = sa.update(feeds_table).where(feeds_table.c.id.in_(ids)).values(next_check_at=at)
        await self.running.db.write(lambda c: c.execute(later))

    async def _phone(self, who: int, *, dark: bool) -> Page:
        """A phone of somebody's, on which it is now."""
        if (who, dark) not in self._phones:
            url, colours = self.running.server.url, "dark" if dark else "light"
            self._phones[who, dark] = await phone(
                self.browser, url, self.clock, colours, PHONE, sharpness=1, person=who
            )
        page = self._phones[who, dark]
        await page.clock.set_fixed_time(self.clock.now)
        return page

    async def _do(self, page: Page, step: str) -> None:
        verb, _, what = step.partition(" ")
        before = await state(page)
        if verb == "at":
            hour, minute = map(int, what.split(":"))
            self.clock.now = self.clock.now.replace(hour=hour, minute=minute, second=0)
            return
        if verb == "tick":
            await (self.news() if what == "poll" else self.running.runner.run(what))
            return
        if verb == "crowd":
            await self._let_in(int(what))
            return
        if verb == "press":
            await page.get_by_role("button", name=what, exact=True).click()
        elif verb == "tap":
            await page.locator(".key").filter(has_text=what).last.click(timeout=5000)
        else:
            await page.locator("textarea").fill(what)
            await page.keyboard.press("Enter")
        for _ in range(200):
            if await state(page) != before:
                return
            await page.wait_for_timeout(50)
        raise TimeoutError(f"nothing came after: {step}")

    async def _let_in(self, number: int) -> None:
        """So many more readers; nobody is a newcomer any more, whose first comment waits, and Nora moderates."""
        assert self.running.playground is not None
        found = await self.running.db.read(readers.get, MAYA)
        assert found is not None
        early = self.clock.now - timedelta(days=3)
        more = [
            replace(found, chat_id=chat_id, joined_at=early)
            for chat_id in self.running.playground.add_people(number)
        ]

        def write(connection: Connection) -> None:
            for one in more:
                readers.add(connection, one)
            people.appoint(connection, Colleague(NORA, Role.MODERATOR, "Nora", self.clock.now))
            connection.execute(sa.update(readers_table).values(joined_at=early))

        await self.running.db.write(write)


async def state(page: Page) -> str:
    """All that the bot's messages and their buttons say."""
    return "\n".join(await page.locator(".message.in").all_inner_texts())


async def settle(page: Page) -> None:
    """Show the newest message from its beginning, or all of it where it fits."""
    last = page.locator(".message.in").last
    await expect(last).to_be_visible()
    await page.wait_for_timeout(200)
    await last.evaluate("message => (log.scrollTop = message.offsetTop - 6)")
    await page.wait_for_timeout(200)
    # How much other people have not read yet is a matter of moments, and not of this phone.
    await page.evaluate("document.querySelectorAll('.badge').forEach((badge) => badge.remove())")


if __name__ == "__main__":
    sys.exit(main())
