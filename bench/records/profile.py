"""How the requests of a load arrive, as data. Bounds hold wherever a profile comes from."""

from dataclasses import dataclass

from bench.errors import LoadError
from bench.records.ranges import Range

# more than this model on a few cores can answer is an error of measurement
RATES = Range(0, 2000, "requests/s", above=True)
SECONDS = Range(0, 24 * 3600, "s", above=True)
REQUESTS = Range(1, 2_000_000, "requests", whole=True)
BINS = Range(1, 100_000, "bins", whole=True)
BIN_SECONDS = Range(0, 60, "s", above=True)


@dataclass(frozen=True)
class Phase:
    """Poisson arrivals of `rate` requests/s for some seconds. Raises LoadError out of bounds."""

    rate: float
    seconds: float

    def __post_init__(self) -> None:
        if self.rate not in RATES:
            raise LoadError(RATES.refusal("--rate", f"{self.rate:g}"))
        if self.seconds not in SECONDS:
            raise LoadError(SECONDS.refusal("--seconds", f"{self.seconds:g}"))


@dataclass(frozen=True)
class Open:
    """An open load: requests arrive whatever the answers do. Phases follow each other without a gap."""

    phases: tuple[Phase, ...]

    @property
    def seconds(self) -> float:
        """Length of the whole load."""
        return sum(phase.seconds for phase in self.phases)


@dataclass(frozen=True)
class Closed:
    """A closed load: each user waits for the answer, then thinks, so slow answers lower the rate."""

    users: int
    seconds: float
    think_seconds: float


@dataclass(frozen=True)
class Trace:
    """An open load of requests that were counted: how many are due in each bin of some seconds, in order.

    `source` names the trace. Raises LoadError for more, faster or longer than a load may be.
    """

    source: str
    bin_seconds: float
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        found = (
            (BIN_SECONDS, "--bin", self.bin_seconds),
            (BINS, "--trace, in bins of --bin", len(self.counts)),
            (REQUESTS, "--trace, in all (see --scale-rate)", self.requests),
            (SECONDS, "--trace, its length (see --scale-time)", self.seconds),
            (RATES, f"--trace, in its busiest {self.window:g} s (see --scale-rate)", self.peak),
        )
        for taken, what, got in found:
            if got not in taken:
                raise LoadError(taken.refusal(what, f"{got:.6g}"))

    @property
    def seconds(self) -> float:
        """Length of the whole load: to the end of the last bin."""
        return self.bin_seconds * len(self.counts)

    @property
    def requests(self) -> int:
        """All that are due."""
        return sum(self.counts)

    @property
    def window(self) -> float:
        """The seconds over which `peak` is counted: whole bins, a second or, of one longer bin, that."""
        return self.bin_seconds * max(1, round(1 / self.bin_seconds))

    @property
    def peak(self) -> float:
        """Requests/s in the busiest second."""
        width = max(1, round(1 / self.bin_seconds))
        starts = range(0, len(self.counts), width)
        return max((sum(self.counts[start : start + width]) for start in starts), default=0) / self.window


Profile = Open | Closed | Trace
