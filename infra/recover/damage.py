"""State files that cannot be read, and the backups that Pulumi keeps of them."""

import gzip
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from infra.recover.backend import Folder
from infra.recover.errors import RecoverError
from stack import pulumi
from stack.kube import PROJECT, KubeObject
from stack.recorded import part

META = b"version: 1\n"  # the layout that has a folder for each project
URN = re.compile(rb'"urn":\s*"(urn:pulumi:[^"]+)"')
UNREADABLE = "is damaged"
# Reasons for which Pulumi refuses a state that is whole.
NOT_ITS_FAULT = (pulumi.OTHER_PASSPHRASE, pulumi.NO_PASSPHRASE, "unsupported checkpoint version")

Agree = Callable[[str], bool]  # answers a question


@dataclass(frozen=True)
class Damaged:
    """A state file that Pulumi cannot use."""

    stack: str
    file: Path
    reason: str

    def __str__(self) -> str:
        return f"the state of {self.stack}, {self.file}, {UNREADABLE}: {self.reason}"


def problem(content: bytes) -> str:
    """Why the content of a state file is none; empty for one that can be read."""
    try:
        read = json.loads(_unpacked(content))
    except (OSError, EOFError, ValueError, RecursionError) as error:
        return "it is empty" if not content.strip(b"\0 \n") else f"it ends or breaks off within: {error}"
    checkpoint = read.get("checkpoint") if isinstance(read, Mapping) else None
    if not isinstance(checkpoint, Mapping) or not isinstance(read.get("version"), int):
        return "it holds something else than a stack's state"
    latest = checkpoint.get("latest")
    return (
        ""
        if latest is None or isinstance(latest, Mapping)
        else "it holds something else than a stack's state"
    )


def _unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def refused(stack: str, content: bytes) -> str:
    """Why Pulumi itself does not take the content as a stack's state; empty if it does."""
    if told := problem(content) or _contradiction(stack, content):
        return told
    with tempfile.TemporaryDirectory() as folder:
        scratch = Folder(Path(folder))
        file = scratch.file(stack)
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        scratch.meta.write_bytes(META)
        try:
            command = ["pulumi", "--non-interactive", "stack", "--stack", stack]
            pulumi.run(command, stack, {"PULUMI_BACKEND_URL": f"file://{folder}"})
        except pulumi.PulumiError as error:
            return "" if any(sign in error.said for sign in NOT_ITS_FAULT) else _complaint(error.said)
    return ""


def _contradiction(stack: str, content: bytes) -> str:
    """What Pulumi takes, and then fails on: an entry whose name does not fit, or without its identity."""
    latest = json.loads(_unpacked(content))["checkpoint"].get("latest") or {}
    for entry in latest.get("resources") or []:
        parts = str(part(entry).get("urn", "")).split("::") if isinstance(entry, Mapping) else []
        if len(parts) < 4 or parts[0] != f"urn:pulumi:{stack}" or not entry.get("type"):
            return f"it has an entry that is none of {stack}'s"
        if parts[2].rpartition("$")[2] != entry["type"] or (entry.get("custom") and not entry.get("id")):
            return f"its entry {parts[3]} contradicts itself"
    return ""


def _complaint(said: str) -> str:
    """The line in which Pulumi says what it does not like."""
    if "snapshot integrity" in said:
        return "its entries contradict each other"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    named = [line for line in lines if line.startswith("error: ")]
    return (named or lines or ["Pulumi does not take it"])[0].removeprefix("error: ")


def find(folder: Folder, stack: str) -> list[Damaged]:
    """The damaged state files: of `stack` as Pulumi judges, of other stacks those that it cannot read."""
    found = []
    for name, file in folder.states().items():
        content = file.read_bytes()
        if reason := refused(name, content) if name == stack else problem(content):
            found.append(Damaged(name, file, reason))
    return found


def restore(folder: Folder, stack: str, agree: Agree) -> list[str]:
    """Put the newest good backup in the place of each damaged file, if that is agreed to; the stacks.

    Raises RecoverError where it is not.
    """
    _restore_meta(folder)
    _forget_attributes(folder)
    damaged = find(folder, stack)
    for each in damaged:
        print(f"recover: {each}", flush=True)
        _restore(folder, each, agree)
    return [each.stack for each in damaged]


def _restore(folder: Folder, damaged: Damaged, agree: Agree) -> None:
    backup = next((file for file in folder.backups(damaged.stack) if not _unfit(damaged.stack, file)), None)
    offer = (
        f"restore the backup of {_time(backup)}"
        if backup
        else "begin with an empty state, as no backup is good"
    )
    if not agree(f"{offer}? What it does not know is looked up in the cluster"):
        raise RecoverError(f"{damaged}; make recover STACK={damaged.stack} YES=1 will {offer}")
    lost = damaged.file.read_bytes()
    kept = damaged.file.parents[2] / "damaged" / f"{damaged.file.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}"
    kept.parent.mkdir(exist_ok=True)
    content = backup.read_bytes() if backup else b""
    damaged.file.replace(kept)
    if content:
        fresh = damaged.file.with_suffix(".restored")
        fresh.write_bytes(content)
        fresh.replace(damaged.file)
    else:
        pulumi.ensure(damaged.stack)
    print(f"recover: did {offer}; the damaged file is kept as {kept}", flush=True)
    for urn in sorted(urns(lost) - urns(content)):
        print(f"recover:   not in the backup: {urn.rsplit('::', 1)[-1]}", flush=True)


def _unfit(stack: str, backup: Path) -> str:
    return refused(stack, backup.read_bytes())


def urns(content: bytes) -> set[str]:
    """What a state file records, as far as it can be made out."""
    try:
        text = _unpacked(content)
    except (OSError, EOFError):
        return set()
    return {found.decode(errors="replace") for found in URN.findall(text)}


def forget_selection() -> None:
    """Drop a damaged note of which stack is selected: without it Pulumi selects none, with it no other."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    for file in home.glob(f"workspaces/{PROJECT}-*-workspace.json"):
        try:
            json.loads(file.read_bytes())
        except ValueError:
            print(f"recover: {file} {UNREADABLE}; removed: select a stack again, if need be", flush=True)
            file.unlink()


def _restore_meta(folder: Folder) -> None:
    """Without this small file Pulumi reads no stack at all."""
    if not folder.meta.exists() or folder.meta.read_bytes().strip() == META.strip():
        return
    if folder.states():
        print(f"recover: {folder.meta} {UNREADABLE}; written anew", flush=True)
        folder.meta.write_bytes(META)


def _forget_attributes(folder: Folder) -> None:
    """Pulumi reads no file whose attributes are cut off, as a kill leaves them, but one without any."""
    for file in folder.attributes():
        try:
            whole = isinstance(json.loads(file.read_bytes()), Mapping)
        except ValueError:
            whole = False
        if not whole:
            print(f"recover: {file} {UNREADABLE}; removed: the file beside it needs none", flush=True)
            file.unlink()


def _time(file: Path) -> str:
    moment = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def exported(stack: str) -> KubeObject:
    """The state of a stack, as Pulumi exports it: its `deployment`. Raises PulumiError."""
    return cast("KubeObject", json.loads(pulumi.do("stack export", stack)))
