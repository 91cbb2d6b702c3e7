"""Named places at which a crash test ends the process, as a power cut would; nothing happens there otherwise.

The newsroom never arms one: only the scripts under `bench/crash` do. Off, a place costs reading one name (measured: 35 ns).
"""

from __future__ import annotations

import os
import signal
from typing import Final

_COMMITS: Final = (
    "Deliveries.recover.<locals>.write",
    "Deliveries._recover",
    "Deliveries._claim",
    "Ledger._settle",
    "give_back",
    "receive",
    "_write",
    "Spreading._owe",
)
NAMES: Final = (
    *(f"{work}, {when} the commit" for work in _COMMITS for when in ("before", "after")),
    "send, before the first byte",
    "send, bytes written",
    "send, answer read",
    "settle, begun",
    "settle, finished",
    "migrate, before a step",
    "migrate, before the commit",
    "migrate, after the commit",
    "backup, copied",
    "backup, in its place",
    "restore, the old one kept",
    "restore, in its place",
)
"""Every place, as the campaign goes through them. Those of commits are named after what is committed."""

armed: str | None = None
"""The place at which the process ends; None almost always. Module state, so that a place costs next to nothing."""
_left = 0


def arm(name: str, count: int = 1) -> None:
    """End the process at the `count`-th time that it comes to a place.

    Raises:
        ValueError: there is no such place.
    """
    global armed, _left
    if name not in NAMES:
        raise ValueError(f"there is no failpoint {name!r}")
    armed, _left = name, count


def hit(name: str) -> None:
    """Come to a place."""
    global _left  # noqa: PLW0603 - see `armed`
    if armed is None or name != armed:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
