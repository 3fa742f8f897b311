"""How an experiment's figures were obtained: what a reader must know before believing them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.analysis.cells import Cell, reasons
from bench.records.run import Summary


@dataclass(frozen=True)
class Voided:
    """A run whose figures are not used, and why."""

    cell: str
    run: str
    part: str
    block: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Conditions:
    """Of all runs. Counts are of runs, lags in ms, shares of the machine's CPU.

    `others`: what neither serving nor the generator used; None where the machine was not seen.
    """

    first: str
    last: str
    runs: int
    loads: Mapping[str, int]
    routes: Mapping[str, int]
    latency: tuple[str, ...]
    warm_up_seconds: float
    not_stationary: int
    cpus: tuple[int, ...]
    same_machine: int
    generators: tuple[str, ...]
    rotate: tuple[int, ...]
    lag_p50: float
    lag_p99: float
    generator_share: float
    serving_share: float | None
    others_share: float | None
    stolen_share: float | None
    photos: Mapping[str, int]
    body_bytes: float
    says: Mapping[str, str]
    stand_ins: tuple[str, ...]
    answers: tuple[str, ...] = ()


def conditions(known: Sequence[Cell]) -> Conditions:
    """The usual ones are medians, the generator's errors the worst of the good runs."""
    all_ = [made for cell in known for made in cell.summaries]
    good = [made for made in all_ if not reasons(made)] or all_
    started = sorted(made.obtained.started for made in all_)
    says = {cell.server: cell.latest.obtained.server_says for cell in known}
    return Conditions(
        first=started[0],
        last=started[-1],
        runs=len(all_),
        loads=_counts(made.obtained.load for made in all_),
        routes=_counts(made.obtained.route for made in all_),
        latency=tuple(sorted({made.obtained.latency for made in all_})),
        warm_up_seconds=median(made.obtained.warm_up_seconds for made in all_),
        not_stationary=sum(not made.obtained.stationary for made in all_),
        cpus=tuple(sorted({made.obtained.cpus for made in all_})),
        same_machine=sum(made.obtained.same_machine for made in all_),
        generators=tuple(sorted({made.generator.name for made in all_})),
        rotate=tuple(sorted({made.generator.rotate for made in all_})),
        lag_p50=median(made.generator.lag_p50 for made in good),
        lag_p99=max(made.generator.lag_p99 for made in good),
        generator_share=max(made.generator.cpu_share for made in good),
        serving_share=_share(good, lambda made: made.machine.serving if made.machine else None),
        others_share=_share(good, lambda made: made.machine.others if made.machine else None),
        stolen_share=_share(good, lambda made: made.machine.stolen if made.machine else None),
        photos=all_[0].payloads.formats,
        body_bytes=median(made.payloads.mean_bytes for made in all_),
        says=says,
        stand_ins=tuple(sorted({cell.server for cell in known if cell.is_stand_in})),
        answers=tuple(sorted({made.obtained.answers for made in all_ if made.obtained.answers})),
    )


def _share(runs: Iterable[Summary], figure: Callable[[Summary], float | None]) -> float | None:
    """The median over runs of CPU seconds ÷ those that the machine has."""
    shares = [
        seconds / (made.machine.cpus * made.machine.wall_seconds)
        for made in runs
        if made.machine and (seconds := figure(made)) is not None
    ]
    return median(shares) if shares else None


def _counts(texts: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts:
        found[text] = found.get(text, 0) + 1
    return dict(sorted(found.items()))


def voided(known: Iterable[Cell]) -> tuple[Voided, ...]:
    """Every run that is not used."""
    return tuple(
        Voided(cell.name, made.run, made.part, made.block, reasons(made))
        for cell in known
        for made in cell.summaries
        if reasons(made)
    )
