"""What holds for every test: examples drawn alike on every machine, however slow it is, and logging left as it was."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

settings.register_profile(
    "steady",
    max_examples=50,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
settings.load_profile("steady")


UNCOUNTED = frozenset({"rules", "texts"})
"""Rooms of tests that read our files: coverage sees nothing there that is new."""


WALKED = frozenset({"end_to_end", "services"})
"""Rooms of tests that go through many rooms of ours, along ways that cross each other."""


def _counting(config: pytest.Config) -> Any:
    """What makes coverage rest and go on; None where nothing is counted."""
    return getattr(config.pluginmanager.get_plugin("_cov"), "cov_controller", None)


def _load_program(config: pytest.Config) -> None:
    """Import every module of ours in the first process of tests, so that what runs as they are loaded is counted."""
    if config.getoption("dist", "no") != "no" or os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0":
        return
    for package in map(importlib.import_module, ("bot", "handlers", "jobs")):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith("bot.storage.migrations."):  # Alembic runs these by itself
                importlib.import_module(module.name)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Let coverage and the garbage collector rest while tests are collected: together they make it four times as long.

    What collecting has made is left to itself afterwards: the collector would go through all of it again and again.
    """
    counting = _counting(session.config)
    gc.disable()
    if counting is not None:
        _load_program(session.config)
        counting.pause()
    try:
        return (yield)
    finally:
        if counting is not None:
            counting.resume()
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and most of that waits: beside it the others run, and nobody waits for it at the end."""
    items.sort(key=_longest_first)


def _longest_first(item: pytest.Item) -> float:
    allowed = item.get_closest_marker("timeout")
    if allowed is not None and allowed.args:
        return -float(allowed.args[0])
    return -1.0 if item.get_closest_marker("slow") else 0.0


def _counts(item: pytest.Item) -> bool:
    """Whether coverage counts a test: none that is slow, the first case of each; and in two rooms every third, by its name.

    The others walk the same lines with other input or more of it, and counting doubles their time: all of them together
    add two lines to a hundred (measured). Nor does it see what goes on in processes that tests start.
    """
    case = getattr(item, "callspec", None)
    again = case is not None and any(case.indices.values())
    room = item.path.relative_to(Path(__file__).parent).parts[0]
    marked = any(map(item.get_closest_marker, ("no_cover", "slow", "browser")))
    special = marked or is_hypothesis_test(getattr(item, "function", None))
    walked = room in WALKED and crc32(item.name.encode()) % 3 > 0
    return not (again or special or walked or room in UNCOUNTED)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let coverage rest while a test is set up, runs and ends of which nothing is counted: it doubles their time."""
    counting = _counting(item.config)
    if counting is None or _counts(item):
        return (yield)
    counting.pause()
    try:
        return (yield)
    finally:
        # It goes on already where the test is marked `no_cover`: then pytest-cov has let it rest and go on as well.
        # To start it a second time would keep it from ever resting again.
        if not counting.started:
            counting.resume()


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
