"""Screens beyond the first day: ways back, double presses, links, lists that stay whose they are, and failures."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.playground.faults import refuse
from handlers import reading
from tests.end_to_end.test_digest import deliver, news, print_more
from tests.town import READER, RUSSIAN, Papers, Town, TownClock, labels, open_town

if TYPE_CHECKING:
    from pathlib import Path

GROUP = -1_000_000_000_123


def message(town: Town, message_id: int, person: int = READER) -> dict[str, Any]:
    """A message as the chat shows it now."""
    return next(one for one in town.telegram.messages(person) if one["message_id"] == message_id)


async def update(town: Town, number: int, **content: Any) -> None:
    """An update that no client of the playground sends."""
    await town.app.inbox.receive([{"update_id": 10**9 + number, **content}])
    await town.settled()


async def test_every_step_leads_back(town: Town) -> None:
    await town.after(lambda: town.telegram.start(READER))
    first = town.telegram.last(READER)
    there = ("Next", "Next", "Another time", "06:…", "More places", "Back", "Kyiv", "Other", "Back")
    for label in there:
        assert (await town.press(label))["message_id"] == first["message_id"]
    assert labels(town.telegram.last(READER))[0] == ["07:00", "08:00", "09:00"]
    assert "What time is it" in (await town.press("Back"))["text"]
    await town.press("Another time")
    assert "What time is it" in (await town.press("Back"))["text"]
    assert "What shall be in it" in (await town.press("Back"))["text"]
    assert "Which languages" in (await town.press("Back"))["text"]


async def test_the_place_is_changed_in_settings_without_the_first_conversation(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    for label in ("Place: London", "Another time"):
        shown = await town.press(label)
        assert shown["text"] == "What time is it for you now?"
    await town.press("06:…")
    assert (await town.press("Back"))["text"] == "What time is it for you now?"
    await town.press("Another time")
    await town.press("06:…")
    assert "08:00 (Kyiv)" in (await town.press("Kyiv"))["text"]


async def test_an_old_invitation_asks_a_known_reader_nothing(town: Town) -> None:
    card = await town.after(lambda: town.telegram.start(READER, "s1"))
    await town.join()
    assert (await town.press("Set up", message=card))["text"].startswith("Welcome back.")
    town.telegram.press_data(READER, card["message_id"], "step:languages")
    await town.settled()
    assert message(town, card["message_id"])["text"].startswith("Which languages do you read? None ticked")


async def test_pages_and_quiet_days_are_chosen(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    for label in ("Quiet days: wait", "Send anyway", "Page: short", "Long"):
        await town.press(label)
    shown = labels(town.telegram.last(READER))
    assert ["Quiet days: send anyway"] in shown
    assert ["Page: long"] in shown


async def test_the_whole_text_is_sent_in_parts(town: Town) -> None:
    await town.join()
    await town.say("/search bridge flood")
    page = await town.press("Read")
    assert labels(page)[-1] == ["Whole text", "Source page"]
    before = len(town.telegram.messages(READER))
    place = town.button("Whole text")

    def twice() -> None:
        town.telegram.press(READER, *place)
        town.telegram.press(READER, *place)

    last = await town.after(twice)
    parts = town.telegram.messages(READER)[before:]
    assert [part["text"].splitlines()[2] for part in parts] == [
        f"Part {n} of {len(parts)}" if n == 1 else "" for n in range(1, len(parts) + 1)
    ]
    assert f"Part {len(parts)} of {len(parts)}" in last["text"]


async def test_who_wants_whole_texts_gets_them_at_once(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    await town.press("Page: short")
    await town.press("Whole text")
    await town.say("/search bridge flood")
    before = len(town.telegram.messages(READER))
    await town.press("Read")
    assert len(town.telegram.messages(READER)) == before + 2


async def test_the_reader_is_shown_where_he_or_she_was(town: Town) -> None:
    await town.join()
    listed = await town.say("/latest")
    assert "You were here" not in listed["text"]
    town.clock.advance(minutes=10)
    print_more(town, 2)
    await news(town)
    again = await town.press("Refresh")
    assert again["message_id"] == listed["message_id"]
    lines = again["text"].splitlines()
    assert lines[lines.index("You were here at 04:30") + 2].startswith("3. ")


async def test_the_last_list_shown_again_takes_nothing_from_the_digest(town: Town) -> None:
    print_more(town, 14)
    await news(town)
    await town.join()
    town.clock.advance(hours=4)
    await deliver(town)
    digest = town.telegram.last(READER)
    await town.say("99")
    again = await town.press("Show the list")
    assert again["text"].startswith("Digest\n\n1. ")
    opened = await town.say("1", reply_to=digest["message_id"])
    assert opened["text"].splitlines()[0] in digest["text"]
    assert (await town.press("Left out: …", message=digest))["text"].startswith("Left out of the digest")


async def test_an_empty_list_is_no_list_to_count_in(town: Town) -> None:
    await town.join()
    await town.say("/latest")
    await town.say("/saved")
    await town.say("/search nothing like this")
    assert (await town.say("1"))["text"].startswith("Old bones turn out to be a whale")


async def test_a_number_too_high_in_a_reply_speaks_of_that_list(town: Town) -> None:
    done = await town.join()
    await town.say("/latest")
    answer = await town.say("4", reply_to=done["message_id"])
    assert answer["text"] == "That list had 3 stories."


@pytest.mark.parametrize("label", ["Latest", "Settings"])
async def test_a_double_press_opens_one_message(town: Town, label: str) -> None:
    done = await town.join()
    before = len(town.telegram.messages(READER))
    place = town.button(label, READER, done)
    town.telegram.press(READER, *place)
    await town.after(lambda: town.telegram.press(READER, *place))
    assert len(town.telegram.messages(READER)) == before + 1
    town.clock.advance(seconds=30)
    await town.after(lambda: town.telegram.press(READER, *place))
    assert len(town.telegram.messages(READER)) == before + 2, "later it is wanted again"


async def test_a_card_leads_to_the_text_and_to_other_readers(town: Town) -> None:
    await town.join()
    card = await town.after(lambda: town.telegram.start(READER, "s1"))
    assert labels(card) == [["Read", "Save"], ["Share", "Source page"]]
    text = await town.press("Read", message=card)
    assert text["reply_to_message"]["message_id"] == card["message_id"]
    home = next(e["url"] for e in text["entities"] if e.get("url", "").startswith("https://t.me/"))
    again = await town.say(home)
    assert again["text"] == text["text"], "the link home, pasted"
    gone = await town.after(lambda: town.telegram.start(READER, "s99999"))
    assert labels(gone) == [["Latest"]]


async def test_a_link_is_read_here_where_we_know_its_story(town: Town) -> None:
    await town.join()
    url = f"{town.papers.url}/lens/l0"
    for words in (url, f"Look at this: {url}?utm_source=friend", f"/read {url}"):
        assert (await town.say(words))["text"].startswith("Comet seen from the school roof")
    assert (await town.say(f"/save {url}"))["text"] == "Saved: Comet seen from the school roof"


async def test_a_link_that_we_do_not_know_says_what_can_be_done(town: Town) -> None:
    await town.join()
    for words in (
        "https://elsewhere.example/news",
        "https://t.me/other_bot?start=s1",
        "/read https://a.example/",
    ):
        answer = await town.say(words)
        assert answer["text"].startswith("No story of ours is at this address.")
        assert labels(answer) == [["Latest", "Help"]]


async def test_a_forwarded_story_is_known_by_the_links_behind_its_words(town: Town) -> None:
    await town.join()
    told = {"type": "text_link", "offset": 0, "length": 5, "url": f"{town.papers.url}/lens/l1"}
    written = {
        "message_id": 900,
        "date": 1,
        "chat": {"id": READER, "type": "private"},
        "from": {"id": READER, "is_bot": False, "first_name": "Maya"},
        "text": "Bones and a whale",
        "entities": [told],
    }
    await update(town, 1, message=written)
    assert town.telegram.last(READER)["text"].startswith("Old bones turn out to be a whale")


async def test_which_one_is_asked_with_the_list_and_the_answer_counts_in_it(town: Town) -> None:
    await town.join()
    for command in ("/read", "/save"):
        asked = await town.say(command)
        assert asked["text"].startswith("Which one?\n\nFirst stories\n\n1. Old bones")
    assert (await town.say("2"))["text"].startswith("Comet seen")


async def test_before_any_list_a_number_means_nothing(town: Town) -> None:
    await town.after(lambda: town.telegram.start(READER))
    for words in ("3", "/read", "/save 1"):
        answer = await town.say(words)
        assert answer["text"] == "Which one? There is no list here yet."
        assert labels(answer) == [["Latest", "Digest"]]


async def test_search_asks_for_words_where_there_are_none(town: Town) -> None:
    await town.join()
    for words in ("/search", "/search  ...", "..."):
        assert (await town.say(words))["text"].startswith("Write the words to look for")
    assert "stories for" in (await town.say("/search\nthe"))["text"]


async def test_a_long_wait_is_told_and_becomes_the_page(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.01)
    await town.join()
    await town.say("/latest")
    lens = town.papers.paper("lens")
    lens.hold = asyncio.Event()
    town.telegram.say(READER, "1")
    told = await town.telegram.wait_for(
        lambda: (last := town.telegram.last(READER))["text"].startswith("Fetching from") and last
    )
    assert told["text"] == "Fetching from 127.0.0.1 …"
    lens.hold.set()
    await town.settled()
    page = town.telegram.last(READER)
    assert page["message_id"] == told["message_id"]
    assert page["text"].startswith("Old bones turn out to be a whale")


async def test_a_long_wait_may_end_in_a_failure_and_its_message_says_so(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.01)
    await town.join()
    await town.say("/latest")
    lens = town.papers.paper("lens")
    lens.hold = asyncio.Event()
    town.telegram.say(READER, "1")
    told = await town.telegram.wait_for(
        lambda: (last := town.telegram.last(READER))["text"].startswith("Fetching from") and last
    )
    await town.app.db.write(lambda c: c.exec_driver_sql("DELETE FROM stories"))
    lens.hold.set()
    await town.settled()
    assert message(town, told["message_id"])["text"] == "This story is not in our archive any more."


async def test_what_cannot_be_edited_any_more_is_sent(town: Town) -> None:
    await town.join()
    listed = await town.say("/latest")
    town.telegram.faults.add("editMessageText", refuse(400, "Bad Request: message to edit not found"))
    desks = await town.press("Desks", message=listed)
    assert desks["text"] == "Which desk?"
    assert desks["message_id"] > listed["message_id"]
    town.telegram.calls.clear()


async def test_a_button_of_a_message_that_telegram_has_forgotten_still_works(town: Town) -> None:
    await town.join()
    town.telegram.press_data(READER, 4242, "go:latest")
    await town.settled()
    assert town.telegram.last(READER)["text"].startswith("Latest")
    town.telegram.press_data(READER, 4242, "open:1")
    await town.settled()
    assert labels(town.telegram.last(READER))[-1] == ["Source page"]


async def test_a_desk_may_have_any_name(tmp_path: Path) -> None:
    clock, papers = TownClock(), Papers()
    odd = "Tech: AI, ~machines and whatever else there is"
    for n in range(3):
        papers.paper("herald").print(f"h{n}", f"Machines learn to knit scarf {n}", clock(), teaser="So.")
        papers.paper("lens").print(f"l{n}", f"Comet number {n} is seen", clock(), teaser="So.")
    feeds = {"herald": (odd, "en"), "lens": ("Наука и жизнь во всей полноте", "en")}
    async with open_town(tmp_path, feeds, clock=clock, papers=papers) as town:
        await town.news()
        await town.after(lambda: town.telegram.start(READER))
        await town.press("Next")
        shown = await town.press("Tech: AI…")
        assert labels(shown)[0] == ["✓ Tech: AI, ~machines…"]
        await town.press("Next")
        await town.press("08:00 (London)")
        await town.say("/latest")
        await town.press("Desks")
        listed = await town.press("Tech: AI…")
        assert listed["text"].startswith("Latest · Tech: AI, ~machines…\n\n1. Machines learn")
        town.telegram.press_data(READER, listed["message_id"], "desk:1:nowhere")
        await town.settled()
        assert town.telegram.last(READER)["text"] == "This button is from an old list."
        assert town.refused() == []


async def test_groups_are_not_answered_and_harm_nothing(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    await town.join()
    maya = {"id": READER, "is_bot": False, "first_name": "Maya"}
    group = {"id": GROUP, "type": "supergroup", "title": "Friends"}
    bot = {"id": 1, "is_bot": True, "first_name": "Newsroom"}
    said = {"message_id": 1, "date": 1, "chat": group, "from": maya}
    before = len(town.telegram.calls)
    await update(
        town,
        1,
        my_chat_member={
            "chat": group,
            "from": maya,
            "date": 1,
            "old_chat_member": {"user": bot, "status": "left"},
            "new_chat_member": {"user": bot, "status": "member"},
        },
    )
    command = {"type": "bot_command", "offset": 0, "length": 6}
    await update(town, 2, message=said | {"text": "/start", "entities": [command]})
    await update(town, 3, message=said | {"text": "/start s1", "entities": [command]})
    await update(town, 4, message=said | {"text": "bridge"})
    await update(town, 5, message=said | {"new_chat_members": [bot]})
    press = {"id": "77", "from": maya, "chat_instance": "1", "data": "go:latest"}
    await update(town, 6, callback_query=press | {"message": said | {"text": "x"}})
    await update(town, 7, callback_query=press | {"inline_message_id": "abc"})
    sent = [call for call in list(town.telegram.calls)[before:] if call.method.startswith(("send", "edit"))]
    assert sent == []
    assert "failure" not in caplog.text
    assert await town.app.newsroom.readers.get(GROUP) is None
    town.telegram.calls.clear()


async def test_who_writes_has_not_blocked_the_bot(town: Town) -> None:
    await town.join()
    await town.app.newsroom.readers.blocked(0, READER, blocked=True)
    await town.app.db.write(lambda c: c.exec_driver_sql("UPDATE readers SET state = 'blocked'"))
    await town.say("/help")
    reader = await town.app.newsroom.readers.get(READER)
    assert reader is not None
    assert reader.state == "active"


async def test_a_reader_who_stopped_is_promised_nothing_and_still_served(town: Town) -> None:
    await town.join(RUSSIAN)
    await town.say("/stop", RUSSIAN)
    await town.press("Остановить всё", RUSSIAN)
    digest = await town.say("/digest", RUSSIAN)
    assert digest["text"].endswith("Это всё.")
    assert (await town.say("/settings", RUSSIAN))["text"].startswith("Остановлено.")
    back = await town.after(lambda: town.telegram.start(RUSSIAN), RUSSIAN)
    assert back["text"].startswith("С возвращением.")
    assert await town.app.newsroom.readers.due_at(RUSSIAN) is not None


async def test_old_stories_are_dated_by_the_readers_clock(town: Town) -> None:
    town.papers.paper("herald").print(
        "old", "An old story about ink", town.clock() - timedelta(days=2), text="x"
    )
    await news(town)
    await town.join()
    card = await town.say("/search ink")
    assert card["text"].splitlines()[1] == "Herald · 22 Nov 04:30"


async def test_every_setting_opens_one_choice_and_leads_back(town: Town) -> None:
    await town.join(RUSSIAN)
    shown = await town.say("/settings", RUSSIAN)
    for label in (
        "Сводка: …",
        "Место: …",
        "Читаю: …",
        "Рубрики: …",
        "Мало новостей: …",
        "Страница: …",
        "Язык: …",
        "Стоп",
    ):
        await town.press(label, RUSSIAN)
        back = await town.press("Назад", RUSSIAN)
        assert (back["message_id"], back["text"]) == (shown["message_id"], shown["text"])
    await town.press("Читаю: …", RUSSIAN)
    assert labels(await town.press("✓ English", RUSSIAN))[0] == ["English"]
    await town.press("Назад", RUSSIAN)
    await town.press("Рубрики: …", RUSSIAN)
    assert labels(await town.press("✓ Мир", RUSSIAN))[0] == ["Мир", "✓ Наука"]
    await town.press("Назад", RUSSIAN)
    await town.press("Сводка: …", RUSSIAN)
    off = await town.press("Без сводки", RUSSIAN)
    assert off["text"] == "Настройки\nСводка не запланирована."
    assert labels(off)[:4] == [["Сводка: нет"], ["Место: Москва"], ["Читаю: все"], ["Рубрики: Наука"]]


async def test_buttons_that_lead_nowhere_say_that_they_are_old(town: Town) -> None:
    done = await town.join()
    forged = (
        "step:nowhere",
        "ask:nowhere",
        "go:nowhere",
        "clock:x",
        "list:999",
        "without:999:0",
        "rest",
        "whole:999",
    )
    for data in forged:
        town.telegram.press_data(READER, done["message_id"], data)
        await town.settled()
        said = town.telegram.last(READER)["text"]
        assert said in {"This button is from an old list.", "This story is not in our archive any more."}, (
            data
        )


async def test_a_search_for_less_than_a_word_asks_for_words(town: Town) -> None:
    await town.join()
    nothing = await town.say("/search zeppelin")
    list_id = await town.app.db.read(lambda c: c.exec_driver_sql("SELECT max(id) FROM lists").scalar())
    town.telegram.press_data(READER, nothing["message_id"], f"without:{list_id}:0")
    await town.settled()
    assert town.telegram.last(READER)["text"].startswith("Write the words")


async def test_the_card_of_a_newcomer_leads_through_the_first_conversation(town: Town) -> None:
    card = await town.after(lambda: town.telegram.start(READER, "s1"))
    begun = await town.press("Set up", message=card)
    assert begun["message_id"] > card["message_id"], "the story that brought the reader here stays"
    await town.press("Next")
    await town.press("Next")
    assert (await town.press("08:00 (London)"))["text"].startswith("Done.")
