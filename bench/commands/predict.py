"""`python -m bench predict`: ask every model server of a stack about one photo."""

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from bench.subject.outputs import read
from bench.subject.predict import CLASSES, Prediction, Refusal, answers, read_photo
from stack.outputs import StackOutputs


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `predict`."""
    command.add_argument("image", type=Path, help="a JPEG or PNG file with a face")
    command.add_argument("--stack", help="a Pulumi stack; default: the selected one")
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options: argparse.Namespace, read: Callable[[str | None], StackOutputs] = read) -> int:
    """Print each server's answer or its reason for none; 1 if one has none. Raises BenchError."""
    photo = read_photo(options.image)
    found = answers(read(options.stack).endpoints, photo)
    print(as_json(found) if options.json else as_table(found))
    return 1 if any(isinstance(each, Refusal) for each in found.values()) else 0


def as_json(found: Mapping[str, Prediction | Refusal]) -> str:
    """`{"tensorflow": {"label": …, "probabilities": {…}}, "torchserve": {"error": …}, …}`."""
    return json.dumps({server: asdict(each) for server, each in found.items()}, indent=2)


def as_table(found: Mapping[str, Prediction | Refusal]) -> str:
    """A line for each server."""
    header = f"{'server':<12}{'label':<10}" + "".join(f"{name:>10}" for name in CLASSES)
    return "\n".join([header, *(f"{server:<12}{_cells(each)}" for server, each in found.items())])


def _cells(found: Prediction | Refusal) -> str:
    if isinstance(found, Refusal):
        return f"refused: {found.error}"
    return f"{found.label:<10}" + "".join(f"{found.probabilities[name]:>10.1%}" for name in CLASSES)
