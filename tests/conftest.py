"""What holds for every test: examples drawn alike on every machine, however slow it is, and logging left as it was."""

from __future__ import annotations

import gc
import logging
from pathlib import Path
from typing import TYPE_CHECKING

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


UNCOUNTED = frozenset({"operator", "rules", "texts"})
"""Rooms of tests that start processes of their own or read our files: coverage sees nothing there that is new."""


_FIRST = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the first test of each file."""
    seen: set[Path] = set()
    for item in items:
        item.stash[_FIRST] = item.path not in seen
        seen.add(item.path)


def pytest_collection_finish() -> None:
    """Leave what collecting has made to itself: the collector would go through all of it again and again."""
    gc.collect()
    gc.freeze()


def _counts(item: pytest.Item) -> bool:
    """Whether coverage counts a test: the first case of each, and end to end the first test of each file.

    The others walk the same lines with other input, and counting doubles their time.
    """
    case = getattr(item, "callspec", None)
    again = case is not None and any(case.indices.values())
    room = item.path.relative_to(Path(__file__).parent).parts[0]
    special = item.get_closest_marker("no_cover") or is_hypothesis_test(getattr(item, "function", None))
    walked = room == "end_to_end" and not item.stash[_FIRST]
    return not (again or special or walked or room in UNCOUNTED)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let coverage rest while a test is set up, runs and ends of which nothing is counted: it doubles their time."""
    counting = item.config.pluginmanager.get_plugin("_cov")
    controller = getattr(counting, "cov_controller", None)
    if controller is None or _counts(item):
        return (yield)
    controller.pause()
    try:
        return (yield)
    finally:
        controller.resume()


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
