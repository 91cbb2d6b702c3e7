"""Faults on order: what networks and servers do to a bot, each waiting for the next call of its method."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from bot.playground.rules.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(slots=True, eq=False)
class Hold:
    """The answer waits until it is released.

    Args:
        before: whether the call itself waits too; by default it is done at once and only its answer waits.
        answer: what is answered in the end to a call that waited itself, which is not done then.
    """

    before: bool = False
    answer: Answer | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let it go."""
        self.released.set()

    async def wait(self) -> None:
        """Say that the call is here, and wait for the release."""
        self.reached.set()
        await self.released.wait()


@dataclass(frozen=True, slots=True, eq=False)
class DropBefore:
    """The connection is reset and nothing is done."""


@dataclass(frozen=True, slots=True, eq=False)
class DropAfter:
    """The call is done and the connection is reset without an answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The call is done, half of the answer arrives, then the connection is reset."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Nothing is done and this is answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class AnswerAfter:
    """The call is done and this is answered instead of its result."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Fault: TypeAlias = Hold | DropBefore | DropAfter | Cut | Answer | AnswerAfter


def refuse(status: int, description: str, **parameters: int) -> Answer:
    """An answer in Telegram's form, such as `refuse(429, "Too Many Requests: retry after 60", retry_after=60)`."""
    body = json.dumps(Refusal(status, description, **parameters).answer()).encode()
    return Answer(status, body, {"Content-Type": "application/json"})


@dataclass(slots=True)
class _Order:
    method: str
    fault: Fault
    times: int
    chat: int | None


class Faults:
    """The faults that are waiting, the first one first."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []
        self._given: list[Hold] = []

    def __len__(self) -> int:
        return sum(order.times for order in self._orders)

    def __iter__(self) -> Iterator[Fault]:
        return (order.fault for order in self._orders)

    def add(self, method: str, fault: Fault, times: int = 1, chat: int | None = None) -> None:
        """Let `fault` happen to the next calls.

        Args:
            method: the Bot API's method, in any case; `*` for each.
            fault: what shall happen.
            times: to how many calls.
            chat: only to calls for this chat; None for any call.
        """
        self._orders.append(_Order(method.lower(), fault, times, chat))

    def take(self, method: str, chat: int | None) -> Fault | None:
        """The fault for this call, which is used up by it; None for none."""
        for order in self._orders:
            if order.method in {method.lower(), "*"} and order.chat in {None, chat}:
                order.times -= 1
                if order.times <= 0:
                    self._orders.remove(order)
                if isinstance(order.fault, Hold):
                    self._given.append(order.fault)
                return order.fault
        return None

    def clear(self) -> None:
        """Forget what has not happened yet, and release what is held."""
        self._orders.clear()
        while self._given:
            self._given.pop().release()
