"""`python -m bench trace`: make a trace of arrivals by seed, for `bench run` and `bench whatif`."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.commands.files import write
from bench.commands.numbers import Number
from bench.errors import LoadError, OptionError
from bench.load import traces
from bench.records.profile import BIN_SECONDS, RATES, SECONDS, Trace
from bench.records.ranges import SEEDS

PLAYING = ("bin", "scale_time", "scale_rate")
DIURNAL, FLASH_CROWD = "diurnal", "flash-crowd"
EPILOG = f"""\
  {DIURNAL:<13}a day within --seconds: --rate in the mean, {traces.NIGHT:g} of it in both nights
  {FLASH_CROWD:<13}--rate, which a crowd makes --times as high: a steep rise, then it fades

A trace is a text file with one line a request, in order: a CSV with a column `seconds` or JSON lines with
that key, gzipped where its name ends in .gz. Examples:

  python -m bench trace diurnal --rate 40 --seconds 1200 --seed 1 --out day.csv
  python -m bench trace flash-crowd --rate 30 --seconds 600 --times 6 --out crowd.jsonl.gz
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `trace`."""
    command.formatter_class, command.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    command.add_argument("kind", choices=(DIURNAL, FLASH_CROWD))
    command.add_argument("--rate", type=Number("--rate", RATES), required=True, help="requests/s; see below")
    command.add_argument("--seconds", type=Number("--seconds", SECONDS), required=True, help="its length")
    command.add_argument("--seed", type=Number("--seed", SEEDS), default=0, help="of the arrivals; default 0")
    command.add_argument(
        "--times",
        type=Number("--times", traces.CROWDS),
        help=f"{FLASH_CROWD}: how many times the rate at its peak; default {traces.CROWD:g}",
    )
    command.add_argument("--out", type=Path, required=True, help="the file: .csv or .jsonl, also with .gz")
    command.add_argument("--force", action="store_true", help="overwrite the file")


def add_playing(command: argparse.ArgumentParser) -> None:
    """The options of how a trace is played, for commands that take one by --trace."""
    command.add_argument(
        "--bin", type=Number("--bin", BIN_SECONDS), help="trace: requests are counted in bins of S; default 1"
    )
    for option, what in (("--scale-time", "as long"), ("--scale-rate", "the requests")):
        command.add_argument(
            option, type=Number(option, traces.SCALES), help=f"trace: so many times {what}; default 1"
        )


def played(options: argparse.Namespace) -> Trace:
    """The load of the trace that was named. Raises ReadError, LoadError."""
    told = [1.0 if (value := getattr(options, name)) is None else value for name in PLAYING]
    return traces.profile(options.trace, told[0], traces.Scale(told[1], told[2]))


def refuse(options: argparse.Namespace, names: Sequence[str], why: str) -> None:
    """Raises LoadError for the first of these options that was given."""
    for name in names:
        if getattr(options, name) not in (None, []):
            raise LoadError(f"--{name.replace('_', '-')}: {why}")


def run(options: argparse.Namespace) -> int:
    """Write the trace; its path is the only line on stdout. Raises BenchError."""
    if options.kind == DIURNAL and options.times is not None:
        raise OptionError(f"--times: only for {FLASH_CROWD}; leave it out")
    if options.out.exists() and not options.force:
        raise OptionError(f"--out: expected a new file, got {options.out}; name another, or add --force")
    _require_room(options)
    times = _KINDS[options.kind](options)
    if not times:
        raise LoadError(
            "--rate: expected one at which a request arrives in --seconds, got none; raise either"
        )
    write(options.out, traces.written(times, options.out.name))
    print(f"{len(times):,} requests", file=sys.stderr)
    print(options.out)
    return 0


def _require_room(options: argparse.Namespace) -> None:
    """A trace that `bench run` would refuse is not made. Raises LoadError."""
    peak = options.rate * max(1.0, _most(options))
    if peak not in RATES:
        raise LoadError(RATES.refusal("--rate: at the trace's peak", f"{peak:g}"))


def _most(options: argparse.Namespace) -> float:
    """How many times --rate the peak is."""
    if options.kind == DIURNAL:
        return 2 - traces.NIGHT
    return float(traces.CROWD if options.times is None else options.times)


_KINDS: Mapping[str, Callable[[argparse.Namespace], tuple[float, ...]]] = {
    DIURNAL: lambda told: traces.diurnal(told.rate, told.seconds, told.seed),
    FLASH_CROWD: lambda told: traces.flash_crowd(told.rate, told.seconds, told.seed, _most(told)),
}
