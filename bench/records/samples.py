"""The lines that loadtest.js writes, one for each answer: read, followed while they grow, kept compressed."""

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

OLDER = "number,due_ms,taken_ms,sent_ms,ended_ms,status,photo"  # before answers were compared
HEADER = f"{OLDER},answer"
OK = 200
UNCHECKED, RIGHT = "", "right"
WRONG = "wrong: "  # begins the outcome of an answer with status 200 that is none
LEAD_SECONDS = 1.0  # of an open load: all virtual users run before the first request is due

Judge = Callable[[int, str], str]
"""Takes a photo's index and the body of an answer about it; RIGHT, or what is wrong with it."""


class Sample(NamedTuple):
    """One request. Times in ms since the generator's start; status 0 is no answer at all.

    `due` is the scheduled send, `taken` when a connection was free for it, `sent` the real send. `answer` is
    UNCHECKED, RIGHT, or what is wrong with an answer of status 200.
    """

    number: int
    due: float
    taken: float
    sent: float
    ended: float
    status: int
    photo: int
    answer: str = UNCHECKED

    @property
    def good(self) -> bool:
        """Answered with status 200, and not known to be wrong."""
        return self.status == OK and self.answer in (UNCHECKED, RIGHT)

    @property
    def outcome(self) -> str:
        """The status; of a wrong answer what is wrong with it."""
        return str(self.status) if self.good or self.status != OK else f"{WRONG}{self.answer}"

    @property
    def begin(self) -> float:
        """The scheduled send, or the real one where the timer fired early (by at most 1 ms)."""
        return min(self.due, self.sent)

    @property
    def latency(self) -> float:
        """From the scheduled send to the answer's end, in ms."""
        return self.ended - self.begin

    @property
    def lag(self) -> float:
        """How much later than scheduled it left, in ms."""
        return max(0.0, self.sent - self.due)

    @property
    def waited(self) -> bool:
        """No connection was free when it was due."""
        return self.taken > self.due


def parse(line: str, judge: Judge | None = None) -> Sample:
    """One line; with a judge its last column, if there is one, is the answer's body as JSON.

    Raises ValueError for a line that is cut short.
    """
    number, due, taken, sent, ended, status, photo, *rest = line.split(",", 7)
    answer = rest[0] if rest else UNCHECKED
    if judge and answer:
        answer = judge(int(photo), json.loads(answer))
    times = (float(due), float(taken), float(sent), float(ended))
    return Sample(int(number), *times, int(status), int(photo), answer)


class Tail:
    """Follows a file that is being written; a last line without its end is left for later."""

    def __init__(self, path: Path, judge: Judge | None = None) -> None:
        self._path, self._judge, self._read, self._rest = path, judge, 0, ""

    def new(self) -> list[Sample]:
        """The samples written since the last call. Raises ValueError for a line of another form."""
        if not self._path.exists():
            return []
        with self._path.open() as file:
            file.seek(self._read)
            text = file.read()
            self._read = file.tell()
        *lines, self._rest = (self._rest + text).split("\n")
        return [parse(line, self._judge) for line in lines if line]


def write(path: Path, samples: Iterable[Sample]) -> None:
    """Keep samples as CSV, gzipped, the same bytes for the same samples."""
    lines = (
        f"{s.number},{s.due:.3f},{s.taken:.3f},{s.sent:.3f},{s.ended:.3f},{s.status},{s.photo},{s.answer}\n"
        for s in samples
    )
    text = "".join([f"{HEADER}\n", *lines])
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read(path: Path) -> tuple[Sample, ...]:
    """What `write` kept. Raises ValueError for a file of another form."""
    header, *lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    if header not in (HEADER, OLDER):
        raise ValueError(f"{path.name}: expected the columns {HEADER}, got {header}; measure again")
    return tuple(parse(line) for line in lines)
