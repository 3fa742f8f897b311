"""Counters and histograms, and the text that upstream's Prometheus exporter prints of them.

Format: tensorflow_serving/util/prometheus_exporter.cc (no HELP, no `_total`, labels before `le`). Sums are
printed in full where upstream rounds to six digits: a rounded sum makes increase() step over long uptimes.
"""

import bisect
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

Labels = tuple[str, ...]


def exponential(scale: float, growth: float, count: int) -> tuple[float, ...]:
    """Bucket limits scale × growth^i for i < count (tensorflow monitoring::Buckets::Exponential)."""
    limits, limit = [], scale
    for _ in range(count):
        limits.append(limit)
        limit *= growth
    return tuple(limits)


LATENCY = exponential(10, 1.8, 33)  # microseconds, to about 20 minutes
BATCH_SIZE = exponential(1, 2, 14)
QUEUEING = exponential(100, 1.2, 52)  # microseconds, to about 1 second


class Counter:
    """A number that only rises, one for each combination of label values."""

    kind = "counter"

    def __init__(self, name: str, *labels: str) -> None:
        self.name, self.labels = name, labels
        self._lock = threading.Lock()
        self._values: dict[Labels, int] = {} if labels else {(): 0}

    def add(self, *values: str) -> None:
        """Raise the cell of these label values."""
        with self._lock:
            self._values[values] = self._values.get(values, 0) + 1

    def lines(self) -> list[str]:
        """Sample lines of the exposition."""
        with self._lock:
            cells = sorted(self._values.items())
        name = metric_name(self.name)
        return [f"{name}{{{label_text(self.labels, values)}}} {number}" for values, number in cells]


@dataclass
class _Cell:
    buckets: list[int]
    total: float = 0.0


class Histogram:
    """Counts of observations by bucket, one set for each combination of label values."""

    kind = "histogram"

    def __init__(self, name: str, limits: Sequence[float], *labels: str) -> None:
        self.name, self.labels, self.limits = name, labels, tuple(limits)
        self._lock = threading.Lock()
        self._cells: dict[Labels, _Cell] = {}
        self._les = [f"{limit:.6g}" for limit in self.limits] + ["+Inf"]
        if not labels:
            self._cell(())

    def _cell(self, values: Labels) -> _Cell:
        if values not in self._cells:
            self._cells[values] = _Cell([0] * (len(self.limits) + 1))
        return self._cells[values]

    def add(self, amount: float, *values: str) -> None:
        """Observe `amount` in the cell of these label values; a limit counts as above itself, as upstream."""
        with self._lock:
            cell = self._cell(values)
            cell.buckets[bisect.bisect_right(self.limits, amount)] += 1
            cell.total += amount

    def lines(self) -> list[str]:
        """Sample lines of the exposition."""
        with self._lock:
            cells = [(values, list(cell.buckets), cell.total) for values, cell in sorted(self._cells.items())]
        return [line for cell in cells for line in self._cell_lines(*cell)]

    def _cell_lines(self, values: Labels, buckets: list[int], total: float) -> list[str]:
        name, labels, count, out = metric_name(self.name), label_text(self.labels, values), 0, []
        prefix = f"{labels}," if labels else ""
        for le, number in zip(self._les, buckets, strict=True):
            count += number
            out.append(f'{name}_bucket{{{prefix}le="{le}"}} {count}')
        shown = int(total) if total == int(total) else total
        return [*out, f"{name}_sum{{{labels}}} {shown}", f"{name}_count{{{labels}}} {count}"]


def metric_name(path: str) -> str:
    """`/tensorflow/serving/x` as Prometheus may name it: other characters become `:`."""
    name = re.sub(r"[^a-zA-Z0-9_]", ":", path)
    return f"_{name}" if name[:1].isdigit() else name


def label_text(names: Labels, values: Labels) -> str:
    """Label pairs as printed between braces."""
    return ",".join(f'{n}="{_escaped(v)}"' for n, v in zip(map(_label_name, names), values, strict=True))


def _label_name(name: str) -> str:
    name = re.sub(r"[^a-zA-Z0-9]", "_", name)
    return f"_{name}" if name[:1].isdigit() else name


def _escaped(value: str) -> str:
    # A raw newline would let a client's model name forge samples; upstream leaves it in.
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


class Metrics:
    """Every metric. Names, labels and buckets: servables/tensorflow/util.cc, batching/batching_util.h."""

    def __init__(self) -> None:
        serving, batching = "/tensorflow/serving", "/tensorflow/serving/batching_session"
        self.request_count = Counter(f"{serving}/request_count", "model_name", "status")
        self.request_latency = Histogram(
            f"{serving}/request_latency", LATENCY, "model_name", "API", "entrypoint"
        )
        self.runtime_latency = Histogram(
            f"{serving}/runtime_latency", LATENCY, "model_name", "API", "runtime"
        )
        self.processed_batch_size = Histogram(f"{batching}/processed_batch_size", BATCH_SIZE)
        self.queuing_latency = Histogram(f"{batching}/queuing_latency", QUEUEING, "thread_pool_name")

    def page(self) -> str:
        """The whole exposition, sorted by name as upstream's."""
        lines: list[str] = []
        for metric in sorted(vars(self).values(), key=lambda each: str(each.name)):
            lines += [f"# TYPE {metric_name(metric.name)} {metric.kind}", *metric.lines()]
        return "\n".join(lines) + "\n"
