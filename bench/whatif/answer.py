"""A question about a stack and a load, and its answer: forecasts by rank, and how sure the best one is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.analysis.cost import Prices
from bench.queueing.limit import Floats
from bench.whatif import measured, ranking
from bench.whatif.candidates import Candidate
from bench.whatif.measured import Given, Measured, Source
from bench.whatif.ranking import Forecast, Played
from stack.settings import Settings

Tell = Callable[[int, int], None]
"""Takes how many playings are done, and how many there are."""


@dataclass(frozen=True)
class Asked:
    """What is to be predicted: settings of one server of a stack, and a load. `as_is`: the stack's own."""

    stack: str
    server: str
    as_is: Settings
    candidates: tuple[Candidate, ...]
    how: Played
    prices: Prices


@dataclass(frozen=True)
class Answer:
    """Forecasts by rank. `around`: the best again, with a request that costs less and more by `error`."""

    asked: Asked
    known: Measured
    forecasts: tuple[Forecast, ...]
    error: float | None
    around: tuple[Forecast, ...]

    @property
    def best(self) -> Forecast:
        """The first."""
        return self.forecasts[0]


def answered(asked: Asked, sources: Sequence[Source], given: Given, tell: Tell) -> Answer:
    """Play every candidate, and the best once more around its figures. Raises EvidenceError."""
    known = measured.figures(sources, asked.stack, asked.as_is, asked.server, given)
    error = measured.model_error(sources)
    around = ranking.around(known, error) if error else ()
    left = _Left(tell, asked.how.repeats * (len(asked.candidates) + len(around)))
    due = ranking.dues(asked.how)

    def forecast(candidate: Candidate, figures: Measured) -> Forecast:
        return ranking.forecast(candidate, figures, asked.how, left.counted(due), asked.prices)

    order = ranking.ranked([forecast(each, known) for each in asked.candidates])
    again = tuple(forecast(order[0].candidate, each) for each in around)
    return Answer(asked, known, order, error, again)


@dataclass
class _Left:
    """Counts playings as they begin."""

    tell: Tell
    total: int
    begun: int = 0

    def counted(self, due: Sequence[Floats]) -> Iterator[Floats]:
        for each in due:
            self.tell(self.begun, self.total)
            self.begun += 1
            yield each
