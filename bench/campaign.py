"""A broadcast to tens of thousands of readers, paused, killed, corrected, killed again and withdrawn; then every row is checked.

The newsroom runs in a process of its own (bench/_newsroom.py), as it does in life but for its pace. Telegram is the
playground's Bot API in this one, with its brakes on, so that it outlives every kill and its log of calls says what was
really accepted. An editor does everything by commands and buttons. While messages leave, readers ask for the news
every second.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `bench`, which is no package

from bench import _crowd, _newsroom, _rows
from bench._newsroom import TOKEN, Order
from bench._outcome import REASON, WRONG, Phase, Result, judge, show
from bench._reckoning import is_whole
from bench.crash.quick_time import QuickTime
from bench.digest_rush import environment
from bot.gateway.pacing import RATE
from bot.playground.flood import PER_SECOND, Flood
from bot.playground.people import CAST, EDITH
from bot.playground.playground import Playground
from bot.playground.serving import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import TypeVar

    from bot.playground.state import Message

    Found = TypeVar("Found")

ASKING: Final = 20
"""Readers who ask for /latest in turn, one a second."""
PATIENCE: Final = 1800.0
"""Seconds in which a phase must have ended."""
KEPT: Final = 30
"""Messages that the playground keeps in a chat."""


class Campaign:
    """One broadcast and everything that happens to it.

    Args:
        folder: where the database is.
        readers: how many there are.
        rate: messages a second.
        seed: decides who is of which kind.
        span: seconds from the beginning to the end of quiet hours.
        clock: the time.
    """

    def __init__(
        self, folder: Path, readers: int, rate: float, seed: int, span: float, clock: QuickTime
    ) -> None:
        self._path = folder / "news.db"
        self._rate = rate
        self._clock = clock
        self._span = span
        self.telegram = Playground(token=TOKEN, clock=clock.now, keep_calls=None, keep_messages=KEPT)
        limit = round(PER_SECOND * rate / RATE)
        self.telegram._exchange.flood = Flood(per_second=limit)  # noqa: SLF001 - a faster Telegram for a shorter run
        chats = self.telegram.add_people(readers + ASKING)
        self.crowd = _crowd.draw(chats[:readers], chats[readers:], EDITH, seed)
        self._total = sum(kind in _crowd.GET_IT for kind in self.crowd.kinds.values())
        self.result = Result()
        self._before: Counter[tuple[str, str]] = Counter()
        self._order: Order | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._log = folder / "log.txt"

    async def run(self) -> Result:
        """Do everything, and check it."""
        (editor,) = (person for person in CAST if person.id == EDITH)
        self.telegram.add_person(replace(editor, started=True))
        for chat in self.crowd.of("blocked"):
            # Nobody tells the newsroom: it learns of it when it sends.
            self.telegram.add_person(replace(self.telegram.person(chat), blocked=True))
        async with serve(self.telegram) as url:
            begins = self._clock.now()
            quiet_until = datetime.fromtimestamp(self._clock.at + self._span, begins.tzinfo)
            await asyncio.to_thread(_crowd.write, self._path, self.crowd, begins, quiet_until)
            self._path.with_name("feeds.opml").write_text('<opml version="2.0"><body/></opml>')
            quick = self._clock
            self._order = Order(str(self._path), url, EDITH, self._rate, quick.speed, quick.began, quick.at)
            gc.freeze()
            await self._send()
            await self._go_on()
            await self._finish()
        await asyncio.to_thread(self._check)
        return self.result

    async def _send(self) -> None:
        """The broadcast: paused after a quarter, and its newsroom killed after a half."""
        async with self._newsroom():
            self.telegram.say(EDITH, f"/broadcast s{_crowd.STORY}")
            asked = await self._until(lambda: self._with("Send now"))
            counted = _rows.numbers(asked["text"]).get("Readers who get it")
            self.result.mismatches.require(counted == self._total, "counted wrongly beforehand", counted)
            await self._press("Send now")
            async with self._phase("sent, until it is paused"), self._questions():
                await self._sent(self._total // 4)
                await self._press("Pause")
                await self._until(lambda: self._with("Go on"))
                # What is claimed still leaves; the database rings no bell.
                while await self._under_way():  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
            async with self._phase("paused for five seconds", rests=True):
                await asyncio.sleep(5)
            async with self._phase("gone on with, until the kill"):
                async with self._questions():
                    done = (await asyncio.to_thread(_rows.states, self._path))["send", "sent"]
                    await self._press("Go on")
                    await self._sent(max(self._total // 2, done + self._total // 8))
                await self._kill()

    async def _go_on(self) -> None:
        """It is finished, and its newsroom killed while half of it is corrected."""
        async with self._newsroom():
            async with self._phase("after the kill, to the quiet ones"), self._questions():
                await self._finished(1, but_quiet=True)
            async with self._phase("when quiet hours end"):
                await self._finished(1)
            self._check_board(1)
            await self._press("Correct")
            await self._press("Small")
            await self._until(lambda: self._with("Cancel"))
            self.telegram.say(EDITH, WRONG)
            await self._press("Send now")
            async with self._phase("corrected, until the kill"):
                async with self._questions():
                    await self._sent(self._total // 2, op="edit")
                await self._kill()

    async def _finish(self) -> None:
        """The correction is finished, and everything withdrawn."""
        async with self._newsroom():
            async with self._phase("after the kill, to the end"), self._questions():
                await self._finished(2)
            self._check_board(2)
            self.telegram.press_data(EDITH, self._board(1), "sendlook:1")
            await self._press("Withdraw")
            await self._until(lambda: self._with("Cancel"))
            self.telegram.say(EDITH, REASON)
            await self._press("Send now")
            async with self._phase("withdrawn"), self._questions():
                await self._finished(3)
            self._check_board(3)
            assert self._process is not None
            self._process.terminate()
            code = await self._process.wait()
            self.result.mismatches.require(code == 0, "the newsroom ended badly", code)

    @asynccontextmanager
    async def _newsroom(self) -> AsyncIterator[None]:
        """The newsroom's process, which has connected; however the block ends, it has ended then."""
        assert self._order is not None
        mark = len(self.telegram.calls)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, _newsroom.__file__, json.dumps(asdict(self._order)), env=environment(),
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            await self._until(
                lambda: any(call.method == "getMe" for call in list(self.telegram.calls)[mark:])
            )
            yield
        finally:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _kill(self) -> None:
        """Kill it, and count what was under way."""
        assert self._process is not None
        self._process.kill()
        self.result.kills.append(self._clock.now())
        code = await self._process.wait()
        self.result.mismatches.require(code == -signal.SIGKILL, "the newsroom had ended before", code)
        await asyncio.sleep(1)  # what it had handed to the kernel arrives all the same
        found = await asyncio.to_thread(_rows.states, self._path)
        self.result.in_flight.append(
            sum(number for (_, state), number in found.items() if state == "sending")
        )
        self.result.mismatches.require(is_whole(self._path), "the database is damaged")

    @asynccontextmanager
    async def _phase(self, name: str, *, rests: bool = False) -> AsyncIterator[None]:
        """Note what becomes of rows meanwhile."""
        phase = Phase(name, self._clock.now(), rests)
        self.result.phases.append(phase)
        yield
        phase.ended_at = self._clock.now()
        # Since the end of the last phase: what a kill has made unknown, the next process finds before it connects.
        now = await asyncio.to_thread(_rows.states, self._path)
        phase.rows.update(now)
        phase.rows.subtract(self._before)
        self._before = now

    @asynccontextmanager
    async def _questions(self) -> AsyncIterator[None]:
        """Meanwhile somebody asks for the news every second of the machine."""

        async def ask() -> None:
            while True:
                chat = self.crowd.asking[len(self.result.asked) % ASKING]
                self.result.asked.append((chat, self._clock.now()))
                self.telegram.say(chat, "/latest")
                await asyncio.sleep(self._clock.speed)

        asking = asyncio.create_task(ask())
        try:
            yield
        finally:
            asking.cancel()

    async def _sent(self, number: int, op: str = "send") -> None:
        """Wait until so many rows have been sent or changed."""
        async with asyncio.timeout(PATIENCE):
            while (await asyncio.to_thread(_rows.states, self._path))[op, "sent"] < number:
                self._alive()
                await asyncio.sleep(0.2)

    async def _under_way(self, *which: str) -> int:
        """How many rows are in these states; claimed or being sent, where none is named."""
        found = await asyncio.to_thread(_rows.states, self._path)
        return sum(
            number for (_, state), number in found.items() if state in (which or ("claimed", "sending"))
        )

    async def _finished(self, broadcast: int, *, but_quiet: bool = False) -> None:
        """Wait until a broadcast has ended and its board shows that; one that has stopped by itself goes on.

        With `but_quiet` until nothing is left of it but what quiet hours hold.
        """
        statement = "SELECT state, ended_told FROM broadcasts WHERE id = ?"
        due = """SELECT count(*) FROM deliveries WHERE broadcast_id = ? AND ended_at IS NULL AND not_before <= ?"""
        async with asyncio.timeout(PATIENCE):
            while True:
                self._alive()
                ((state, told),) = await asyncio.to_thread(_rows.read, self._path, statement, broadcast)
                if state == "done" and told:
                    return
                now = int(self._clock.now().timestamp() * 1e6)
                if but_quiet and state == "spread":
                    ((left,),) = await asyncio.to_thread(_rows.read, self._path, due, broadcast, now)
                    if not left:
                        return
                if state == "held" and (message := self._with("Go on")):
                    self.result.held += 1
                    self._press_on(message, "Go on")
                    await self._until(lambda: not self._with("Go on"))
                await asyncio.sleep(0.3)

    def _alive(self) -> None:
        if self._process is not None and self._process.returncode is not None:
            raise RuntimeError(self._log.read_text()[-3000:])

    async def _until(self, predicate: Callable[[], Found | None]) -> Found:
        """Wait until the editor sees something: two minutes of the machine's, however fast time passes."""
        async with asyncio.timeout(120 * self._clock.speed):
            while not (found := predicate()):
                self._alive()
                await asyncio.sleep(0.05)
        return found

    def _with(self, label: str) -> Message | None:
        """The editor's newest message that has a button."""
        for message in reversed(self.telegram.messages(EDITH)):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            if any(button["text"] == label for row in rows for button in row):
                return message
        return None

    async def _press(self, label: str) -> None:
        """Press a button of the editor's newest message that has it, once it is there."""
        self._press_on(await self._until(lambda: self._with(label)), label)

    def _press_on(self, message: Message, label: str) -> None:
        for place, row in enumerate(message["reply_markup"]["inline_keyboard"]):
            for column, button in enumerate(row):
                if button["text"] == label:
                    self.telegram.press(EDITH, message["message_id"], place, column)
                    return

    def _board(self, broadcast: int) -> int:
        """Which of the editor's messages shows how a broadcast goes."""
        ((number,),) = _rows.read(self._path, "SELECT message_id FROM broadcasts WHERE id = ?", broadcast)
        return int(number)

    def _check_board(self, broadcast: int) -> None:
        """The editor sees what has become of it, to the last row."""
        board = next(
            one for one in self.telegram.messages(EDITH) if one["message_id"] == self._board(broadcast)
        )
        statement = "SELECT state, count(*) FROM deliveries WHERE broadcast_id = ? GROUP BY 1"
        ended = Counter(dict(_rows.read(self._path, statement, broadcast)))
        _rows.compare_board(self.result.mismatches, board["text"], ended, sends=broadcast == 1)

    def _check(self) -> None:
        """Hold everything against the log of calls."""
        chats = {chat: self.telegram.messages(chat) for chat in self.crowd.kinds}
        texts = {chat: messages[-1]["text"] for chat, messages in chats.items() if messages}
        self.result.mismatches.require(is_whole(self._path), "the database is damaged")
        judge(self.result, _rows.rows(self._path), list(self.telegram.calls), self.crowd, texts)


def campaign_of(folder: Path, readers: int, rate: float, seed: int, *, speed: float, span: float) -> Campaign:
    """A campaign whose quiet hours end after so many seconds, at a whole minute."""
    at = time.time() // 60 * 60 + 60 - span % 60
    return Campaign(folder, readers, rate, seed, span, QuickTime(speed, time.monotonic(), at))


def play(campaign: Campaign) -> Result:
    """Run a campaign in its own time."""
    with asyncio.Runner(loop_factory=campaign._clock.loop) as runner:  # noqa: SLF001 - of this file
        return runner.run(campaign.run())


def main() -> None:
    """Run it, and print the table; exits with 1 where anything does not agree."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--readers", type=int, default=50_000, help="how many there are (%(default)s)")
    arguments.add_argument("--rate", type=float, default=1000.0, help="messages a second (%(default)s)")
    arguments.add_argument("--seed", type=int, default=1, help="decides who is of which kind (%(default)s)")
    arguments.add_argument(
        "--short", action="store_true", help="300 readers, and 12 seconds in one of the machine"
    )
    given = arguments.parse_args()
    speed, span = 1.0, 90.0 + given.readers / min(given.rate, 400.0)
    if given.short:
        given.readers, given.rate, speed, span = 300, 25.0, 12.0, 100.0
    # A collection among so many kept calls would hold up what arrives.
    gc.set_threshold(100_000, 50, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        campaign = campaign_of(Path(folder), given.readers, given.rate, given.seed, speed=speed, span=span)
        result = play(campaign)
    show(result, list(campaign.telegram.calls), campaign.crowd)
    sys.exit(bool(result.mismatches.found))


if __name__ == "__main__":
    main()
