"""`python -m bench`: put questions and load to a deployed stack."""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from bench import all as everything
from bench import (
    autoscalers,
    baseline,
    calibrate,
    findings,
    gate,
    inspect,
    recommend,
    run,
    scaling,
    stack,
    verify,
)
from bench.cluster import ClusterError
from bench.openloop import LoadError
from bench.predict import CLASSES, Prediction, PredictionError, predict, read_photo
from bench.report import command as report
from stack import settings
from stack.schema import SettingsError


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser("predict", help="ask every model server of a stack about one photo")
    one.add_argument("image", type=Path, help="a JPEG or PNG file with a face")
    one.add_argument("--stack", help="a Pulumi stack; default: the selected one")
    one.add_argument("--json", action="store_true", help="print JSON instead of a table")
    check = commands.add_parser("verify", help="compare a stack's settings with what its pods really do")
    check.add_argument("stack", nargs="?", help="a Pulumi stack; default: the selected one")
    check.add_argument("--json", action="store_true", help="print JSON instead of a table")
    state = commands.add_parser("status", help="every autoscaler, and why a metric is unknown")
    state.add_argument("stack", nargs="?", help="a Pulumi stack; default: all of the local cluster")
    scaling.add_arguments(
        commands.add_parser("watch", help="time a stack's autoscaling, with or without load")
    )
    run.add_arguments(
        commands.add_parser("run", help="put a load on a deployed stack and keep the figures in results/")
    )
    everything.add_arguments(
        commands.add_parser("all", help="an experiment: many stacks in randomised blocks, one at a time")
    )
    baseline.add_arguments(
        commands.add_parser("baseline", help="what decode and model cost without a server, inside its pod")
    )
    calibrate.add_arguments(commands.add_parser("calibrate", help="measure the load generator's own error"))
    report.add_arguments(
        commands.add_parser("report", help="an experiment's answer as a page, from what is stored of it")
    )
    recommend.add_arguments(
        commands.add_parser("recommend", help="write the best stack of an experiment as a stack file")
    )
    gate.add_arguments(
        commands.add_parser(
            "gate", help="fail if an experiment is worse than a stored report, beyond the noise"
        )
    )
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 1 if it could not do its work or found a mismatch."""
    options = parser().parse_args(arguments)
    commands: Mapping[str, Callable[[argparse.Namespace], int]] = {
        "predict": _predict,
        "verify": _verify,
        "status": _status,
        "watch": scaling.run,
        "run": run.run,
        "all": everything.run,
        "baseline": baseline.run,
        "calibrate": calibrate.run,
        "report": report.run,
        "recommend": recommend.run,
        "gate": gate.run,
    }
    try:
        return commands[options.command](options)
    except (PredictionError, stack.StackUnavailableError, ClusterError, LoadError, SettingsError) as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _predict(options: argparse.Namespace) -> int:
    photo = read_photo(options.image)
    endpoints = stack.read(options.stack).endpoints
    answers = {endpoint.server: predict(endpoint, photo) for endpoint in endpoints}
    print(as_json(answers) if options.json else as_table(answers))
    return 0


def _verify(options: argparse.Namespace) -> int:
    outputs = stack.read(options.stack)
    blocks = verify.verify(outputs, settings.read(outputs.settings), inspect.observe(outputs))
    print(findings.as_json(outputs.stack, blocks) if options.json else findings.as_table(blocks))
    return 0 if all(block.ok for block in blocks) else 1


def _status(options: argparse.Namespace) -> int:
    print(autoscalers.report(stack.read(options.stack) if options.stack else None))
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
    # SIGTERM ends a load as Ctrl-C does, and so does SIGINT where a shell started this in the background
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    sys.exit(main())
