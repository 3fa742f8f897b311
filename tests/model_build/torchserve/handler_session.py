"""Run by a test in a process of its own (PyTorch and TensorFlow cannot share one): a TorchServe worker's day.

Arguments: folder of an unpacked archive, file with questions, file for the answers.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import torch


class RecordingCounter:
    """A declared metric that remembers what was added."""

    def __init__(self) -> None:
        self.added: list[tuple[float, list[str]]] = []

    def add_or_update(self, value: float, dimension_values: list[str]) -> None:
        self.added.append((value, dimension_values))


class RecordingContext:
    """TorchServe's context with both counters declared."""

    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / "MAR-INF" / "MANIFEST.json").read_text())
        self.system_properties = {"model_dir": str(folder), "gpu_id": None, "batch_size": 8}
        self.metrics = self
        self.counters: dict[str, RecordingCounter] = {}
        self.headers: list[Mapping[str, object]] = []
        self.statuses: dict[int, tuple[int, str]] = {}
        self.content_types: dict[int, str] = {}

    def get_metric(self, metric_name: str) -> RecordingCounter:
        return self.counters.setdefault(metric_name, RecordingCounter())

    def set_response_status(self, code: int, phrase: str, idx: int) -> None:
        self.statuses[idx] = (code, phrase)

    def set_response_content_type(self, idx: int, value: str) -> None:
        self.content_types[idx] = value

    def get_all_request_header(self, idx: int) -> Mapping[str, object]:
        return self.headers[idx]


def main(folder: Path, asked: Path, answers: Path) -> None:
    handler = importlib.import_module("handler").EmotionHandler()
    context = RecordingContext(folder)
    handler.initialize(context)
    batches = json.loads(asked.read_text())
    replies = []
    for questions in batches:
        context.statuses.clear()
        context.content_types.clear()
        context.headers = [question["headers"] for question in questions]
        rows = handler.handle([{"body": question["body"]} for question in questions], context)
        statuses = {str(index): status for index, status in context.statuses.items()}
        replies.append({"rows": rows, "statuses": statuses, "types": list(context.content_types.items())})
    _, errors = handler.preprocess([{"body": question["body"]} for question in batches[0]])
    report = {
        "without_headers": errors,
        "replies": replies,
        "counters": {name: counter.added for name, counter in context.counters.items()},
        "threads": torch.get_num_threads(),
    }
    answers.write_text(json.dumps(report))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
