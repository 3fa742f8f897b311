"""Traces of arrivals: files of times read, turned into a profile, and made by seed."""

import csv
import gzip
import io
import json
import math
import random
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

from base import files
from bench.errors import LoadError, ReadError
from bench.records.profile import BIN_SECONDS, BINS, REQUESTS, SECONDS, Trace
from bench.records.ranges import Range

COLUMN = "seconds"
MOST_BYTES = 128 * 2**20
GZIP = b"\x1f\x8b"
BIN = 1.0
SCALES = Range(0, 1000, above=True)
FIX = f"write one line a request, in order, its time in the column {COLUMN} since the trace's start"

NIGHT = 0.2  # of the mean rate: a diurnal trace's least; its most is as far above the mean
CROWDS = Range(0, 100, "times the rate", above=True)
CROWD = 8.0  # times the rate before it
BEGINS, RISES, FADES = (
    0.3,
    0.02,
    0.12,
)  # of the whole: when a crowd comes, how long it grows, its decay's e-fold


@dataclass(frozen=True)
class Scale:
    """All times × `time`, at each of them as many requests × `rate`."""

    time: float = 1.0
    rate: float = 1.0


AS_IT_IS = Scale()


def profile(file: Path, bin_seconds: float = BIN, scale: Scale = AS_IT_IS) -> Trace:
    """The load that a file describes. Raises ReadError for a damaged one, LoadError out of bounds."""
    if bin_seconds not in BIN_SECONDS:
        raise LoadError(BIN_SECONDS.refusal("--bin", f"{bin_seconds:g}"))
    for option, value in (("--scale-time", scale.time), ("--scale-rate", scale.rate)):
        if value not in SCALES:
            raise LoadError(SCALES.refusal(option, f"{value:g}"))
    times = [scale.time * due for due in read(file)]
    if times[-1] > SECONDS.high:
        raise LoadError(SECONDS.refusal("--trace, its length (see --scale-time)", f"{times[-1]:.6g} s"))
    if times[-1] / bin_seconds > BINS.high:
        raise LoadError(BINS.refusal("--trace, in bins of --bin", f"{times[-1] / bin_seconds:.6g}"))
    return Trace(files.shown(file.name), bin_seconds, scaled(_counts(times, bin_seconds), scale.rate))


def _counts(times: Sequence[float], bin_seconds: float) -> list[int]:
    counts = [0] * (int(times[-1] / bin_seconds) + 1)
    for due in times:
        counts[int(due / bin_seconds)] += 1
    return counts


def scaled(counts: Iterable[int], factor: float) -> tuple[int, ...]:
    """Rounded so that the sum of any beginning is right to half a request."""
    sums = (math.floor(factor * total + 0.5) for total in accumulate(counts, initial=0))
    return tuple(later - earlier for earlier, later in pairwise(sums))


def read(file: Path) -> tuple[float, ...]:
    """The times of a CSV file with a column `seconds`, or of JSON lines with that key; gzipped or not.

    In seconds since the trace's start. Raises ReadError with file and line.
    """
    name, text = files.shown(file), _text(file)
    lines = [(place, line) for place, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise ReadError(f"--trace: {name}: expected arrival times, got an empty file; {FIX}")
    parsed = _json_lines if lines[0][1].lstrip().startswith(("{", "[")) else _csv_lines
    times, last = [], 0.0
    for place, raw in parsed(name, lines):
        due = _time(name, place, raw)
        if due < last:
            raise _refused(name, place, f"a time not before the line above it ({last:g})", raw)
        times.append(due)
        last = due
        if len(times) > REQUESTS.high:
            raise ReadError(f"--trace: {name}: expected {REQUESTS}, got more; cut it into parts")
    if not times:
        raise ReadError(f"--trace: {name}: expected arrival times, got a header only; {FIX}")
    return tuple(times)


def _text(file: Path) -> str:
    try:
        content = files.read(file, MOST_BYTES)
        if content.startswith(GZIP):
            with gzip.open(io.BytesIO(content)) as inside:
                content = inside.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise files.UnfitFileError(f"more than {MOST_BYTES} bytes inside")
        return content.decode("utf-8-sig")
    except (files.UnfitFileError, OSError, EOFError, ValueError, zlib.error) as error:
        raise ReadError(
            f"--trace: expected a text file, got {files.shown(file)}: {error}; bench trace makes one"
        ) from error


def _csv_lines(name: str, lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, object]]:
    (first, head), *rest = lines
    columns = [each.strip() for each in next(csv.reader([head]))]
    if columns.count(COLUMN) != 1:
        raise _refused(name, first, f"a header with the column {COLUMN}", head)
    for place, line in rest:
        cells = next(csv.reader([line]))
        if len(cells) != len(columns):
            raise _refused(name, place, f"{len(columns)} columns as in the header", line)
        yield place, cells[columns.index(COLUMN)]


def _json_lines(name: str, lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, object]]:
    for place, line in lines:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _refused(name, place, f'JSON such as {{"{COLUMN}": 0.25}}', line) from error
        if not isinstance(found, Mapping) or COLUMN not in found:
            raise _refused(name, place, f'an object with the key "{COLUMN}"', line)
        yield place, found[COLUMN]


def _time(name: str, place: int, raw: object) -> float:
    try:
        if isinstance(raw, bool) or not isinstance(raw, str | int | float):
            raise ValueError
        due = float(raw)
    except (ValueError, OverflowError) as error:
        raise _refused(name, place, "a number of seconds", raw) from error
    if not 0 <= due < math.inf:
        raise _refused(name, place, "seconds, 0 or more", raw)
    return due


def _refused(name: str, place: int, expected: str, got: object) -> ReadError:
    text = files.shown(str(got))
    shown = text if len(text) <= 60 else f"{text[:57]}…"
    return ReadError(f"--trace: {name}: line {place}: expected {expected}, got {shown!r}; {FIX}")


def diurnal(rate: float, seconds: float, seed: int) -> tuple[float, ...]:
    """Times of a day from night to night within the seconds: a sine around the mean `rate`, requests/s."""
    swing = 1 - NIGHT
    return _drawn(
        lambda at: rate * (1 - swing * math.cos(math.tau * at / seconds)), (1 + swing) * rate, seconds, seed
    )


def flash_crowd(rate: float, seconds: float, seed: int, times: float = CROWD) -> tuple[float, ...]:
    """Times of a steady `rate` which a crowd makes `times` as high: a steep rise, then it decays."""
    begins, rises, fades = BEGINS * seconds, RISES * seconds, FADES * seconds

    def at(now: float) -> float:
        since = now - begins
        crowd = 0.0 if since < 0 else min(since / rises, math.exp(-max(0.0, since - rises) / fades))
        return rate * (1 + (times - 1) * crowd)

    return _drawn(at, max(1.0, times) * rate, seconds, seed)


def _drawn(rate: Callable[[float], float], most: float, seconds: float, seed: int) -> tuple[float, ...]:
    """A Poisson process of a rate that changes, by thinning one of the most (Lewis and Shedler, 1979).

    Raises LoadError for more requests than a load may have.
    """
    draw, due, times = random.Random(seed), 0.0, list[float]()
    while (due := due + draw.expovariate(most)) < seconds:
        if draw.random() * most < rate(due):
            times.append(round(due, 6))
        if len(times) > REQUESTS.high:
            raise LoadError(REQUESTS.refusal("--rate, over --seconds", "more"))
    return tuple(times)


def written(times: Iterable[float], name: str) -> bytes:
    """A trace as a file of this name holds it: `.jsonl` as JSON lines, else CSV; `.gz` compressed."""
    plain = name.removesuffix(".gz")
    if plain.endswith(".jsonl"):
        text = "".join(f'{{"{COLUMN}": {due:.6f}}}\n' for due in times)
    else:
        text = "".join([f"{COLUMN}\n", *(f"{due:.6f}\n" for due in times)])
    return gzip.compress(text.encode(), mtime=0) if plain != name else text.encode()
