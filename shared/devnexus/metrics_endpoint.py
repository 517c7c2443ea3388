"""Feeds Prometheus from the log: from the lines that `metrics.yaml` names. Imported where it is asked for."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)

from devnexus.errors import ConfigurationError
from devnexus.metrics import OTHER, Metric, Metrics, load_metrics

_MOST_VALUES = 100
"""Values of one label that are told apart; whoever sends more must not fill the memory."""

_MOST_CHARACTERS = 100
_TOO_MUCH = 1e15
_SECONDS = {"1": 1.0, "ms": 0.001}
"""What a field's number is multiplied by: Prometheus wants seconds."""


def serve_metrics(service: str, *, host: str, port: int) -> None:
    """Count what this process logs from now on, and tell Prometheus on a port of its own, in a thread.

    Beside our metrics stand the process' memory, CPU time and open files. Raises ConfigurationError where the
    port is not to be had.
    """
    # or each series has a second one beside it, which nobody here reads
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    counting = Counting(load_metrics(), service=service, registry=registry)
    try:
        start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise ConfigurationError(
            f"METRICS_PORT: nothing can listen on {host}:{port} ({error.strerror}); choose another port"
        ) from error
    logging.getLogger().addHandler(counting)


class Counting(logging.Handler):
    """Moves the metrics of one service by the log records that they are made of."""

    def __init__(self, metrics: Metrics, *, service: str, registry: CollectorRegistry) -> None:
        super().__init__()
        self._figures: dict[tuple[str, str], list[_Figure]] = defaultdict(list)
        for metric in metrics.of(service):
            figure = _Figure(metric, _bounds(metric, metrics), service=service, registry=registry)
            self._figures[metric.logger, metric.message].append(figure)

    def emit(self, record: logging.LogRecord) -> None:
        """As logging has it; never raises for what a record holds."""
        if isinstance(record.msg, str):
            for figure in self._figures.get((record.name, record.msg), ()):
                figure.move(vars(record))


class _Figure:
    """One metric, as Prometheus' client keeps it."""

    def __init__(
        self, metric: Metric, bounds: Sequence[float], *, service: str, registry: CollectorRegistry
    ) -> None:
        self._metric = metric
        self._service = service
        self._values: dict[str, set[str]] = defaultdict(set)
        name, about, labels = metric.name, metric.about, metric.labels
        self._kept: Counter | Gauge | Histogram
        match metric.kind:
            case "counter":
                self._kept = Counter(name, about, labels, registry=registry)
            case "gauge":
                self._kept = Gauge(name, about, labels, registry=registry)
            case "distribution":
                self._kept = Histogram(name, about, labels, buckets=bounds, registry=registry)

    def move(self, fields: Mapping[str, object]) -> None:
        """Take in what a line says; a line without its number says nothing."""
        number = 1.0 if self._metric.value is None else _number(fields.get(self._metric.value))
        if number is None:
            return
        number *= _SECONDS[self._metric.unit]
        labels = [self._label(label, fields) for label in self._metric.labels]
        kept = self._kept.labels(*labels) if labels else self._kept
        match kept:
            case Counter():
                kept.inc(number)
            case Gauge():
                kept.set(number)
            case Histogram():
                kept.observe(number)

    def _label(self, label: str, fields: Mapping[str, object]) -> str:
        value = self._service if label == "service" else _text(fields.get(label, ""))
        seen = self._values[label]
        if value not in seen and len(seen) >= _MOST_VALUES:
            return OTHER
        seen.add(value)
        return value


def _bounds(metric: Metric, metrics: Metrics) -> Sequence[float]:
    buckets = metrics.buckets.get(metric.unit)
    return [bound * _SECONDS[metric.unit] for bound in buckets.bounds] if buckets else []


def _text(value: object) -> str:
    return str(value)[:_MOST_CHARACTERS].encode("utf-8", "replace").decode()  # half a pair cannot be told


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < _TOO_MUCH else None
