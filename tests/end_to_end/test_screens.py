"""Screens beyond the first day: ways back, settings, double presses, old buttons, and who may be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.playground.faults import refuse
from tests.town import READER, RUSSIAN, Papers, Town, TownClock, labels, open_town

if TYPE_CHECKING:
    from pathlib import Path

GROUP = -1_000_000_000_123


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
    assert "What shall your digest be about" in (await town.press("Back"))["text"]
    assert "Which languages" in (await town.press("Back"))["text"]


async def _asked_for_a_place(town: Town) -> None:
    await town.after(lambda: town.telegram.start(READER))
    await town.press("Next")
    await town.press("Next")


async def test_a_city_and_an_hour_can_be_written_instead_of_tapped(town: Town) -> None:
    await _asked_for_a_place(town)
    assert (await town.say("somewhere"))["text"].startswith("That is neither a time nor a city")
    assert labels(await town.say("San")) == [["Santiago", "Santo Domingo"], ["Back"]]
    assert (await town.say("Berlin"))["text"] == "When shall the digest come?"
    assert (await town.say("early"))["text"] == "When shall the digest come?"
    done = await town.say("8:30 pm")
    assert done["text"].startswith("Done. First digest: today, 20:30 (Berlin).")
    opened = await town.say("1")
    assert opened["text"].splitlines()[0] in done["text"], "numbers mean the list under it"


async def test_what_a_clock_shows_can_be_written(town: Town) -> None:
    await _asked_for_a_place(town)
    shown = await town.say("6:33")
    assert shown["text"] == "Which city’s clock is yours?"
    assert "When shall the digest come" in (await town.press("Kyiv"))["text"]


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
    assert town.message(card["message_id"])["text"].startswith("Which languages do you read? None ticked")


async def test_pages_and_quiet_days_are_chosen(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    for label in ("Few stories: wait", "Send anyway", "Page: short", "Long"):
        await town.press(label)
    shown = labels(town.telegram.last(READER))
    assert ["Few stories: send anyway"] in shown
    assert ["Page: long"] in shown


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


async def test_what_cannot_be_edited_any_more_is_sent(town: Town) -> None:
    await town.join()
    listed = await town.say("/latest")
    town.telegram.faults.add("editMessageText", refuse(400, "Bad Request: message to edit not found"))
    desks = await town.press("Sections", message=listed)
    assert desks["text"] == "Which section?"
    assert desks["message_id"] > listed["message_id"]
    town.telegram.calls.clear()


async def test_a_button_of_a_message_that_telegram_has_forgotten_still_works(town: Town) -> None:
    await town.join()
    town.telegram.press_data(READER, 4242, "go:latest")
    await town.settled()
    assert town.telegram.last(READER)["text"].startswith("Latest")
    town.telegram.press_data(READER, 4242, "open:1")
    await town.settled()
    assert labels(town.telegram.last(READER))[-1][-1] == "Source page"


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
        assert labels(shown)[0] == ["✓ Tech: AI, ~mac…here is"]
        await town.press("Next")
        await town.press("Digest 08:00 (London)")
        await town.say("/latest")
        await town.press("Sections")
        listed = await town.press("Tech: AI…")
        assert listed["text"].startswith("Latest · Tech: AI, ~mac…here is\n\n1. Machines learn")
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
    await town.update(
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
    await town.update(2, message=said | {"text": "/start", "entities": [command]})
    await town.update(3, message=said | {"text": "/start s1", "entities": [command]})
    await town.update(4, message=said | {"text": "bridge"})
    await town.update(5, message=said | {"new_chat_members": [bot]})
    press = {"id": "77", "from": maya, "chat_instance": "1", "data": "go:latest"}
    await town.update(6, callback_query=press | {"message": said | {"text": "x"}})
    await town.update(7, callback_query=press | {"inline_message_id": "abc"})
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


async def test_every_setting_opens_one_choice_and_leads_back(town: Town) -> None:
    await town.join(RUSSIAN)
    shown = await town.say("/settings", RUSSIAN)
    for label in (
        "Сводка: …",
        "Место: …",
        "Языки: …",
        "Рубрики: …",
        "Мало новостей: …",
        "Страница: …",
        "Язык бота: …",
        "Дни: …",
        "Материалов: …",
        "Тишина: …",
        "Пауза",
        "Мои данные",
    ):
        await town.press(label, RUSSIAN)
        back = await town.press("Назад", RUSSIAN)
        assert (back["message_id"], back["text"]) == (shown["message_id"], shown["text"])
    await town.press("Языки: …", RUSSIAN)
    assert labels(await town.press("✓ English", RUSSIAN))[0] == ["English"]
    await town.press("Назад", RUSSIAN)
    await town.press("Рубрики: …", RUSSIAN)
    assert labels(await town.press("✓ Мир", RUSSIAN))[0] == ["Мир", "✓ Наука"]
    await town.press("Назад", RUSSIAN)
    await town.press("Сводка: …", RUSSIAN)
    off = await town.press("Без сводки", RUSSIAN)
    assert off["text"] == "Настройки\nСводка не запланирована."
    assert labels(off)[:5] == [
        ["Сводка: нет"],
        ["Дни: все", "Материалов: 12"],
        ["Место: Москва"],
        ["Языки: все"],
        ["Рубрики: Наука"],
    ]


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


async def test_the_card_of_a_newcomer_leads_through_the_first_conversation(town: Town) -> None:
    card = await town.after(lambda: town.telegram.start(READER, "s1"))
    begun = await town.press("Set up", message=card)
    assert begun["message_id"] > card["message_id"], "the story that brought the reader here stays"
    await town.press("Next")
    await town.press("Next")
    assert (await town.press("Digest 08:00 (London)"))["text"].startswith("Done.")


async def test_of_many_desks_each_can_be_chosen(tmp_path: Path) -> None:
    feeds = {f"paper{n}": (f"Desk {n:02}", "en") for n in range(40)}
    async with open_town(tmp_path, feeds) as town:
        town.papers.paper("paper39").print("one", "Knitting machines learn to purl", town.clock())
        for name in feeds:
            town.papers.paper(name)
        await town.news()
        await town.after(lambda: town.telegram.start(READER))
        await town.press("Next")
        await town.press("More")
        ticked = await town.press("Desk 20")
        assert labels(ticked)[2] == ["✓ Desk 20", "Desk 21"], "the page stays"
        await town.press("Back")
        await town.press("Next")
        await town.press("Digest 08:00 (London)")
        await town.say("/settings")
        await town.press("Sections: Desk 20")
        for _ in range(2):
            await town.press("More")
        assert "✓ Desk 39" in str(labels(await town.press("Desk 39")))
        for _ in range(2):
            await town.press("Back")
        shown = await town.press("Back")
        assert ["Sections: Desk 20 +1"] in labels(shown)
        assert (await town.say("/latest Desk 39"))["text"].startswith("Latest · Desk 39\n\n1. Knitting")
        for label in ("Sections", "More", "More"):
            await town.press(label)
        assert (await town.press("✓ Desk 39"))["text"].startswith("Latest · Desk 39")
        assert town.refused() == []
