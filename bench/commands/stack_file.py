"""What a stack was found to need, as a stack file: of `bench recommend` and `bench size`."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

import yaml

from bench.commands.files import write
from bench.errors import OptionError
from stack import settings
from stack.files import NAMESPACE

WIDTH = 110


def require_new(option: str, file: Path, force: bool) -> None:
    """Raises OptionError for a file that is there, unless forced."""
    if file.exists() and not force:
        raise OptionError(f"{option}: expected a new file, got {file}; name another, or add --force")


def text(sets: Mapping[str, object], origin: str) -> str:
    """A stack file with where its settings come from. Raises SettingsError for some that are not accepted."""
    settings.read(sets)
    named = {f"{NAMESPACE}{key}": value for key, value in sets.items()}
    body = yaml.safe_dump({"config": named}, sort_keys=False, allow_unicode=True, width=WIDTH)
    return "".join(f"# {line}\n" for line in textwrap.wrap(origin, WIDTH - 2)) + body


def keep(file: Path, content: str, option: str) -> str:
    """Write it; returns what to type next. Raises WriteError."""
    write(file, content.encode(), option)
    stack = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    return f"pulumi stack init {stack} && pulumi up -s {stack}"
