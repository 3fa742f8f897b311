"""What a million requests cost at the SLO capacity, from a small file of prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.analysis.capacities import Capacity, at_capacity
from bench.analysis.cells import Cell
from bench.analysis.loads import usage
from bench.analysis.nodes import Node
from bench.errors import ReadError
from stack.quantities import Cpu, Memory, mebibytes, millicores

DEFAULT = Path(__file__).resolve().parent.parent / "prices.yaml"
KEYS = ("currency", "coreHour", "gibHour", "source")
NODE, NODE_KEYS = "node", ("name", "cpu", "memory", "hour")
MILLION, HOUR = 1e6, 3600.0


@dataclass(frozen=True)
class Prices:
    """What a CPU core and a GiB of memory cost for an hour; `source` says whose prices they are.

    `node`: the kind of node that `bench size` fills, None where the file names none.
    """

    currency: str
    core_hour: float
    gib_hour: float
    source: str
    node: Node | None = None


@dataclass(frozen=True)
class Cost:
    """For 10⁶ requests at the SLO capacity, in the prices' currency.

    `requested`: by the CPU and memory that the pods request, whatever they use. `used`: by the CPU seconds
    that they took and the memory that they request; None where CPU was not counted. `pods`: how many.
    """

    requested: float
    used: float | None
    pods: float
    cores: float
    gib: float


def read(file: Path) -> Prices:
    """Prices from YAML. Raises ReadError."""
    try:
        data = yaml.safe_load(file.read_text())
    except (OSError, ValueError, yaml.YAMLError) as error:
        told = " ".join(str(error).split())
        raise ReadError(f"--prices: expected a YAML file, got {file}: {told}; see {DEFAULT.name}") from error
    found = _group(file, data, KEYS, also=(NODE,))
    core, gib = (_price(file, key, found[key]) for key in ("coreHour", "gibHour"))
    node = _node(file, found[NODE]) if NODE in found else None
    return Prices(str(found["currency"]), core, gib, str(found["source"]), node)


def _group(file: Path, data: object, keys: Sequence[str], also: Sequence[str] = ()) -> Mapping[str, object]:
    """Raises ReadError for missing and for unknown keys."""
    if not isinstance(data, Mapping) or not set(keys) <= set(data) <= {*keys, *also}:
        got = ", ".join(map(str, data)) if isinstance(data, Mapping) else type(data).__name__
        beside = f" and maybe {', '.join(also)}" if also else ""
        raise ReadError(f"{file}: expected the keys {', '.join(keys)}{beside}, got {got}; see {DEFAULT.name}")
    return data


def _node(file: Path, data: object) -> Node:
    found = _group(file, data, NODE_KEYS)
    try:
        cores, gib = (
            millicores(Cpu().read(found["cpu"])) / 1000,
            mebibytes(Memory().read(found["memory"])) / 1024,
        )
    except ValueError as error:
        raise ReadError(
            f"{file}: node: expected cpu and memory as Kubernetes writes them: {error}"
        ) from error
    return Node(str(found["name"]), cores, gib, _price(file, "node.hour", found["hour"]))


def _price(file: Path, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1000:
        raise ReadError(f"{file}: {key}: expected 0–1000 an hour, got {value!r}; write a number")
    return float(value)


def cost(cell: Cell, capacity: Capacity, prices: Prices) -> Cost | None:
    """At the SLO capacity; None where none was held."""
    held, runs = capacity.estimate, at_capacity(cell)
    if held is None or held.value <= 0 or not runs:
        return None
    settings, using = cell.settings(), usage([run.summary for run in runs])
    pods = using.pods if settings.horizontal and using.pods else float(settings.replicas)
    cores = pods * millicores(settings.resources.cpu_request) / 1000
    gib = pods * mebibytes(settings.resources.memory_request) / 1024
    hours = MILLION / held.value / HOUR
    memory = gib * prices.gib_hour * hours
    cpu_hours = None if using.cpu_per_1000 is None else using.cpu_per_1000 * 1000 / HOUR
    return Cost(
        requested=cores * prices.core_hour * hours + memory,
        used=None if cpu_hours is None else cpu_hours * prices.core_hour + memory,
        pods=pods,
        cores=cores,
        gib=gib,
    )
