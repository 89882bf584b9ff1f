"""Figures of the server for Prometheus."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from irstd.server.admission import Admission
from irstd.server.watching import Current

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Metrics:
    """Counts of one server, in a registry of its own."""

    def __init__(self, current: Current, admission: Admission) -> None:
        registry = CollectorRegistry()
        self._registry, self._current = registry, current
        self.requests = Counter("irstd_requests", "Requests answered.", ("path", "status"), registry=registry)
        self.seconds = Histogram("irstd_detect_seconds", "Time of POST /detect.", buckets=_SECONDS, registry=registry)
        self.frames = Counter("irstd_frames", "Frames searched.", registry=registry)
        self.detections = Counter("irstd_detections", "Detections answered.", registry=registry)
        self._model = Gauge("irstd_model", "1 for the model in use.", ("name", "version", "bundle"), registry=registry)
        waiting = Gauge("irstd_requests_under_way", "Requests for detections that are not answered.", registry=registry)
        waiting.set_function(lambda: admission.requests)
        swaps = Gauge("irstd_model_swaps", "How often another model was put in place.", registry=registry)
        swaps.set_function(lambda: current.swaps)
        ProcessCollector(registry=registry)

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        model = self._current.model
        self._model.clear()
        self._model.labels(model.name, model.version or "", model.hash[:12]).set(1)
        return generate_latest(self._registry)


class Counted:
    """ASGI middleware that counts answers by path and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: frozenset[str]) -> None:
        self._app, self._metrics, self._paths = app, metrics, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"] if scope["path"] in self._paths else "other"
        begun = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.requests.labels(path, str(message["status"])).inc()
                if path == "/detect":
                    self._metrics.seconds.observe(time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, send_counted)
