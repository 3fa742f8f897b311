"""How the requests of a load arrive, as data. Bounds hold wherever a profile comes from."""

from dataclasses import dataclass

from bench.errors import LoadError

MOST_RATE = 2000.0  # requests/s; more than this model on a few cores can answer is an error of measurement
MOST_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Phase:
    """Poisson arrivals of `rate` requests/s for some seconds. Raises LoadError out of bounds."""

    rate: float
    seconds: float

    def __post_init__(self) -> None:
        if not 0 < self.rate <= MOST_RATE:
            raise LoadError(f"--rate: expected 0–{MOST_RATE:g} requests/s, got {self.rate:g}; choose another")
        if not 0 < self.seconds <= MOST_SECONDS:
            raise LoadError(f"--seconds: expected 0–{MOST_SECONDS:g} s, got {self.seconds:g}; choose another")


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
