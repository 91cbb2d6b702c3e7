"""An event loop on which time passes only by waiting: seconds of pacing are tested in milliseconds."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class _NoWaiting(selectors.DefaultSelector):
    """A selector that lets its loop's clock jump instead of waiting."""

    loop: JumpingLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.loop.turns += 1
        found = super().select(None if timeout is None else 0)
        if not found and timeout:
            self.loop.now += timeout + self.loop.late
        return found


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only by what is waited for.

    Attributes:
        now: its time, in seconds.
        late: seconds by which every wait takes too long.
        turns: how often it has gone round.
    """

    def __init__(self, late: float = 0.0) -> None:
        self.now = 0.0
        self.late = late
        self.turns = 0
        selector = _NoWaiting()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def in_jumping_time(work: Callable[[JumpingLoop], Coroutine[Any, Any, None]], late: float = 0.0) -> None:
    """Run `work` on a loop whose time jumps."""
    loop = JumpingLoop(late)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(work(loop))
