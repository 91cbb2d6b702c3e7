"""Parsing in processes that can be killed: a hostile document costs one worker five seconds, and nobody else anything.

Measured with feedparser: 100,000 escaped comment marks hold it for 16 s, a made-up author address for 24 s, all in C
code that no thread and no timer of the same process could interrupt.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import resource
import signal
import sys
from concurrent.futures.process import BrokenProcessPool
from importlib.machinery import ModuleSpec
from threading import Thread
from typing import TYPE_CHECKING, Final, ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from bot.errors import NotReadable, TooSlow

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

P = ParamSpec("P")
T = TypeVar("T")

_PRELOADED: Final = ["bot.feeds.workers", "bot.feeds.documents", "bot.feeds.extract", "trafilatura"]
"""What workers need, imported once in the process that they are forked from; nothing else of the bot is."""
_MOST_TASKS: Final = 200
"""Tasks after which a worker is replaced, so that what libraries leak ends with it."""

log = logging.getLogger(__name__)


class Workers:
    """A few processes for parsing; open it with `async with`, or with `open` and `close`.

    Args:
        count: processes.
        seconds: a task that takes longer is killed with its process, and another process is started.
        memory: bytes of address space that a process may take; about 130 MiB are taken by code alone.
    """

    def __init__(self, *, count: int = 2, seconds: float = 5.0, memory: int = 1024 * 1024 * 1024) -> None:
        self._count = count
        self._seconds = seconds
        self._memory = memory
        self._pool: ProcessPool | None = None
        self._starting = asyncio.Lock()

    async def open(self) -> None:
        """Start the processes; takes about as long as importing the parsers."""
        _leave_main_alone()
        self._pool = await self._started()

    async def close(self) -> None:
        """End the processes; tasks under way are killed."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(_end, pool)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in a worker; what it raises comes out as it is.

        Args:
            function: a function of a module; it and its arguments and result are pickled.
            args: its arguments.
            kwargs: the same by name.

        Raises:
            TooSlow: it was killed at the deadline (`source.parse_slow`).
            NotReadable: it took too much memory, or its process died (`source.parse_slow`).
        """
        pool = await self._living()
        try:
            task = (self._seconds, function, args, kwargs)
            return await asyncio.wrap_future(pool.schedule(_bounded, task, timeout=self._seconds))
        except TimeoutError:
            raise TooSlow("source.parse_slow") from None
        except (MemoryError, ProcessExpired, BrokenProcessPool):
            raise NotReadable("source.parse_slow") from None

    async def _living(self) -> ProcessPool:
        """The pool; a new one where it gave up as a whole, as it does when a worker dies without a task."""
        async with self._starting:
            if self._pool is None:
                raise RuntimeError("the workers are not open")
            if not self._pool.active:
                log.warning("the parsing processes died and are started again")
                await asyncio.to_thread(_end, self._pool)
                self._pool = await self._started()
            return self._pool

    async def _started(self) -> ProcessPool:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        pool = ProcessPool(
            self._count, max_tasks=_MOST_TASKS, initializer=_settle, initargs=(self._memory,), context=context
        )
        # The first task starts the processes, and waits for them.
        await asyncio.wrap_future(await asyncio.to_thread(pool.schedule, os.getpid))
        return pool


def _leave_main_alone() -> None:
    """Keep workers from importing the program's main module, and with it the whole bot.

    Multiprocessing runs the main script in every worker, so that functions defined there are found; ours are in
    modules. It makes an exception for a package's `__main__`, which `python -m bot` is and a console script is not.
    """
    main = sys.modules["__main__"]
    if main.__spec__ is None:
        main.__spec__ = ModuleSpec("bot.__main__", None)


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call] # Pebble leaves this one out
    pool.join()


def _settle(memory: int) -> None:
    """Prepare a worker: bounded memory, silent, dead as soon as it is told to or the bot is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a handler in Python would wait for C code to return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _bounded(
    seconds: float, function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]
) -> T:
    """Call `function` with a limit on the processor's time as well.

    It is what ends a task that spins in C code after the bot was killed, when no thread gets a turn.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
    return function(*args, **kwargs)
