"""`/healthz`: the process lives. `/readyz`: nothing waits for too long. `/metrics`: figures for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, ProcessCollector, generate_latest

from bot.services import health

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.services.health import Health

    class Look(Protocol):
        """A way to look at the newsroom."""

        def __call__(self, *, counting: bool) -> Awaitable[Health]:
            """Take a look, with or without counting what there is."""


class Pages:
    """The routes, over a way to look at the newsroom.

    Args:
        look: takes a look, counting only for the metrics; it never raises.
        figures: further figures by name, read at each scrape (waiting sends, runs of ticks).
    """

    def __init__(self, look: Look, figures: Callable[[], Mapping[str, float]]) -> None:
        self._look = look
        self._figures = figures

    def routes(self) -> list[web.RouteDef]:
        """What the server serves."""
        return [
            web.get("/healthz", self._healthz),
            web.get("/readyz", self._readyz),
            web.get("/metrics", self._metrics),
        ]

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _readyz(self, _request: web.Request) -> web.Response:
        found = await self._look(counting=False)
        body = {
            "status": "ready" if found.ready else "not ready",
            "trouble": list(found.trouble),
            "overdue_seconds": {kind: round(seconds, 1) for kind, seconds in found.overdue.items()},
            "limits_seconds": {kind: limit.total_seconds() for kind, limit in health.LIMITS.items()},
        }
        return web.json_response(body, status=200 if found.ready else 503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        found = await self._look(counting=True)
        ready = Gauge("paperboy_ready", "Whether nothing is overdue for too long.", registry=registry)
        ready.set(int(found.ready))
        overdue = Gauge(
            "paperboy_overdue_seconds", "Age of the oldest overdue work.", ["kind"], registry=registry
        )
        for kind, seconds in found.overdue.items():
            overdue.labels(kind).set(seconds)
        for subject, counts in found.counts.items():
            gauge = Gauge(
                f"paperboy_{subject}", f"Number of {subject} by state.", ["state"], registry=registry
            )
            for state, number in counts.items():
                gauge.labels(state).set(number)
        for name, value in self._figures().items():
            Gauge(f"paperboy_{name}", name.replace("_", " "), registry=registry).set(value)
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
