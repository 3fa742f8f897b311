"""The part of TorchServe 0.12 that the handler uses (ts/context.py, ts/metrics/), as types."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Counter(Protocol):
    """A metric declared in metrics.yaml."""

    def add_or_update(self, value: float, dimension_values: Sequence[str]) -> None:
        """Add to the counter of these dimension values."""


class Metrics(Protocol):
    """The metrics cache of one worker."""

    def get_metric(self, metric_name: str) -> Counter:
        """A counter by its name; raises when metrics.yaml does not declare it."""


class Context(Protocol):
    """What TorchServe hands to the handler."""

    manifest: Mapping[str, Mapping[str, str]]
    metrics: Metrics

    @property
    def system_properties(self) -> Mapping[str, object]:
        """`model_dir` and others."""

    def set_response_status(self, code: int, phrase: str, idx: int) -> None:
        """HTTP status of one request of the batch."""

    def set_response_content_type(self, idx: int, value: str) -> None:
        """Content-Type of one answer; without it TorchServe sends none."""

    def get_all_request_header(self, idx: int) -> Mapping[str, object]:
        """The headers of one request; `explain` is "True" if it came by a path for explanations."""
