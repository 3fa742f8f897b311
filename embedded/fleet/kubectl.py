"""kubectl on the embedded cluster, as its administrator."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import cast

from base.children import tied
from embedded.cluster import layout
from embedded.cluster.kubernetes import api
from embedded.fleet.errors import FleetError

SECONDS = 180.0

Found = Mapping[str, object]


def run(*words: str) -> str:
    """What a kubectl command prints. Raises FleetError if it fails or takes too long."""
    try:
        done = subprocess.run(
            api.kubectl(layout.current(), *words),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            preexec_fn=tied(),
        )
    except subprocess.TimeoutExpired as error:
        raise FleetError(f"kubectl {' '.join(words)}: no end after {SECONDS:.0f} s") from error
    if done.returncode:
        raise FleetError(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def items(*words: str) -> Sequence[Found]:
    """The objects that `kubectl get` finds; none where there is no such kind. Raises FleetError."""
    try:
        found = json.loads(run("get", *words, "--output=json") or '{"items": []}')
    except FleetError as error:
        if "the server doesn't have a resource type" in str(error):
            return ()
        raise
    return cast("Sequence[Found]", found.get("items", [found]))


def part(item: Found, *names: str) -> Found:
    """The object below some names; empty where there is none."""
    for name in names:
        item = cast("Found", item.get(name) or {})
    return item
