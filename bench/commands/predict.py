"""`python -m bench predict`: ask every model server of a stack about one photo."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from bench import stack
from bench.predict import CLASSES, Prediction, predict, read_photo


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `predict`."""
    command.add_argument("image", type=Path, help="a JPEG or PNG file with a face")
    command.add_argument("--stack", help="a Pulumi stack; default: the selected one")
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options: argparse.Namespace) -> int:
    """Print each server's answer. Raises BenchError."""
    photo = read_photo(options.image)
    endpoints = stack.read(options.stack).endpoints
    answers = {endpoint.server: predict(endpoint, photo) for endpoint in endpoints}
    print(as_json(answers) if options.json else as_table(answers))
    return 0


def as_json(answers: Mapping[str, Prediction]) -> str:
    """`{"tensorflow": {"label": …, "probabilities": {…}}, …}`."""
    return json.dumps({server: asdict(answer) for server, answer in answers.items()}, indent=2)


def as_table(answers: Mapping[str, Prediction]) -> str:
    """A line for each server."""
    header = f"{'server':<12}{'label':<10}" + "".join(f"{name:>10}" for name in CLASSES)
    lines = [
        f"{server:<12}{answer.label:<10}"
        + "".join(f"{answer.probabilities[name]:>10.1%}" for name in CLASSES)
        for server, answer in answers.items()
    ]
    return "\n".join([header, *lines])
