"""Answer requests with an unpacked model archive, as a TorchServe worker would.

Run as a script in the unpacked archive's folder, with that folder first on PYTHONPATH, so that the archive's
own copies are what runs. Reads a JSON list of base64 texts, writes the handler's answers and statuses.
"""

import importlib
import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn


class WorkerContext:
    """Stand-in for TorchServe's context, for proofs and tests: one archive, no declared metrics."""

    def __init__(self, folder: Path) -> None:
        self.manifest: Mapping[str, Mapping[str, str]] = json.loads(
            (folder / "MAR-INF" / "MANIFEST.json").read_text()
        )
        self.system_properties: Mapping[str, object] = {"model_dir": str(folder), "gpu_id": None}
        self.statuses: dict[int, int] = {}
        self.metrics = self

    def get_metric(self, metric_name: str) -> NoReturn:
        """No metrics.yaml here: the handler must do without."""
        raise KeyError(metric_name)

    def set_response_status(self, code: int, phrase: str, idx: int) -> None:  # noqa: ARG002  # TorchServe's signature
        """Remember the status of one request."""
        self.statuses[idx] = code

    def set_response_content_type(self, idx: int, value: str) -> None:
        """Nobody reads it here."""

    def get_all_request_header(self, idx: int) -> Mapping[str, object]:  # noqa: ARG002  # TorchServe's signature
        """No request came by HTTP."""
        return {}


def main(questions: Path, answers: Path) -> None:
    """Answer one batch."""
    folder = Path.cwd()
    handler = importlib.import_module("handler").EmotionHandler()
    contract = importlib.import_module("model_build.in_archive.contract").__file__
    if not Path(str(contract)).is_relative_to(folder):
        sys.exit(f"the archive's own contract.py was not used, but {contract}")
    logging.disable(logging.WARNING)  # no metrics.yaml is declared here: the handler would say so
    context = WorkerContext(folder)
    handler.initialize(context)
    rows = [{"body": {"data": text}} for text in json.loads(questions.read_text())]
    replies = handler.handle(rows, context)
    statuses = [context.statuses.get(index, 200) for index in range(len(rows))]
    answers.write_text(json.dumps([replies, statuses]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
