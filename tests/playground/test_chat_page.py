"""The chat page in Debian's Chromium: a newcomer's first evening, every kind of entity, and a server that goes away."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from playwright.async_api import expect

from bot.domain.message import units
from bot.playground.people import CAST
from bot.playground.playground import Playground
from bot.playground.serving import serve
from tests.playground.conftest import TOKEN
from tests.playground.phone import BROWSER, DESKTOP, key, newest, newsroom, opened, say, set_up
from tests.town import TownClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from bot import app
    from tests.playground.conftest import Clock, Telegram

IRINA, SALMA = CAST[1], CAST[2]
ALONE = ("/wire/hosts.json",)
"""A playground without a newsroom has no sample wire, and says so."""

pytestmark = BROWSER


async def test_a_newcomer_sets_up_reads_and_finds_everything_after_a_restart(
    browser: Browser, tmp_path: Path
) -> None:
    clock = TownClock()
    async with newsroom(tmp_path, clock) as first:
        await first.runner.run("poll")
        port = first.server.port
        async with opened(browser, first.server.url, has_touch=True, is_mobile=True) as page:
            await set_up(page)
            await read(page)
            await receive_the_digest(page, first, clock)
            seen = await page.locator(".message").all_inner_texts()
            await switch_person(page)
    async with newsroom(tmp_path, clock, port) as second, opened(browser, second.server.url) as page:
        await expect(newest(page)).to_contain_text("That is all.")
        assert await page.locator(".message").all_inner_texts() == seen
        await key(page, "Settings").click()
        await expect(newest(page)).to_contain_text("Next digest: tomorrow, 08:00 (London)")


async def read(page: Page) -> None:
    await key(page, "1").click()
    await expect(newest(page).locator(".text a[href*='?start=s']").last).to_be_visible()
    await expect(newest(page).locator(".replied")).to_contain_text("Harbour News")
    await expect(key(page, "✓ 1")).to_be_visible()
    await key(page, "Save").click()
    await expect(key(page, "✓ Saved")).to_be_visible()
    await say(page, "pry Russia away")
    await key(page, "Read").click()
    await expect(newest(page)).to_contain_text("Page 1 of")
    first_page = await newest(page).locator(".text").inner_text()
    await key(page, "Next page").click()
    await expect(newest(page)).to_contain_text("Page 2 of")
    await key(page, "Back").click()
    await expect(newest(page)).to_contain_text("Page 1 of")
    assert (await newest(page).locator(".text").inner_text()).startswith(first_page.splitlines()[0])
    source = key(page, "Source page").locator("xpath=ancestor::a")
    await expect(source).to_have_attribute("rel", "noopener noreferrer")
    await expect(source).to_have_attribute(
        "href", "/wire/voanews.example/news/can-the-us-pry-russia-away-from-china"
    )


async def receive_the_digest(page: Page, running: app.App, clock: TownClock) -> None:
    clock.advance(hours=3, minutes=31)
    for tick in ("poll", "compose", "deliver"):
        await running.runner.run(tick)
    await expect(newest(page)).to_contain_text("Tuesday 24 November · morning")
    quotation = newest(page).locator("blockquote.foldable")
    folded = await quotation.evaluate("quotation => quotation.offsetHeight")
    await quotation.get_by_role("button", name="Show all").click()
    assert await quotation.evaluate("quotation => quotation.offsetHeight") > 2 * folded
    await quotation.get_by_role("button", name="Show less").click()
    assert await quotation.evaluate("quotation => quotation.offsetHeight") == folded


async def switch_person(page: Page) -> None:
    await page.get_by_role("button", name="People; this is Maya's phone").click()
    await page.get_by_role("button", name="Ирина").click()
    await expect(page.locator(".welcome")).to_contain_text("новости дня")
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(newest(page)).to_contain_text("На каких языках вы читаете?")


GAPS = """(drawn, word) => {
  const walker = document.createTreeWalker(drawn, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && !walker.currentNode.data.includes(word));
  const range = document.createRange(), at = walker.currentNode.data.indexOf(word);
  range.setStart(walker.currentNode, at);
  range.setEnd(walker.currentNode, at + word.length);
  const inner = range.getBoundingClientRect(), outer = drawn.getBoundingClientRect();
  return [inner.left - outer.left, outer.right - inner.right];
}"""
"""Pixels between a word and the left and right edges of its text."""
KEYS = {
    "inline_keyboard": [
        [{"text": "Next", "callback_data": "next"}, {"text": "Stop", "callback_data": "stop"}],
        [
            {
                "text": "Share",
                "url": "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fdesk_bot%3Fstart%3Ds1&text=A+bridge",
            }
        ],
    ]
}


def entity(kind: str, text: str, words: str, **more: Any) -> dict[str, Any]:
    """An entity over the first place of `words` in `text`."""
    offset = units(text[: text.index(words)])
    return {"type": kind, "offset": offset, "length": units(words), **more}


async def test_every_entity_is_drawn_where_it_belongs(browser: Browser, telegram: Telegram) -> None:
    quotation = "A long quotation that has to be folded. " * 8
    text = (
        "🧑‍🚀 <b>so</b> bold italic hidden one two\nA short word\nשורה בעברית\nEnglish\n"
        f"{quotation}\nat six, /latest #harbour example.com"
    )
    entities = [
        entity("bold", text, "bold italic"),
        entity("italic", text, "italic"),
        entity("spoiler", text, "hidden"),
        entity("spoiler", text, "two"),
        entity("blockquote", text, "A short word"),
        entity("expandable_blockquote", text, quotation),
        entity("date_time", text, "at six", unix_time=1_795_500_000, date_time_format="wDT"),
    ]
    sent = await telegram.send(text, entities=entities)
    async with opened(browser, telegram.base, excused=ALONE, locale="en-GB") as page:
        drawn = newest(page).locator(".text")
        await expect(drawn).to_contain_text("🧑‍🚀 <b>so</b> bold italic")
        await expect(drawn.locator("b")).to_have_text("bold italic")
        await expect(drawn.locator("b i")).to_have_text("italic")
        await expect(drawn.locator("blockquote").first).to_have_text("A short word")
        await expect(drawn.locator("time").first).to_have_text("Tuesday, 24 November 2026, 06:00:00")
        await expect(drawn.locator("time").first).to_have_attribute("title", "at six")
        await expect(drawn.locator(".hashtag")).to_have_text("#harbour")
        await expect(drawn.get_by_text("example.com")).to_have_attribute("href", "http://example.com/")
        assert (await drawn.evaluate(GAPS, "שורה בעברית"))[1] < 2
        assert (await drawn.evaluate(GAPS, "English"))[0] < 2
        hidden = drawn.get_by_role("button", name="Hidden; show")
        await expect(hidden).to_have_count(2)
        await hidden.first.press("Enter")
        await expect(hidden).to_have_count(0)
        await drawn.get_by_role("button", name="Show all").click()
        await telegram.ok("editMessageText", **place(sent), text=f"{text}!", entities=entities)
        await expect(newest(page)).to_contain_text("edited")
        await expect(drawn.locator(".spoiler.open")).to_have_count(2)
        await expect(drawn.get_by_role("button", name="Show less")).to_be_visible()
        await drawn.get_by_role("button", name="/latest").click()
        await expect(page.locator(".message.out").last).to_contain_text("/latest")


def place(message: dict[str, Any]) -> dict[str, int]:
    return {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}


async def answer(telegram: Telegram, **told: Any) -> None:
    """Answer the press that is on its way."""
    await telegram.playground.wait_for(lambda: telegram.playground.waiting_updates == 1)
    (update,) = await telegram.updates()
    await telegram.ok("answerCallbackQuery", callback_query_id=update["callback_query"]["id"], **told)


async def test_buttons_wait_answer_and_lead_on(
    browser: Browser, open_telegram: Callable[..., AbstractAsyncContextManager[Telegram]]
) -> None:
    async with (
        open_telegram(username="desk_bot") as telegram,
        opened(browser, telegram.base, excused=ALONE, has_touch=True) as page,
    ):
        await page.get_by_role("button", name="Start", exact=True).click()
        await telegram.playground.wait_for(lambda: telegram.playground.waiting_updates == 1)
        await telegram.updates()
        preview = {"url": "https://news.example/a-bridge"}
        sent = await telegram.send("News", reply_markup=KEYS, link_preview_options=preview)
        card = newest(page).locator(".preview")
        await expect(card).to_have_attribute("rel", "noopener noreferrer")
        await page.get_by_role("button", name="Next").click()
        await expect(page.get_by_role("button", name="Next")).to_have_attribute("aria-busy", "true")
        await answer(telegram, text="Turned")
        await expect(page.locator("#toast")).to_have_text("Turned")
        await telegram.ok("editMessageText", **place(sent), text="Page 2", reply_markup=KEYS)
        await expect(newest(page).locator(".text")).to_contain_text("Page 2")
        await expect(card).to_have_count(0)
        await expect(page.get_by_role("button", name="Next")).to_be_focused()
        await page.get_by_role("button", name="Stop").click()
        await answer(telegram, text="Really?", show_alert=True)
        await expect(page.get_by_role("dialog")).to_contain_text("Really?")
        await page.get_by_role("button", name="OK").click()
        await page.get_by_role("link", name="Share").click()
        await expect(page.get_by_role("dialog")).to_contain_text("A bridge")
        await page.get_by_role("dialog").get_by_role("button", name=SALMA.first_name).click()
        assert telegram.playground.messages(telegram.salma) == [], "a link waits for the Start button"
        await page.get_by_role("button", name="Start", exact=True).click()
        await expect(page.locator(".message.out")).to_contain_text("/start s1")


async def test_a_desktop_writes_edits_replies_blocks_and_scrolls(
    browser: Browser, telegram: Telegram
) -> None:
    menu = [
        {"command": "latest", "description": "Newest stories"},
        {"command": "stop", "description": "Stop"},
    ]
    await telegram.ok("setMyCommands", commands=menu)
    first = await telegram.send("The very first")
    for number in range(60):
        await telegram.send(f"News number {number}\n" * 3)
    async with opened(browser, telegram.base, DESKTOP, excused=(*ALONE, "400 (Bad Request)")) as page:
        own, field = page.locator(".message.out"), page.get_by_role("textbox", name="Message")
        await expect(field).to_be_focused()
        await page.keyboard.type("/la")
        await page.get_by_role("menuitem", name="Newest stories").click()
        await expect(own.last).to_contain_text("/latest")
        await newest(page).get_by_role("button", name="Reply").click()
        await page.keyboard.type("two")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("lines")
        await page.keyboard.press("Enter")
        await expect(own.last.locator(".replied")).to_contain_text("News number 59")
        await page.keyboard.press("ArrowUp")
        await expect(page.locator("#context")).to_contain_text("Edit message")
        await page.keyboard.type("!")
        await page.keyboard.press("Enter")
        await expect(own.last).to_contain_text("lines!")
        await expect(own.last).to_contain_text("edited")
        await page.get_by_role("button", name="Attach").click()
        await page.get_by_role("menuitem", name="Sticker").click()
        await expect(own.last.get_by_alt_text("Sticker 📰")).to_be_visible()
        await field.fill("x" * 4097)
        await page.keyboard.press("Enter")
        await expect(page.locator("#toast")).to_have_text("A client would send this as several messages.")
        await field.fill("")
        await page.locator("#log").evaluate("log => log.scrollTo(0, 0)")
        await expect(page.get_by_text("News number 0").first).to_be_attached()
        await telegram.send("While you were away", reply_parameters={"message_id": first["message_id"]})
        await page.get_by_role("button", name="1 new, to the newest").click()
        await newest(page).get_by_role("button", name="In reply to").click()
        await expect(page.locator(f"[data-id='{first['message_id']}']")).to_be_in_viewport()
        telegram.playground.start(telegram.irina)
        await telegram.send("For somebody else", chat=telegram.irina)
        await expect(page.get_by_role("button", name="Ирина").get_by_label("1 unread")).to_be_visible()
        await telegram.ok("sendChatAction", chat_id=telegram.maya, action="typing")
        await expect(page.locator("#status")).to_have_text("typing")
        await telegram.ok("deleteMessage", **place(first))
        await expect(page.locator(f"[data-id='{first['message_id']}']")).to_have_count(0)
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="Block the bot").click()
        await page.get_by_role("button", name="Unblock", exact=True).click()
        await expect(field).to_be_visible()


async def test_albums_films_and_forwarded_posts_are_shown_plainly(
    browser: Browser, telegram: Telegram
) -> None:
    people, maya = telegram.playground, telegram.maya
    bold = {"type": "bold", "offset": 0, "length": 4}
    photos = people.send_album(maya, ("photo", "photo", "video"), "News of the day", entities=[bold])
    channel = {"type": "channel", "chat": {"title": "The Post"}, "date": 1}
    post = people.send(maya, "animation", origin=channel, covered=True)
    people.send(maya, "audio")
    media = [
        {"type": "photo", "media": one["photo"][0]["file_id"], "has_spoiler": True} for one in photos[:2]
    ]
    await telegram.ok("sendMediaGroup", chat_id=maya, media=media)
    async with opened(browser, telegram.base, DESKTOP, excused=ALONE) as page:
        drawn = [page.locator(f"[data-id='{one['message_id']}']") for one in (*photos, post)]
        await expect(drawn[0].locator("b")).to_have_text("News")
        await expect(drawn[1].get_by_alt_text("Photo")).to_be_visible()
        await expect(drawn[2].locator(".file")).to_contain_text("sunrise.mp40:07")
        await expect(drawn[3]).to_contain_text("Forwarded from The Post")
        await expect(drawn[3].locator(".file")).to_contain_text("waves.mp40:02")
        await expect(page.locator(".out").last.locator(".file")).to_contain_text("song.mp33:01")
        await expect(page.locator(".in .photo.covered")).to_have_count(2)
        await page.get_by_role("button", name="Attach").click()
        await page.get_by_role("menuitem", name="Album").click()
        await expect(page.locator(".out .photo")).to_have_count(5)
        await page.get_by_role("button", name="Attach").click()
        await page.get_by_role("menuitem", name="File").click()
        await expect(page.locator(".out").last.locator(".file")).to_contain_text("notes.txt6 bytes")


async def test_the_page_says_when_the_server_is_away_and_comes_back_by_itself(
    browser: Browser, tmp_path: Path, clock: Clock
) -> None:
    def telegram() -> Playground:
        return Playground(token=TOKEN, clock=clock, journal=tmp_path / "chats.jsonl")

    excused = (*ALONE, "ERR_", "/playground/")
    async with AsyncExitStack() as page_life:
        async with serve(telegram()) as base:
            url = f"{base}/?person={IRINA.id}"
            page = await page_life.enter_async_context(opened(browser, url, excused=excused))
            await page.get_by_role("button", name="Start", exact=True).click()
            await expect(page.locator("#status")).to_have_text("bot")
        await expect(page.locator("#status")).to_have_text("connecting")
        await say(page, "привет")
        await expect(page.locator("#toast")).to_have_text("The newsroom cannot be reached.")
        again = telegram()
        again.say(IRINA.id, "from elsewhere")
        async with serve(again, port=int(base.rpartition(":")[2])):
            await expect(page.locator(".message.out").last).to_contain_text("from elsewhere")
            await expect(page.locator("#status")).to_have_text("bot")
            await page.keyboard.press("Enter")
            await expect(page.locator(".message.out").last).to_contain_text("привет")
