"""What the server counts of itself, for Prometheus: requests by operation and status, their times, jobs, documents."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Metrics:
    """The counters of one application.

    Args:
        gauges: name, help and current value of what is read only when it is asked for.
    """

    def __init__(self, gauges: Callable[[], list[tuple[str, str, float]]]) -> None:
        self.registry = CollectorRegistry()
        names = ("method", "route", "status")
        self.requests = Counter("fadu_requests", "Requests answered", names, registry=self.registry)
        self.seconds = Histogram(
            "fadu_request_seconds",
            "Seconds until the answer began",
            ("route",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(_Gauges(gauges))

    def text(self) -> bytes:
        """Everything in the Prometheus text format."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    def __init__(self, read: Callable[[], list[tuple[str, str, float]]]) -> None:
        self._read = read

    def collect(self) -> list[GaugeMetricFamily]:
        return [GaugeMetricFamily(name, told, value) for name, told, value in self._read()]

    def describe(self) -> list[GaugeMetricFamily]:
        return []


class Measured:
    """ASGI middleware that counts requests; routes are counted by their pattern, never by what stood in the address."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def send_measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "") or "other"
                self.metrics.requests.labels(scope["method"], route, message["status"]).inc()
                self.metrics.seconds.labels(route).observe(time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, send_measured)
