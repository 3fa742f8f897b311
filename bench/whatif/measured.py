"""The figures of one pod: what a request costs, how long it takes alone, how long a pod takes to start.

They come from experiments, or from the user. What is in neither is said to be missing, with the command that
measures it; nothing is made up.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median

from bench import queueing
from bench.analysis import stored
from bench.analysis.analysis import Analysis, Row, analyse
from bench.analysis.cost import Prices
from bench.analysis.differences import SHARED
from bench.analysis.loads import Load, find
from bench.errors import EvidenceError, OptionError
from bench.queueing import Alone, Line, ServiceCurve
from bench.records import store
from bench.records.baseline import Baseline
from bench.records.events import CREATED, READY
from bench.records.parts import CONFIRM, SERIAL
from bench.whatif.serving import Model
from stack import settings as stack_settings
from stack.files import ROOT
from stack.quantities import millicores
from stack.schema import SettingsError
from stack.servers import SERVERS
from stack.settings import Settings

REPORT = "report.json"
MEASURED = tuple(ROOT / "docs" / "results" / name for name in ("full", "steps", "scale-in"))
POINTS = 24  # rates at which a request's median is worked out


@dataclass(frozen=True)
class Source:
    """One experiment, by the path that the user knows it by."""

    name: str
    found: Analysis
    baselines: tuple[Baseline, ...] = ()


@dataclass(frozen=True)
class Given:
    """What the user says instead, in ms of CPU, ms, s and cores; None: as measured."""

    request_cpu: float | None = None
    service_time: float | None = None
    start_time: float | None = None
    cores: float | None = None


@dataclass(frozen=True)
class Measured:
    """One server. `cpu_millis` of a request; `alone`: p50, p95, p99 in ms with one request in flight.

    `settings` are those with which it was measured. `model_millis`: decode and model in process, None where
    not known. `starts`: seconds from a pod's creation to ready. `origins`: where each comes from, in words.
    `crowded`: the CPU of a request where so many pods of the same size were busy, sharing a node's cores.
    """

    server: str
    settings: Settings
    cpu_millis: float
    alone: tuple[float, float, float]
    model_millis: float | None
    baselines: tuple[Baseline, ...]
    starts: tuple[float, ...]
    cores: float
    origins: Mapping[str, str]
    crowded: tuple[tuple[int, float], ...] = ()

    def among(self, pods: int) -> "Measured":
        """One of so many pods, by the most that were measured and are no more, else by the fewest."""
        fewer = [cpu for count, cpu in self.crowded if count <= pods]
        known = fewer or [cpu for _, cpu in self.crowded[:1]]
        return replace(self, cpu_millis=known[-1]) if known else self

    @property
    def cpu(self) -> str:
        """The CPU of a request, in words."""
        more = (f"{cpu:.3g} among {pods} pods" for pods, cpu in self.crowded if pods > 1)
        return f"{self.cpu_millis:.4g} ms" + "".join(f" ({each})" for each in more)


def read(path: Path, prices: Prices) -> Source:
    """An experiment's folder, or its report. Raises BenchError."""
    report = path if path.is_file() else path / REPORT
    if report.is_file():
        return Source(named(path), stored.read(report, "--measured"))
    if not path.is_dir():
        raise OptionError(f"--measured: expected a folder of results or a {REPORT}, got {path}; name one")
    evidence = store.read(path)
    if not evidence.runs:
        raise EvidenceError(f"--measured: expected a folder with finished runs, got {path}; run: bench all")
    return Source(named(path), analyse(evidence, prices), evidence.baselines)


def named(path: Path) -> str:
    """An experiment's path, within this checkout as from its root."""
    whole = path.resolve()
    return str(whole.relative_to(ROOT) if whole.is_relative_to(ROOT) else path)


def figures(sources: Sequence[Source], stack: str, wanted: Settings, server: str, given: Given) -> Measured:
    """What is known of one pod of a stack. Raises EvidenceError that names all that is not."""
    near = min(_rows(sources, server), key=lambda each: _distance(each, stack, wanted, server), default=None)
    serial = find(near.row.loads, SERIAL) if near else None
    cpu, times, starts = _cpu(near, given), _times(serial, given), _starts(sources, near, server, given)
    missing = [name for name, known in (("cpu", cpu), ("times", times), ("starts", starts)) if not known]
    if cpu is None or times is None or not starts:
        raise EvidenceError(_missing(stack, server, missing, sources))
    return Measured(
        server=server,
        settings=near.settings if near else wanted,
        cpu_millis=cpu,
        alone=times,
        model_millis=_in_process(near, server),
        baselines=tuple(each for source in sources for each in source.baselines if each.server == server),
        starts=starts,
        cores=_cores(near, given),
        origins=dict(_origins(near, sources, server, given)),
        crowded=tuple(_crowded(near, server)) if near and given.request_cpu is None else (),
    )


@dataclass(frozen=True)
class _Near:
    source: Source
    row: Row
    settings: Settings


def _rows(sources: Sequence[Source], server: str) -> Iterator[_Near]:
    """Every stack of the server that was asked with one request in flight."""
    for source in sources:
        for row in source.found.rows:
            known = _settings(row) if row.competes and row.server == server else None
            if known and find(row.loads, SERIAL):
                yield _Near(source, row, known)


def _settings(row: Row) -> Settings | None:
    """As the row was deployed; None where its settings are of another version."""
    raw: dict[str, object] = {"servers": [row.server]}
    for path, value in row.differs.items():
        head = path.partition(".")[0]
        if head not in ("service", "availability"):  # these say nothing of how fast a pod is
            raw[path if head in SHARED else f"{row.server}.{path}"] = value
    try:
        return stack_settings.read(raw)
    except SettingsError:
        return None


def _distance(near: _Near, stack: str, wanted: Settings, server: str) -> tuple[bool, bool, float]:
    """Another stack is the farther, the more its server's settings, then its CPU limit, differ."""
    told = SERVERS[server]
    other = near.settings.of(told) != wanted.of(told)
    limits = [millicores(each.resources.cpu_limit) for each in (near.settings, wanted)]
    return near.row.arm != stack, other, abs(math.log(limits[0] / limits[1]))


def _cpu(near: _Near | None, given: Given) -> float | None:
    """CPU of a request, in ms: where a pod is busy, else with one request in flight."""
    if given.request_cpu is not None:
        return given.request_cpu
    load = _busy(near.row) if near else None
    return load.usage.cpu_per_1000 if load and load.usage else None  # s of 1,000 requests are ms of one


def _busy(row: Row) -> Load | None:
    known = (find(row.loads, part) for part in (CONFIRM, SERIAL))
    return next((load for load in known if load and load.usage and load.usage.cpu_per_1000), None)


def _crowded(near: _Near, server: str) -> Iterator[tuple[int, float]]:
    """By the number of pods, fewest first: fixed ones, alike in all that makes a pod fast."""
    alike, found = _distance(near, "", near.settings, server), dict[int, list[float]]()
    for each in _rows((near.source,), server):
        load = find(each.row.loads, CONFIRM)
        fixed = each.settings.autoscaling is None and _distance(each, "", near.settings, server) == alike
        if fixed and load and load.usage and load.usage.cpu_per_1000:
            found.setdefault(each.settings.replicas, []).append(load.usage.cpu_per_1000)
    yield from ((pods, mean(found[pods])) for pods in sorted(found))


def _times(serial: Load | None, given: Given) -> tuple[float, float, float] | None:
    if given.service_time is not None:
        return (given.service_time,) * 3
    if serial is None or not serial.latency:
        return None
    p50, p95, p99 = (serial.latency[name].value for name in ("p50", "p95", "p99"))
    return p50, p95, p99


def _starts(sources: Sequence[Source], near: _Near | None, server: str, given: Given) -> tuple[float, ...]:
    """From created to ready."""
    return (given.start_time,) if given.start_time is not None else _started(sources, near, server)[1]


def _started(sources: Sequence[Source], near: _Near | None, server: str) -> tuple[str, tuple[float, ...]]:
    """Of the pods that came in steps of the load, else of all: first where the other figures are from."""
    own = (near.source,) if near else ()
    known = (look(some, server) for some in (own, sources) for look in (_in_steps, _of_all))
    return next((each for each in known if each[1]), ("", ()))


def _in_steps(sources: Sequence[Source], server: str) -> tuple[str, tuple[float, ...]]:
    found = [
        (f"{each.cell} in {source.name}", round(each.out[READY] - each.out[CREATED], 1))
        for source in sources
        for each in source.found.recoveries
        if each.server == server and {CREATED, READY} <= each.out.keys()
    ]
    names = ", ".join(dict.fromkeys(name for name, _ in found))
    return f"steps of {names}", tuple(start for _, start in found)


def _of_all(sources: Sequence[Source], server: str) -> tuple[str, tuple[float, ...]]:
    rows = [(source, row) for source in sources for row in source.found.rows if row.server == server]
    names = ", ".join(dict.fromkeys(source.name for source, row in rows if row.starts))
    return f"pods in {names}", tuple(start for _, row in rows for start in row.starts)


def _in_process(near: _Near | None, server: str) -> float | None:
    known = near.source.found.taxes if near else ()
    own = [tax for tax in known if near and tax.cell == near.row.cell]
    found = own or [tax for tax in known if tax.server == server]
    return found[0].in_process_millis if found else None


def _cores(near: _Near | None, given: Given) -> float:
    """Those that one pod finds on its node: the settings' threads follow them."""
    if given.cores is not None:
        return given.cores
    cpus = near.source.found.conditions.cpus if near else ()
    if not cpus:
        raise EvidenceError("--cores: expected the cores of a node, got none, and no results tell; give it")
    return float(min(cpus))


def _missing(stack: str, server: str, names: Sequence[str], sources: Sequence[Source]) -> str:
    told = {
        "cpu": "the CPU of a request (or give --request-cpu)",
        "times": "the time of a request alone (or give --service-time)",
        "starts": "the start time of a pod (or give --start-time)",
    }
    looked = ", ".join(source.name for source in sources) or "nothing"
    missing = "; ".join(told[name] for name in names)
    return f"{server}: not measured in {looked}: {missing}; run: python -m bench all {stack} --short"


def _origins(
    near: _Near | None, sources: Sequence[Source], server: str, given: Given
) -> Iterator[tuple[str, str]]:
    """Of each figure."""
    load = _busy(near.row) if near else None
    where = f"{near.row.cell} in {near.source.name}" if near else ""
    yield (
        "request's CPU",
        (
            "as given by --request-cpu"
            if given.request_cpu is not None
            else f"{where}, {load.label if load else ''}"
        ),
    )
    yield (
        "request alone",
        (
            "as given by --service-time"
            if given.service_time is not None
            else f"{where}, one request in flight"
        ),
    )
    yield (
        "pod's start",
        ("as given by --start-time" if given.start_time is not None else _started(sources, near, server)[0]),
    )
    yield "cores of a node", "as given by --cores" if given.cores is not None else where


def model(known: Measured, wanted: Settings, pods: int = 1) -> Model:
    """One of so many pods with other settings of the same server: the capacity model carries figures over."""
    measured, single = known.among(pods), replace(wanted, autoscaling=None, replicas=1)
    curve = service_curve(measured)
    rate = queueing.saturation(single, measured.server, curve, measured.cores)
    rates = [rate * place / POINTS for place in range(1, POINTS)]
    medians = tuple(
        (each, queueing.unqueued(single, measured.server, curve, each, measured.cores) / 1000)
        for each in rates
    )
    p95, p99 = (each / 1000 for each in curve.spread_millis)
    limit = queueing.limited(single, measured.server, curve, measured.cores)
    return Model(rate, measured.cpu_millis / 1000, medians, (p95, p99), measured.starts, limit)


def service_curve(measured: Measured) -> ServiceCurve:
    """Decode and model by the number of rows, and what a request costs beside them.

    Where only one row was timed, or none, all of it is taken to grow with the rows: batches save nothing.
    """
    single = replace(measured.settings, autoscaling=None, replicas=1)
    p50, p95, p99 = measured.alone
    alone = Alone(p50, p95, p99, measured.cpu_millis, measured.cpu_millis)
    plain = _plain(measured, min(p50, measured.cpu_millis))
    return queueing.with_overhead(plain, single, measured.server, alone, measured.cores)


def _plain(measured: Measured, most: float) -> ServiceCurve:
    if measured.baselines:
        return queueing.curve(measured.baselines)
    row = most if measured.model_millis is None else measured.model_millis
    return queueing.of_server(measured.server, (Line(1, 0.0, row),))


def model_error(sources: Sequence[Source]) -> float | None:
    """By how much the capacity model was wrong in these experiments: the median share; None: not compared."""
    known = [abs(each.error) for one in sources for each in one.found.predictions if each.error is not None]
    return median(known) if known else None


def capacity(measured: Measured, wanted: Settings) -> float:
    """The rate at which one pod still meets the objective, by the capacity model."""
    single = replace(wanted, autoscaling=None, replicas=1)
    return queueing.capacity(single, measured.server, service_curve(measured), measured.cores)
