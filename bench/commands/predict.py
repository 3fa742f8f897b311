"""`python -m bench predict`: ask every model server of a stack about one photo."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from base import files
from bench.subject import payloads
from bench.subject.outputs import read
from bench.subject.predict import Answer, Prediction, Refusal, Reply, answers, read_photo
from stack.outputs import Endpoint, StackOutputs

_LEAST_WIDTH, _MOST_WIDTH, _LIKELIEST = 10, 100, 5


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `predict`."""
    command.add_argument(
        "image",
        type=Path,
        nargs="?",
        help="a JPEG or PNG file, or a request of an adopted model; default: a drawn face, or its first one",
    )
    command.add_argument("--stack", help="a Pulumi stack; default: the selected one")
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(
    options: argparse.Namespace,
    read: Callable[[str | None], StackOutputs] = read,
    usual: Callable[[Endpoint], Path] = payloads.usual,
) -> int:
    """Print each server's answer or its reason for none; 1 if one has none. Raises BenchError."""
    if options.image is not None:
        read_photo(options.image)  # what is no photo is refused before any stack is asked
    endpoints = read(options.stack).endpoints
    chosen = payloads.chosen(endpoints, options.image, usual)
    if options.image is None:
        told = [f"{files.shown(file)}:" for file in dict.fromkeys(chosen.values())]
        print("\n".join(told), file=sys.stderr if options.json else sys.stdout)
    found = answers(endpoints, {server: read_photo(file) for server, file in chosen.items()})
    print(as_json(found) if options.json else as_table(found))
    return 1 if any(isinstance(each, Refusal) for each in found.values()) else 0


def as_json(found: Mapping[str, Answer | Refusal]) -> str:
    """`{"tensorflow": {"label": …, "probabilities": {…}}, "torchserve": {"error": …}, …}`."""
    return json.dumps({server: asdict(each) for server, each in found.items()}, indent=2)


def as_table(found: Mapping[str, Answer | Refusal]) -> str:
    """A line for each server: every class in a column, or the likeliest where they would be too wide."""
    classes = _in_order(each for each in found.values() if isinstance(each, Prediction))
    wide = max([_LEAST_WIDTH, *(len(name) + 2 for name in classes)])
    columns = classes if wide * len(classes) <= _MOST_WIDTH else []
    if any(isinstance(each, Reply) for each in found.values()):
        lines = (f"{server:<12}{_cells(each, (), 0)}" for server, each in found.items())
        return "\n".join([f"{'server':<12}answer", *lines])
    header = f"{'server':<12}{'label':<{wide}}" + "".join(f"{name:>{wide}}" for name in columns)
    return "\n".join(
        [header, *(f"{server:<12}{_cells(each, columns, wide)}" for server, each in found.items())]
    )


def shortened(text: str) -> str:
    """As much of it as a line holds."""
    return text if len(text) <= _MOST_WIDTH else f"{text[: _MOST_WIDTH - 4]} ..."


def _in_order(found: Iterable[Prediction]) -> list[str]:
    """Every class that an answer names; TorchServe names them in another order every time."""
    return sorted({name for each in found for name in each.probabilities})


def _cells(found: Answer | Refusal, columns: Sequence[str], wide: int) -> str:
    if isinstance(found, Refusal):
        return f"refused: {found.error}"
    if isinstance(found, Reply):
        return shortened(json.dumps(found.content, ensure_ascii=False))
    if columns:
        shown = "".join(f"{found.probabilities.get(name, 0):>{wide}.1%}" for name in columns)
    else:
        likeliest = sorted(found.probabilities.items(), key=lambda item: -item[1])[:_LIKELIEST]
        shown = "  " + ", ".join(f"{name} {share:.1%}" for name, share in likeliest)
    return f"{found.label:<{wide}}{shown}"
