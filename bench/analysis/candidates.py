"""What may be sized: stacks whose capacity was measured with its noise, and why the others may not."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.analysis.analysis import Analysis, Row
from bench.analysis.comparisons import CAPACITY, floor_of
from bench.analysis.differences import SHARED
from bench.analysis.loads import Usage, find
from bench.errors import ReadError
from bench.records.estimates import Estimate
from bench.records.parts import CONFIRM
from stack import settings
from stack.quantities import millicores
from stack.schema import SettingsError, as_paths, decoded
from stack.servers import SERVERS
from stack.settings import Settings, Slo

SATURATED = 0.8  # of the CPU there was: from here on waiting, and with it p95, grows steeply
GENERATOR = "the generator"  # how reasons of bench.trial.guards begin that blame it


@dataclass(frozen=True)
class Candidate:
    """A stack that was measured, all figures at its SLO capacity.

    `capacity`: requests/s of all its `pods`, with its interval. `floor`: the factor ≥ 1 by which identical
    stacks differed there. `cores`: what a pod could use at most; `used`: what it did, None where not counted.
    `limit` says what bounds the capacity. `sets`: what a stack file of it sets.
    """

    experiment: str
    measured: str
    stack: str
    server: str
    is_stand_in: bool
    sets: Mapping[str, object]
    slo: Slo
    capacity: Estimate
    floor: float
    pods: float
    cores: float
    used: float | None
    limit: str


@dataclass(frozen=True)
class Unmeasured:
    """A stack that cannot be sized: why, and the command that would change it (empty: none would)."""

    stack: str
    why: str
    command: str = ""


def measuring(stack: str) -> str:
    """The command that measures a stack's capacity, its interval and the noise."""
    return f"python -m bench all {stack} --experiment {stack}"


def sets(row: Row) -> dict[str, object]:
    """What a stack file of a row sets: the server, and the settings that differ from the defaults.

    Raises ReadError for settings of another version.
    """
    known = ((key, decoded(value)) for key, value in row.differs.items())
    own = {key if key.partition(".")[0] in SHARED else f"{row.server}.{key}": value for key, value in known}
    found, problems = as_paths(Settings, {"servers": [row.server], **own})
    try:
        if problems:
            raise SettingsError(problems)
        settings.read(found)
    except SettingsError as error:
        told = "; ".join(error.problems)
        raise ReadError(f"{row.cell}: its settings are of another version: {told}; measure again") from error
    return found


def candidates(found: Analysis) -> tuple[Candidate | Unmeasured, ...]:
    """Every competing stack of an experiment. Raises ReadError for settings of another version."""
    floor = floor_of(CAPACITY, found.noise)
    rows = (row for row in found.rows if row.competes and row.server in SERVERS)
    return tuple(_candidate(found, row, floor) for row in rows)


def _candidate(found: Analysis, row: Row, floor: float | None) -> Candidate | Unmeasured:
    held, load = row.capacity.estimate if row.capacity else None, find(row.loads, CONFIRM)
    if held is None or load is None or held.low is None or held.low <= 0 or floor is None:
        return _doubt(row, held, floor)
    raw = sets(row)
    read = settings.read(raw)
    if read.autoscaling != read.horizontal:
        return Unmeasured(row.cell, "its pods are resized meanwhile: its capacity is that of no one size")
    pods = _pods(read, load.usage)
    used = _used(load.achieved.value, load.usage, pods)
    return Candidate(
        experiment=found.experiment,
        measured=found.conditions.last,
        stack=row.cell,
        server=row.server,
        is_stand_in=row.is_stand_in,
        sets=raw,
        slo=found.slo,
        capacity=held,
        floor=floor,
        pods=pods,
        cores=_cores(found, read, pods),
        used=used,
        limit=_bound(found, row, read, pods, used),
    )


def _doubt(row: Row, held: Estimate | None, floor: float | None) -> Unmeasured:
    if held is not None and held.value <= 0:
        return Unmeasured(row.cell, "holds no rate within the objective, so no number of pods would")
    if held is None or held.low is None:
        blocks = "its capacity was not searched" if held is None else "one block tells no interval"
        return Unmeasured(row.cell, f"not measured: {blocks}", measuring(row.stack))
    if held.low <= 0:
        return Unmeasured(row.cell, "held no rate in some block", measuring(row.stack))
    why = "no pair of identical stacks tells the noise" if floor is None else "no confirmation was kept"
    return Unmeasured(row.cell, f"not measured: {why}", measuring(row.stack))


def _pods(read: Settings, using: Usage | None) -> float:
    """Those that shared the capacity."""
    return using.pods if read.horizontal and using and using.pods else float(read.replicas)


def _limit_of(read: Settings) -> float:
    return millicores(read.resources.cpu_limit) / 1000


def _cores(found: Analysis, read: Settings, pods: float) -> float:
    """What one pod could use: its CPU limit, or its part of the machine without other programs, if less.

    The generator's share is left in, as that of each run is not known here: a pod had less, never more.
    """
    room = _room(found)
    return _limit_of(read) if room is None else min(_limit_of(read), room / pods)


def _room(found: Analysis, generator: float = 0.0) -> float | None:
    """Cores of the machine that others and `generator`, a share, left; None where it was not this machine."""
    seen = found.conditions
    if not seen.same_machine or not seen.cpus:
        return None
    return min(seen.cpus) * (1 - (seen.others_share or 0.0) - generator)


def _used(rate: float, using: Usage | None, pods: float) -> float | None:
    """Cores of one pod."""
    return None if using is None or using.cpu_per_1000 is None else rate * using.cpu_per_1000 / 1000 / pods


def _bound(found: Analysis, row: Row, read: Settings, pods: float, used: float | None) -> str:
    """What bounds the capacity: the generator where trials ended by it, else what was used up."""
    limit = _limit_of(read)
    if _blamed(found, row):
        return "generator: in every block trials are void or ended by it, so it may hold more"
    if used is None:
        return "not measured: the pods' CPU was not counted"
    if used >= SATURATED * limit:
        return f"a pod's CPU limit: {used:.2f} of {limit:g} cores used"
    room = _room(found, found.conditions.generator_share)
    if room is not None and used * pods >= SATURATED * room:
        return f"node: pods used {used * pods:.2f} of the {room:.2f} cores that generator and others left"
    return f"threads, workers or batches: a pod used {used:.2f} of {_cores(found, read, pods):.2f} cores"


def _blamed(found: Analysis, row: Row) -> bool:
    """Whether in every block some trial of the search is void, or missed the objective, by the generator."""
    void = [(each.block, " ".join(each.reasons)) for each in found.void if each.cell == row.cell]
    ended = [(each.block, each.why) for each in found.trials if each.cell == row.cell]
    blocks = {block for block, why in (*void, *ended) if GENERATOR in why}
    return row.capacity is not None and blocks >= set(row.capacity.by_block)
