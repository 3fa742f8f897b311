"""The forecast that `bench all --step` keeps before its first visit."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.analysis import cost
from bench.records import store
from bench.records.experiment import Experiment
from bench.records.forecast import Forecast
from bench.records.store import Evidence
from bench.whatif import forecasting, measured
from bench.whatif.forecasting import Known
from bench.whatif.measured import MEASURED
from stack import files


def may(kept: Evidence | None) -> bool:
    """Whether it is time: there is none, and nothing was begun that could get into one."""
    return kept is None or not (kept.forecast or kept.journal or kept.runs)


def says(kept: Evidence | None, asked: Sequence[Path] | None) -> str:
    """What there is of it, or will be."""
    if kept and kept.forecast:
        return f"kept, made {kept.forecast.made}"
    if not may(kept):
        return "none; this experiment began without one, and what is made now would be no forecast"
    sources = ", ".join(measured.named(each) for each in asked or MEASURED)
    return f"made before the first visit, by the figures of {sources}"


def keep(plan: Experiment, folder: Path, asked: Sequence[Path] | None) -> None:
    """Play the plan, and keep that beside it. Raises BenchError for a bad source."""
    if store.keep_first(folder, show(plan, asked)):
        print(f"kept in {folder / store.FORECAST}", file=sys.stderr, flush=True)


def show(plan: Experiment, asked: Sequence[Path] | None) -> Forecast:
    """Play every arm that can be played, and say what comes. Raises BenchError for a bad source."""
    prices = cost.read(cost.DEFAULT)
    sources = tuple(measured.read(each, prices) for each in asked or MEASURED)
    stacks = {arm.stack: files.stack_settings(files.path(arm.stack)) for arm in plan.arms}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    made = forecasting.forecast(plan, stacks, Known(sources, prices), now)
    print("\n".join(as_text(made)), file=sys.stderr, flush=True)
    return made


def as_text(made: Forecast) -> Iterator[str]:
    """A line for each arm."""
    for each in made.foretold:
        never = f"in {each.not_recovered} of {made.playings} not recovered" if each.not_recovered else ""
        after = f"recovered after {each.recovered.value:.0f} s" if each.recovered else ""
        beyond = f"{each.beyond.value:,.0f} of {each.requests:,.0f} requests beyond the objective"
        yield f"  foretold {each.arm}: {', '.join(filter(None, (after, never, beyond)))}"
    yield from (f"  not foretold {each.arm}: {each.why}" for each in made.left)
