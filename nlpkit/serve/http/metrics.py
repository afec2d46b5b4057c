"""What a server counts, in the form that Prometheus collects; all processes together."""

import os

import prometheus_client
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

__all__ = ["CONTENT_TYPE", "FOLDER", "Metrics"]

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which processes find the folder in which they count together."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "nlpkit_requests",
            "Requests by model and status code.",
            ["model", "status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "nlpkit_request_seconds",
            "Seconds from a request's arrival to its answer.",
            ["model"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.batch_rows = Histogram(
            "nlpkit_batch_examples",
            "Examples that were computed together.",
            buckets=_ROWS,
            registry=self._registry,
        )
        self.waiting = Gauge(
            "nlpkit_waiting_examples",
            "Examples that wait to be computed.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )

    def text(self) -> bytes:
        """All counters in Prometheus's text format.

        Returns:
            The text, UTF-8.
        """
        registry = self._registry
        if FOLDER in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)
        return generate_latest(registry)
