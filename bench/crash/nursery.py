"""Lives that begin at once: a process that has everything imported already and forks a child for each.

Python and the imports take four tenths of a second, the fork a hundredth of one. The nursery has one thread and no
event loop, so a fork of it is a clean process. It alone signals and reaps its children, and so never a stranger.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # for `bench`, which is no package

if __name__ == "__main__":
    gc.disable()  # what is imported stays: to look through it again and again makes a start half as long again

from bench.crash import small  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Mapping


class Child:
    """A life that has been begun."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its exit code, or minus the signal that ended it."""

    def signal(self, number: int) -> None:
        """Send it a signal; nothing happens where it has ended."""
        if not self.ended.done():
            self._nursery.tell({"signal": number, "pid": self.pid})

    async def killed(self) -> int:
        """Kill it and wait for its end; one that has ended before stays as it ended."""
        self.signal(signal.SIGKILL)
        return await asyncio.shield(self.ended)

    async def within(self, seconds: float) -> int | None:
        """Its exit code, if it ends in so many seconds; else None."""
        await asyncio.wait((self.ended,), timeout=seconds)
        return self.ended.result() if self.ended.done() else None


class Nursery:
    """The harness's side; an asynchronous context.

    Args:
        environment: added to that of the nursery and its children.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._children: dict[int, Child] = {}
        self._codes: dict[int, int] = {}

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, str(Path(__file__)), env=self._environment, stdin=pipe, stdout=pipe
        )
        assert self._process.stdout is not None
        if await self._process.stdout.readline() != b"ready\n":
            raise RuntimeError("the nursery did not start")
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        if self._reading is not None:
            await self._reading

    async def begin(
        self, order: small.Order, log: Path, environment: Mapping[str, str] | None = None
    ) -> Child:
        """Begin a life, which writes into `log`."""
        asked = {"order": order.as_json(), "log": str(log), "environment": dict(environment or {})}
        self.tell(asked)
        child = Child(self, await self._born.get())
        if child.pid in self._codes:
            child.ended.set_result(self._codes.pop(child.pid))
        else:
            self._children[child.pid] = child
        return child

    def tell(self, what: dict[str, Any]) -> None:
        """Hand an order over."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            if "code" not in told:
                self._born.put_nowait(told["pid"])
            elif child := self._children.pop(told["pid"], None):
                child.ended.set_result(told["code"])
            else:
                self._codes[told["pid"]] = told["code"]


def serve() -> None:
    """The nursery itself: orders on the standard input, pids and exit codes on the standard output."""
    gc.freeze()
    gc.enable()
    woken, waker = socket.socketpair()
    for one in (woken, waker):
        one.settimeout(0)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    children: set[int] = set()
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        print("ready", flush=True)
        rest = b""
        while True:
            ready = [key.fileobj for key, _ in selector.select()]
            if woken in ready:
                with suppress(BlockingIOError):
                    woken.recv(4096)
                _reap(children)
            if 0 in ready:
                data = os.read(0, 65536)
                if not data:
                    break
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    _obey(json.loads(line), children)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _obey(asked: dict[str, Any], children: set[int]) -> None:
    if "signal" in asked:
        if asked["pid"] in children:
            os.kill(asked["pid"], asked["signal"])
        return
    pid = os.fork()
    if pid == 0:
        _be_born(asked)
    children.add(pid)
    print(json.dumps({"pid": pid}), flush=True)


def _reap(children: set[int]) -> None:
    for pid in tuple(children):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            children.remove(pid)
            print(json.dumps({"pid": pid, "code": os.waitstatus_to_exitcode(status)}), flush=True)


def _be_born(asked: dict[str, Any]) -> None:
    """In the child: live, and never return."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        log: IO[bytes]
        with Path(asked["log"]).open("ab") as log:
            os.dup2(nothing, 0)
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        os.environ.update(asked["environment"])
        code = small.main(asked["order"])
    except BaseException:  # noqa: BLE001 - it must not fall back into the nursery
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
