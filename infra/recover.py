"""Mend a stack whose `pulumi up` was killed: drop a dead process's lock, settle operations left pending.

An object that was created but not yet recorded is adopted; one that never came to be is forgotten.
Does nothing to a healthy stack, and nothing while another Pulumi is at work on it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from base.children import tied

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Pending:
    """An operation that was under way when Pulumi died. `object_id` is empty where nothing can be adopted."""

    urn: str
    kind: str
    object_id: str


def pending_operations(deployment: Mapping[str, object]) -> tuple[Pending, ...]:
    """The pending operations of an exported stack."""
    found = cast("list[dict[str, object]]", deployment.get("pending_operations") or [])
    return tuple(_pending(operation) for operation in found)


def _pending(operation: Mapping[str, object]) -> Pending:
    resource = cast("dict[str, object]", operation["resource"])
    inputs = cast("dict[str, object]", resource.get("inputs") or {})
    metadata = cast("dict[str, str]", inputs.get("metadata") or {})
    name = metadata.get("name", "")
    is_object = str(resource["type"]).startswith("kubernetes:") and operation["type"] == "creating" and name
    object_id = "/".join(filter(None, (metadata.get("namespace"), name))) if is_object else ""
    return Pending(str(resource["urn"]), str(operation["type"]), object_id)


def context_of(deployment: Mapping[str, object]) -> str:
    """The kubeconfig context that the stack's Kubernetes provider was given."""
    resources = cast("list[dict[str, object]]", deployment.get("resources") or [])
    providers = (item for item in resources if item["type"] == "pulumi:providers:kubernetes")
    inputs = cast("dict[str, str]", next(providers, {}).get("inputs") or {})
    return inputs.get("context", "")


def refresh_arguments(pending: Sequence[Pending], existing: Sequence[str]) -> list[str]:
    """What `pulumi refresh` must be told: adopt what exists, forget the rest."""
    adopted = [item for item in pending if item.object_id and item.urn in existing]
    flags = [f"--import-pending-creates={part}" for item in adopted for part in (item.urn, item.object_id)]
    return [*flags, "--clear-pending-creates"]


def recover(stack: str) -> None:
    """Mend `stack`. Raises RuntimeError if Pulumi refuses."""
    if dead_lock(stack):
        print(f"recover: {stack} is locked by a Pulumi that no longer runs; unlocking")
        _pulumi("cancel", "--yes", "--stack", stack)
    exported = json.loads(_pulumi("stack", "export", "--stack", stack))
    deployment = exported.get("deployment") or {}
    pending = pending_operations(deployment)
    if not pending:
        return
    print(f"recover: {len(pending)} operations of {stack} were cut off; settling them")
    for item in pending:
        print(f"recover:   {item.kind} {item.urn.rsplit('::', 1)[-1]}")
    existing = [item.urn for item in pending if item.object_id and _exists(item, context_of(deployment))]
    _pulumi("refresh", "--yes", "--skip-preview", "--stack", stack, *refresh_arguments(pending, existing))


def dead_lock(stack: str) -> bool:
    """Whether all locks of the stack in a file backend belong to processes that are gone."""
    url = urlsplit(os.environ.get("PULUMI_BACKEND_URL", ""))
    if url.scheme != "file":
        return False
    locks = list(Path(url.path).glob(f".pulumi/locks/**/{stack}/*.json"))
    return bool(locks) and not any(_alive(json.loads(lock.read_text())["pid"]) for lock in locks)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _exists(item: Pending, context: str) -> bool:
    kind = item.urn.split("::")[2].rsplit("$", 1)[-1].rsplit(":", 1)[-1]
    *namespace, name = item.object_id.split("/")
    place = ["--namespace", namespace[0]] if namespace else []
    command = ["kubectl", f"--context={context}", "get", kind.lower(), name, *place, "--output", "name"]
    return subprocess.run(command, capture_output=True, check=False, preexec_fn=tied()).returncode == 0


def _pulumi(*arguments: str) -> str:
    command = ["pulumi", "--non-interactive", *arguments]
    answer = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=tied(signal.SIGINT)
    )
    if answer.returncode:
        raise RuntimeError(
            f"{' '.join(command[:3])} failed: {answer.stderr.strip() or answer.stdout.strip()}"
        )
    return answer.stdout


def main() -> int:
    """The command `python -m infra.recover`."""
    parser = argparse.ArgumentParser(prog="python -m infra.recover", description=__doc__)
    parser.add_argument("stack", nargs="?", default="minikube", help="default: minikube")
    try:
        recover(parser.parse_args().stack)
    except (RuntimeError, FileNotFoundError) as error:
        print(f"recover: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
