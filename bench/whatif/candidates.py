"""What is compared: the stack's settings, and every combination of the values that are to be tried."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from bench.errors import OptionError
from bench.whatif import hpa, keda, pace, vpa
from bench.whatif.hpa import CpuLoop, Tolerance
from bench.whatif.keda import Keda
from bench.whatif.metering import SCRAPES
from bench.whatif.pace import Pace
from bench.whatif.seen import Scaler
from bench.whatif.vpa import Recommender, Updater
from stack import settings
from stack.quantities import millicores
from stack.queries import load
from stack.rules import OneOf, Real, Whole
from stack.schema import Problem, Section, SettingsError, as_paths, decoded, parse, setting
from stack.settings import Autoscaling, Settings

MOST = 200
HPA, KEDA, NONE, VPA = "hpa", "keda", "none", "vpa"


@dataclass(frozen=True)
class Hpa:
    """What the cluster, not the stack, sets of an autoscaler."""

    sync_seconds: int = setting(15, Whole(1, 300), "kube-controller-manager's sync period")
    tolerance_percent: float = setting(10.0, Real(0, 100), "tolerance of usage ÷ target, both ways")


@dataclass(frozen=True)
class Scaling:
    """Keys that are no settings of a stack: which scaler, and what no stack can set yet."""

    scaler: str | None = setting(
        None, OneOf((HPA, KEDA, NONE)), "what scales; default: the stack's autoscaler"
    )
    hpa: Hpa = setting(Hpa(), Section(Hpa))
    keda: Keda | None = setting(None, Section(Keda), "a trigger of Prometheus")


PLAYED = {load.IN_FLIGHT: keda.IN_FLIGHT, load.RATE: keda.RATE}
OWN = ("scaler", "hpa", "keda")  # the keys of Scaling


@dataclass(frozen=True)
class Candidate:
    """One set of settings. `changes`: what is set beside the stack's file; `raw`: all, as in a file."""

    changes: Mapping[str, str]
    raw: Mapping[str, object]
    settings: Settings
    scaler: Scaler

    @property
    def is_a_stack(self) -> bool:
        """Whether a stack file can hold it."""
        own = self.settings.autoscaling.scaler if self.settings.autoscaling else HPA
        kept = self.changes.get("scaler", own) == own
        return kept and not any(key.partition(".")[0] in ("hpa", "keda") for key in self.changes)

    @property
    def name(self) -> str:
        """What it differs in."""
        lasts = [key.rpartition(".")[2] for key in self.changes]
        short = [
            key if lasts.count(last) > 1 else last for key, last in zip(self.changes, lasts, strict=True)
        ]
        told = (f"{key}={value}" for key, value in zip(short, self.changes.values(), strict=True))
        return ", ".join(told) or "as it is"


def of(stack: Mapping[str, object], sets: Sequence[str]) -> tuple[Candidate, ...]:
    """The stack's file as it is, or with each combination of `KEY=VALUE,VALUE …`.

    Raises OptionError for what is no such text or too many; SettingsError for values that a stack refuses.
    """
    tried = dict(_tried(sets))
    count = 1
    for values in tried.values():
        count *= len(values)
    if count > MOST:
        raise OptionError(f"--set: expected at most {MOST} combinations, got {count:,}; try fewer values")
    made = [_candidate(stack, dict(zip(tried, each, strict=True))) for each in product(*tried.values())]
    return tuple({each.name: each for each in made}.values())


def _tried(sets: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    seen = set()
    for text in sets:
        key, equals, values = text.partition("=")
        found = tuple(value.strip() for value in values.split(","))
        if not equals or not key.strip() or not all(found):
            raise OptionError(f"--set: expected KEY=VALUE or KEY=VALUE,VALUE…, got {text!r}")
        if key.strip() in seen:
            raise OptionError(
                f"--set: expected each key once, got {key.strip()} twice; KEY=VALUE,VALUE tries both"
            )
        seen.add(key.strip())
        yield key.strip(), tuple(dict.fromkeys(found))


def _candidate(stack: Mapping[str, object], changes: Mapping[str, str]) -> Candidate:
    raw, own = dict(stack), dict[str, object]()
    for key, value in changes.items():
        (own if key.partition(".")[0] in OWN else raw).update(
            _put(own if key.partition(".")[0] in OWN else raw, key.split("."), value)
        )
    read = settings.read(raw)
    scaling, problems = parse(Scaling, as_paths(Scaling, own)[0])
    if problems:
        raise SettingsError(problems)
    scaler = _scaler(read, scaling)
    return Candidate(_that_matter(changes, scaler), raw, read, scaler)


def _that_matter(changes: Mapping[str, str], scaler: Scaler) -> dict[str, str]:
    """Without what another scaler would be told."""
    idle = () if scaler.signal else ("keda",) if scaler.loops else ("keda", "hpa")
    return {key: value for key, value in changes.items() if key.partition(".")[0] not in idle}


def _put(group: Mapping[str, object], keys: Sequence[str], value: str) -> dict[str, object]:
    head, *rest = keys
    below = decoded(group.get(head, {}))
    deeper = below if isinstance(below, Mapping) else {}
    return {**group, head: _put(deeper, rest, value) if rest else value}


def _scaler(read: Settings, told: Scaling) -> Scaler:
    """Raises SettingsError for a scaler that lacks its settings."""
    own = read.autoscaling.scaler if read.autoscaling else NONE
    kind = told.scaler or (KEDA if told.keda else own)
    usual = told.hpa.tolerance_percent / 100
    tolerance = Tolerance(usual, usual)
    if kind == KEDA:
        return _keda(read, told, tolerance)
    if kind == VPA and read.autoscaling:
        return _vpa(read, read.autoscaling)
    if kind == NONE:
        pods = read.horizontal.min_replicas if read.horizontal else read.replicas
        return Scaler("none", (), pods, pods, 0.0, "")
    if not read.horizontal:
        fix = "set its maxReplicas and targetCpuUtilization too, or leave scaler out"
        raise SettingsError([Problem("autoscaling", "a group of settings for scaler=hpa", "none", fix)])
    scaling = read.horizontal
    ways = scaling.behavior
    tolerance = Tolerance(ways.scale_up.tolerance(usual), ways.scale_down.tolerance(usual))
    request = millicores(read.resources.cpu_request) / 1000
    bounds = scaling.min_replicas, scaling.max_replicas
    target, sync = float(scaling.target_cpu_utilization), float(told.hpa.sync_seconds)
    return hpa.scaler(CpuLoop(request, target, bounds, pace.of(scaling.behavior), tolerance, sync))


def _vpa(read: Settings, scaling: Autoscaling) -> Scaler:
    """Its programs are the platform's: the stack says how they are set there."""
    platform = read.platform.vpa
    least, most, request = (
        millicores(each) / 1000
        for each in (scaling.vpa.min_cpu_request, scaling.vpa.max_cpu_request, read.resources.cpu_request)
    )
    half_life, patience = 60.0 * platform.cpu_half_life_minutes, 60.0 * platform.patience_minutes
    recommender = Recommender(half_life, (least, most), float(platform.recommender_seconds))
    updater = Updater(patience, float(platform.updater_seconds))
    return vpa.scaler(recommender, updater, read.replicas, request)


def _keda(read: Settings, told: Scaling, tolerance: Tolerance) -> Scaler:
    scaling = read.horizontal
    scrapes = read.platform.prometheus.scrape_seconds
    own = told.keda or (_own_keda(scaling, scrapes) if scaling and scaling.scaler == KEDA else None)
    if own is None:
        fix = "add --set keda.target=NUMBER, the metric for each pod"
        raise SettingsError([Problem("keda", "a group of settings for scaler=keda", "none", fix)])
    bounds = (scaling.min_replicas, scaling.max_replicas) if scaling else keda.USUAL
    paces = pace.of(scaling.behavior) if scaling else Pace()
    return keda.scaler(own, bounds, paces, tolerance, float(told.hpa.sync_seconds))


def _own_keda(scaling: Autoscaling, scrape_seconds: int) -> Keda:
    """The stack's own trigger. Raises SettingsError for a metric that is not played."""
    if scaling.metric not in PLAYED:
        fix = "a queue is not told apart from requests in flight here: try --set keda.metric=inFlight"
        expected = f"{' or '.join(PLAYED)}, which is what is played"
        raise SettingsError([Problem("autoscaling.metric", expected, scaling.metric, fix)])
    assert scaling.target is not None  # contradictions refuse a metric without one
    return Keda(
        scaling.target,
        PLAYED[scaling.metric],
        polling_seconds=scaling.keda.polling_seconds,
        window_seconds=scaling.keda.window_seconds or SCRAPES * scrape_seconds,
    )
