"""What the fixtures of this folder start, by its types, and a handler for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from aiohttp import web

from bot.feeds.fetch import Fetcher

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Conversation: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Open: TypeAlias = Callable[..., Awaitable[Fetcher]]
"""Opens a fetcher with some settings of its own (the fixture `fetcher`)."""
Serve: TypeAlias = Callable[[Handler], Awaitable[str]]
"""Starts an HTTP server and gives its address (the fixture `serve`)."""
Talk: TypeAlias = Callable[[Conversation], Awaitable[str]]
"""The same for a bare TCP server (the fixture `talk`)."""


def answering(*answers: Any) -> tuple[Handler, list[web.Request]]:
    """A handler that gives its answers in turn, the last one for ever, and the requests that it got."""
    requests: list[web.Request] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        requests.append(request)
        settings = dict(answers[min(len(requests), len(answers)) - 1])
        return web.Response(**settings)

    return handle, requests
