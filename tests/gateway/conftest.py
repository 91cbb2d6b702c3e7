from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway.rig import Gateway, open_gateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with open_gateway() as opened:
        yield opened
