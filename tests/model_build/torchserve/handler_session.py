"""Run by a test in a process of its own (PyTorch and TensorFlow cannot share one): a TorchServe worker's day.

Arguments: folder of an unpacked archive, file with questions, file for the answers.
"""

import importlib
import json
import sys
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
        self.statuses: dict[int, tuple[int, str]] = {}

    def get_metric(self, metric_name: str) -> RecordingCounter:
        return self.counters.setdefault(metric_name, RecordingCounter())

    def set_response_status(self, code: int, phrase: str, idx: int) -> None:
        self.statuses[idx] = (code, phrase)


def main(folder: Path, questions: Path, answers: Path) -> None:
    handler = importlib.import_module("handler").EmotionHandler()
    context = RecordingContext(folder)
    handler.initialize(context)
    batches = json.loads(questions.read_text())
    replies = []
    for texts in batches:
        context.statuses.clear()
        rows = handler.handle([{"body": {"data": text}} for text in texts], context)
        replies.append({"rows": rows, "statuses": {str(i): status for i, status in context.statuses.items()}})
    report = {
        "replies": replies,
        "counters": {name: counter.added for name, counter in context.counters.items()},
        "threads": torch.get_num_threads(),
    }
    answers.write_text(json.dumps(report))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
