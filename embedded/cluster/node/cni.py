"""What CNI plugins answered: libcni keeps it at a fixed place of the machine, for every network there."""

import json
from collections.abc import Iterator
from pathlib import Path

from embedded.cluster import layout

RESULTS = Path("/var/lib/cni/results")


def host_ends() -> list[str]:
    """Interfaces of this machine that lead to our pods, also where their bridge has gone since."""
    return [name for result in _results() for name in interfaces(result.read_text())]


def interfaces(result: str) -> list[str]:
    """Pure: the host's interfaces but the bridge in a result as it is kept; none if it was cut off."""
    try:
        found = json.loads(result)["result"]["interfaces"]
        names = [each["name"] for each in found if not each.get("sandbox")]
    except (ValueError, KeyError, TypeError):
        return []
    return [name for name in names if name != layout.BRIDGE]


def forget() -> None:
    """Delete the results of our network, and of loopback in the same sandboxes."""
    for result in _results():
        sandbox = result.name.removeprefix(f"{layout.NETWORK}-").removesuffix("-eth0")
        result.unlink(missing_ok=True)
        (RESULTS / f"cni-loopback-{sandbox}-lo").unlink(missing_ok=True)


def _results() -> Iterator[Path]:
    return RESULTS.glob(f"{layout.NETWORK}-*-eth0")
