"""What survives a restart, and what becomes of a journal that was cut short."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import DatabaseDamaged
from bot.playground.calls import read_calls
from bot.playground.journal import Journal, read_journal
from bot.playground.people import CAST
from bot.playground.playground import Playground
from bot.playground.state import State, StoredFile, file_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.playground.conftest import Clock, Telegram

MAYA = CAST[0].id
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def facts(playground: Playground) -> list[dict[str, Any]]:
    return list(playground._exchange.state.records())


async def test_everything_survives_a_restart(
    open_telegram: Callable[..., AbstractAsyncContextManager[Telegram]], tmp_path: Path, clock: Clock
) -> None:
    path = tmp_path / "data" / "playground.journal"
    async with open_telegram(journal=path) as telegram:
        playground = telegram.playground
        playground.start(MAYA)
        sent = await telegram.send("<b>one</b>", parse_mode="HTML")
        await telegram.ok("editMessageText", chat_id=MAYA, message_id=sent["message_id"], text="two")
        gone = await telegram.send("three")
        await telegram.ok("deleteMessage", chat_id=MAYA, message_id=gone["message_id"])
        playground.send_photo(MAYA)
        await telegram.ok(
            "setMyCommands", commands=[{"command": "a", "description": "b"}], language_code="ru"
        )
        await telegram.ok("setMyDescription", description="c")
        answered, open_press = playground.press_data(MAYA, 1, "x"), playground.press_data(MAYA, 1, "y")
        await telegram.ok("answerCallbackQuery", callback_query_id=answered, text="z")
        await telegram.ok("getUpdates", allowed_updates=["message", "callback_query"])
        waiting = await telegram.ok("getUpdates")
        before = facts(playground)
    async with open_telegram(journal=path) as telegram:
        assert facts(telegram.playground) == before
        assert await telegram.ok("getUpdates") == waiting
        assert await telegram.ok("answerCallbackQuery", callback_query_id=open_press)
        assert not (await telegram.call("answerCallbackQuery", callback_query_id=answered))["ok"]
        last = waiting[-1]["update_id"]
        await telegram.ok("getUpdates", offset=last + 1)
        await telegram.ok("setWebhook", url="https://a.example/")
        assert (await telegram.send("four"))["message_id"] > gone["message_id"]
    async with open_telegram(journal=path) as telegram:
        assert telegram.playground.waiting_updates == 0
        assert (await telegram.ok("getWebhookInfo"))["url"] == "https://a.example/"
        telegram.playground.say(MAYA, "five")
        await telegram.ok("deleteWebhook")
        (update,) = await telegram.ok("getUpdates")
        assert update["update_id"] == last + 1, "numbers go on where they were"
        assert telegram.playground.person(MAYA).started
        assert clock.now.year == 2026


async def test_a_restart_writes_down_only_what_is_still_true(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    playground = Playground(token="5:x", clock=clock, journal=path)
    playground.start(MAYA)
    message = playground._exchange.post(playground.person(MAYA), {"text": "hello"}, by_bot=True)
    for number in range(100):
        playground._exchange.revise(message, {"text": f"hello {number}"})
    await playground.close()
    long = path.stat().st_size
    again = Playground(token="5:x", clock=clock, journal=path, keep_messages=1)
    assert [message["text"] for message in again.messages(MAYA)] == ["hello 99"]
    await again.close()
    assert path.stat().st_size < long / 2
    assert not path.with_name("journal.new").exists()


@pytest.mark.parametrize("cut", [1, 5, 50])
async def test_a_torn_last_line_counts_as_never_written(clock: Clock, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal"
    playground = Playground(token="5:x", clock=clock, journal=path)
    playground.start(MAYA)
    before = facts(playground)
    playground.say(MAYA, "the last words")
    await playground.close()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]) + lines[-2][:-cut])
    again = Playground(token="5:x", clock=clock, journal=path)
    assert facts(again) == before
    again.say(MAYA, "goes on")
    await again.close()
    last = Playground(token="5:x", clock=clock, journal=path)
    assert last.messages(MAYA)[-1]["text"] == "goes on"
    await last.close()


HEAD = b'{"kind":"playground","version":1}\n'


@pytest.mark.parametrize(
    "content",
    [
        b"SQLite format 3\n",
        b'{"kind":"playground","version":2}\n',
        HEAD + b"garbage\n" + HEAD,
        HEAD + b"[]\n",
        HEAD + b'{"no":"kind"}\n',
        HEAD + b'{"kind":"unheard of"}\n',
        HEAD + b'{"kind":"message","chat":1}\n',
        HEAD + b'{"kind":"person","colour":"red"}\n',
        HEAD + b'{"kind":"call","at":"noon"}\n',
    ],
)
def test_what_is_no_journal_is_refused_and_left_alone(clock: Clock, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal"
    path.write_bytes(content)
    with pytest.raises(DatabaseDamaged, match=str(path)):
        Playground(token="5:x", clock=clock, journal=path)
    assert path.read_bytes() == content


def test_an_empty_or_missing_file_is_an_empty_journal(tmp_path: Path) -> None:
    assert list(read_journal(tmp_path / "missing")) == []
    (tmp_path / "empty").touch()
    assert list(read_journal(tmp_path / "empty")) == []


def test_a_record_is_on_disk_when_its_change_is_made(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", [])
    for number in range(3):
        journal.append({"kind": "x", "number": number, "text": "я\n"})
        assert [record["number"] for record in read_journal(tmp_path / "journal")] == list(range(number + 1))
    journal.close()


def test_the_oldest_files_go_when_there_are_too_many() -> None:
    state = State(files_limit=10)
    for number in range(1, 5):
        state.apply(file_record(StoredFile(f"playground-document-{number}", "a", "b", bytes(4))))
    assert list(state.files) == ["playground-document-3", "playground-document-4"]
    state.apply(file_record(StoredFile("playground-document-5", "a", "b", bytes(99))))
    assert list(state.files) == ["playground-document-5"]
    assert state.last_file == 5


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["say", "edit", "press", "photo", "block", "post", "delete"]), st.integers(1, 9)
    )
)


@settings(max_examples=50)
@given(ACTS)
def test_a_state_is_what_its_records_say(acts: list[tuple[str, int]]) -> None:
    playground = Playground(token="5:x", clock=lambda: NOON)
    playground.start(MAYA)
    exchange = playground._exchange
    for act, number in acts:
        message = exchange.find(MAYA, number)
        if act == "post":
            exchange.post(playground.person(MAYA), {"text": f"{number}"}, by_bot=True)
        elif act == "delete":
            exchange.record("deleted", chat=MAYA, message_ids=[number])
        elif act == "edit" and message:
            exchange.revise(message, {"text": "edited"})
        elif act == "block":
            playground.block(MAYA, blocked=number % 2 == 0)
        elif not playground.person(MAYA).blocked:
            playground.press_data(MAYA, number, "x") if act == "press" else playground.say(MAYA, act)
    again = State()
    for record in exchange.state.records():
        again.apply(json.loads(json.dumps(record)))
    assert list(again.records()) == list(exchange.state.records())


async def started(*arguments: str) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.playground",
        "--token",
        "5:x",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith("The playground is at http://127.0.0.1:")
    return process, line.split()[-1]


async def call(session: aiohttp.ClientSession, base: str, method: str, **params: Any) -> Any:
    async with session.post(f"{base}/bot5:x/{method}", json=params) as response:
        return (await response.json())["result"]


async def test_another_process_can_be_killed_and_its_journal_read(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    options = ("--journal", str(path), "--people", "2", "--no-flood", "--keep-messages", "9")
    reader = 7_200_000_001
    async with aiohttp.ClientSession() as session:
        process, base = await started(*options)
        for number in range(20):
            await call(session, base, "sendMessage", chat_id=reader, text=f"{number}")
        assert [item.params["text"] for item in read_calls(path)] == [f"{number}" for number in range(20)]
        process.send_signal(signal.SIGKILL)
        await process.wait()
        process, base = await started(*options)
        assert (await call(session, base, "sendMessage", chat_id=reader, text="after"))["message_id"] == 21
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    calls = read_calls(path)
    assert [item.message_id for item in calls] == list(range(1, 22))
    assert calls[-1].chat == reader


async def test_the_command_line_tells_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(b"no journal\n")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.playground", "--journal", str(tmp_path / "journal")),
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await process.communicate()
    assert process.returncode == 3
    assert complaint.decode().endswith("line 1 cannot be read.\n")
    assert b"Traceback" not in complaint
