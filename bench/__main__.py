"""`python -m bench`: put questions and load to a deployed stack."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from bench import stack
from bench.predict import CLASSES, Prediction, PredictionError, predict, read_photo


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser("predict", help="ask every model server of a stack about one photo")
    one.add_argument("image", type=Path, help="a JPEG or PNG file with a face")
    one.add_argument("--stack", help="a Pulumi stack; default: the selected one")
    one.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 1 if it could not do its work."""
    options = parser().parse_args(arguments)
    try:
        photo = read_photo(options.image)
        endpoints = stack.read(options.stack).endpoints
        answers = {endpoint.server: predict(endpoint, photo) for endpoint in endpoints}
    except (PredictionError, stack.StackUnavailableError) as error:
        print(f"predict: {error}", file=sys.stderr)
        return 1
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


if __name__ == "__main__":
    sys.exit(main())
