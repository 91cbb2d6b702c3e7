"""A reader's own data, as a reader meets it: what is kept, the file, moving to another account, deleting."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.moving import WRITTEN
from tests.end_to_end.test_digest import deliver
from tests.town import READER, RUSSIAN, labels

if TYPE_CHECKING:
    from bot.storage.database import Connection
    from tests.town import Town


def rows_of(connection: Connection, table: str) -> int:
    """How many rows a table has."""
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


async def code(town: Town) -> str:
    """Ask for a code on the first account."""
    await town.say("/settings")
    await town.press("My data")
    shown = await town.press("Move to new account")
    line = shown["text"].splitlines()[0]
    assert WRITTEN.search(line)
    assert shown["entities"][0]["type"] == "code"
    return str(line)


async def test_privacy_says_what_is_kept_also_to_a_stranger(town: Town) -> None:
    await town.join()
    told = await town.say("/privacy")
    assert told["text"].startswith("What is kept about you\n\n- your name in Telegram")
    assert labels(told) == [["Download"], ["Move to new account"], ["Back"], ["Delete all"]]
    await town.app.db.write(lambda c: c.exec_driver_sql("DELETE FROM readers"))
    assert labels(await town.say("/privacy")) == [["Set up"]]


async def test_everything_is_downloaded_as_one_file(town: Town) -> None:
    await town.join()
    await town.say("/latest")
    await town.say("/save 1")
    told = await town.say("/privacy")
    place = town.button("Download", READER, told)
    town.telegram.press(READER, *place)
    sent = await town.after(lambda: town.telegram.press(READER, *place))
    assert sent["document"]["file_name"] == "my-data-2026-11-24.json"
    assert sent["caption"].startswith("Everything that is kept about you, as JSON")
    assert sum("document" in one for one in town.telegram.messages(READER)) == 1, "a double press is one file"
    stored = town.telegram._exchange.state.files[sent["document"]["file_id"]]
    found = json.loads(stored.data)
    assert found["readers"][0]["first_name"] == "Maya"
    assert [one["title"] for one in found["stories"] if one["id"] == found["saves"][0]["story_id"]] == [
        "Old bones turn out to be a whale"
    ]


async def test_the_code_alone_moves_everything_and_the_old_account_is_told(town: Town) -> None:
    await town.join()
    await town.say("/latest")
    await town.say("/save 1")
    shown = await code(town)
    await town.after(lambda: town.telegram.start(RUSSIAN), RUSSIAN)
    moved = await town.say(shown, RUSSIAN)
    assert (
        moved["text"]
        == "Moved. Your settings, your saved stories, what you follow, what you have read and your comments are here now."
    )
    assert "Old bones" in (await town.press("Saved stories", RUSSIAN))["text"]
    assert "Next digest: today, 08:00 (London)" in (await town.say("/settings", RUSSIAN))["text"]
    await town.app.runner.run("deliver")
    told = town.telegram.last(READER)
    assert told["text"].startswith("Moved to another account.")
    assert labels(told) == [["My data"]]
    town.clock.advance(hours=4)
    assert await deliver(town) == 1
    assert "That is all." in town.telegram.last(RUSSIAN)["text"]
    assert town.telegram.last(READER) == told


async def test_move_takes_the_code_as_people_write_it_and_says_what_is_wrong(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    shown = await code(town)
    assert (await town.say("/move", RUSSIAN))["text"].startswith("Пришлите код, который показывает")
    assert (await town.say("/move abcd", RUSSIAN))["text"].startswith("Этот код неверный")
    assert (await town.say(shown))[
        "text"
    ] == "This is the account that the code is from. Send it from the new one."
    moved = await town.say(f"/move {shown.lower().replace('-', ' ')}", RUSSIAN)
    assert moved["text"].startswith("Moved.")
    assert (await town.say(shown, RUSSIAN))["text"].startswith("Moved."), (
        "sent twice it is answered as before"
    )
    for _ in range(4):
        assert (await town.say("/move abcd", RUSSIAN))["text"].startswith("This code is wrong")
    assert (await town.say("/move abcd", RUSSIAN))["text"] == "Too many wrong codes. Try again in an hour."


async def test_deleting_is_asked_twice_and_then_nothing_is_left(town: Town) -> None:
    await town.join()
    await town.say("/latest")
    await town.say("/save 1")
    asked = await town.say("/privacy")
    for label, says in (
        ("Delete all", "Delete all? This goes: your settings,"),
        ("Back", "What is kept about you"),
        ("Delete all", "Delete all?"),
        ("Delete all", "Really delete all?"),
    ):
        shown = await town.press(label, READER, town.message(asked["message_id"]))
        assert shown["message_id"] == asked["message_id"]
        assert shown["text"].startswith(says)
    last = town.button("Yes, delete all")
    town.telegram.press(READER, *last)
    gone = await town.after(lambda: town.telegram.press(READER, *last))
    assert gone["text"].startswith("Everything about you is deleted.")
    for table in ("readers", "saves", "lists", "plans", "told", "inbox"):
        assert await town.app.db.read(rows_of, table) == 0, table
    town.telegram.calls.clear()
    begun = await town.press("Set up")
    assert "Which languages do you read?" in begun["text"]


async def test_a_forged_button_deletes_nothing(town: Town) -> None:
    done = await town.join()
    for data in ("erase", "erase~AAAAAAAAAAA", "code", "less:days:5:daily"):
        town.telegram.press_data(READER, done["message_id"], data)
    await town.settled()
    reader = await town.app.newsroom.readers.get(READER)
    assert reader is not None
    assert reader.days == "daily"
