"""What holds for every test: examples drawn alike on every machine, however slow it is, and logging left as it was."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("steady")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Coverage counts the first case of each test: the others walk the same lines with other input, at twice the time.

    (Measured: counting every case of everything took 100 of 290 seconds.)
    """
    case = getattr(item, "callspec", None)
    again = case is not None and any(case.indices.values())
    if again or is_hypothesis_test(getattr(item, "function", None)):
        item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
