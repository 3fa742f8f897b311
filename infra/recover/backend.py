"""The folder in which a file backend keeps the states of this project's stacks."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from stack import pulumi
from stack.files import ROOT
from stack.kube import PROJECT

SUFFIXES = (".json", ".json.gz", ".json.zst")


@dataclass(frozen=True)
class Folder:
    """A file backend, as Pulumi lays it out below `.pulumi`."""

    path: Path

    @property
    def meta(self) -> Path:
        """Says which layout the backend has."""
        return self.path / ".pulumi" / "meta.yaml"

    def locks(self, stack: str) -> list[Path]:
        """One for each Pulumi that is at work on the stack, or was killed."""
        return sorted(self._of("locks/organization", stack).glob("*.json"))

    def file(self, stack: str) -> Path:
        """Where the state of a new stack is kept."""
        return self._of("stacks", f"{stack}.json")

    def states(self) -> dict[str, Path]:
        """The state files of the project, by stack."""
        files = sorted(self._of("stacks").glob("*.json*"))
        return {name: file for file in files if (name := stack_of(file))}

    def backups(self, stack: str) -> list[Path]:
        """Earlier states of a stack, the newest first."""
        before = (file.with_name(f"{file.name}.bak") for name, file in self.states().items() if name == stack)
        regular = self._of("backups", stack).glob(f"{stack}.*.json*")
        history = self._of("history", stack).glob(f"{stack}-*.checkpoint.json*")
        found = [file for file in (*before, *regular, *history) if file.exists() and file.suffix != ".attrs"]
        return sorted(found, key=lambda file: file.stat().st_mtime_ns, reverse=True)

    def attributes(self) -> list[Path]:
        """What the backend keeps beside each file, which is read without them as well: kind and checksum."""
        return sorted((self.path / ".pulumi").rglob("*.attrs"))

    def _of(self, kind: str, stack: str = "") -> Path:
        return self.path / ".pulumi" / kind / PROJECT / stack


def stack_of(file: Path) -> str:
    """The stack of a state file; empty for a file that is none."""
    return next((file.name.removesuffix(each) for each in SUFFIXES if file.name.endswith(each)), "")


def find() -> Folder | None:
    """The backend that Pulumi uses, whether the environment or `pulumi login` chose it; None if no folder.

    Raises PulumiError if Pulumi knows of none.
    """
    url = os.environ.get("PULUMI_BACKEND_URL") or json.loads(pulumi.ask("whoami", "--json"))["url"]
    return at(url)


def at(url: str) -> Folder | None:
    """The folder of a backend's address; None where the backend is no folder."""
    if not url.startswith("file://"):
        return None
    parts = urlsplit(url)
    written = Path(unquote(parts.netloc + parts.path)).expanduser()
    return Folder((ROOT / written).resolve())
