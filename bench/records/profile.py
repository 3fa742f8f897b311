"""How the requests of a load arrive, as data. Bounds hold wherever a profile comes from."""

from dataclasses import dataclass

from bench.errors import LoadError
from bench.records.ranges import Range

# more than this model on a few cores can answer is an error of measurement
RATES = Range(0, 2000, "requests/s", above=True)
SECONDS = Range(0, 24 * 3600, "s", above=True)


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


Profile = Open | Closed
