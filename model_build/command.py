"""The command line of model_build, and one run of it."""

import argparse
import io
import math
import sys
import time
from pathlib import Path

from base import stop
from base.children import WorkerLostError
from model_build import freshness, manifest, room
from model_build.errors import BuildError
from model_build.in_archive.contract import THESIS, Sight
from model_build.plan import DEFAULT_SEED, LEAST_SIDE, MOST_SIDE, Plan, make_plan
from model_build.workspace import workspace

ADOPT = "adopt"
DEFAULT_OUT = Path(__file__).resolve().parent.parent / "artifacts"


def main() -> int:
    """Exit code: 0 made or up to date, 1 error."""
    if sys.argv[1:2] == [ADOPT]:
        return _adopted()
    arguments = _arguments()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of photos are in any alphabet
    try:
        sight = Sight(arguments.side, 3 if arguments.colour else 1)
        plan = make_plan(arguments.dataset, arguments.full, arguments.seed, arguments.epochs, sight)
        _run(plan, arguments.out.resolve(), arguments.force)
    except (BuildError, WorkerLostError) as error:
        return _refused(error)
    except OSError as error:
        return _refused(room.explained(error))
    return 0


def _adopted() -> int:
    # The libraries of a server take seconds to load: only this command pays.
    from model_build.adopted import command  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog=f"python -m model_build {ADOPT}", description="Take exported models that were trained elsewhere."
    )
    command.add_arguments(parser, DEFAULT_OUT)
    options = parser.parse_args(sys.argv[2:])
    try:
        command.run(options)
    except (BuildError, WorkerLostError) as error:
        return _refused(error)
    except OSError as error:
        return _refused(room.explained(error))
    return 0


def _refused(error: Exception) -> int:
    print(f"error: {error}", file=sys.stderr)
    return 1


def _run(plan: Plan, out: Path, force: bool) -> None:
    started = time.monotonic()
    digest = freshness.inputs_digest(plan)
    if not force and freshness.is_fresh(out, digest):
        print(f"up to date: {out / manifest.FILE} (--force trains again)")
        return
    # Plotting and splitting libraries take seconds to load: only a run that needs them pays.
    from model_build.pipeline import build  # noqa: PLC0415

    with workspace(out) as folder:
        made = build(plan, folder)
        freshness.note(folder / "out", digest)
        manifest.save(made, folder / "out" / manifest.FILE)
        stop.ignore()
    print(f"written: {out / manifest.FILE} ({time.monotonic() - started:.0f} s)")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m model_build",
        description="Train, export and prove the models of all servers.",
        epilog=f"python -m model_build {ADOPT} --help: take models that were trained elsewhere instead",
    )
    parser.add_argument(
        "--dataset",
        type=Path,
        help="folder with a folder of photos for each class, 2 to 1000; default: drawn faces",
    )
    parser.add_argument("--full", action="store_true", help="the thesis's size: 5 x 5000 photos, 30 epochs")
    parser.add_argument("--seed", type=_integer(0), default=DEFAULT_SEED, help="default: %(default)s")
    parser.add_argument("--epochs", type=_integer(1), help="default: 12; with --full 30")
    parser.add_argument(
        "--side",
        type=_integer(LEAST_SIDE, MOST_SIDE),
        default=THESIS.side,
        help=f"pixels on each side that the networks see, {LEAST_SIDE} to {MOST_SIDE}; default: %(default)s",
    )
    parser.add_argument("--colour", action="store_true", help="let them see colours; default: gray")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="default: artifacts/")
    parser.add_argument("--force", action="store_true", help="train even when everything is up to date")
    return parser.parse_args()


class _integer:  # noqa: N801  # reads as a function where argparse uses it
    def __init__(self, least: int, most: float = math.inf) -> None:
        self._least, self._most = least, most

    def __call__(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = self._least - 1
        if not self._least <= number <= self._most:
            span = (
                f"from {self._least} to {self._most}"
                if self._most < math.inf
                else f"of at least {self._least}"
            )
            raise argparse.ArgumentTypeError(f"expected an integer {span}, got {text!r}")
        return number
