"""The stack files `Pulumi.<stack>.yaml`: which there are, and what they set."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from stack.settings import Variant, read

ROOT = Path(__file__).resolve().parent.parent
NAMESPACE = "emotion-serving:"  # of the project's keys


@dataclass(frozen=True)
class VariantFile:
    """A stack file with a section `variant`: what the stack sets, without that section and its own name."""

    stack: str
    variant: Variant
    differs: Mapping[str, object]


def path(stack: str, root: Path = ROOT) -> Path:
    """The file of a stack."""
    return root / f"Pulumi.{stack}.yaml"


def stacks(root: Path = ROOT) -> list[str]:
    """The stacks that have a file, sorted."""
    return sorted(file.name.split(".")[1] for file in root.glob("Pulumi.*.yaml"))


def stack_settings(file: Path) -> dict[str, object]:
    """What a stack file sets, by keys without the project's namespace."""
    config = (yaml.safe_load(file.read_text()) or {}).get("config") or {}
    return {key.removeprefix(NAMESPACE): value for key, value in config.items() if key.startswith(NAMESPACE)}


def variant_files(root: Path = ROOT) -> list[VariantFile]:
    """The stack files that describe a variant. Raises SettingsError if one is wrong."""
    raws = {stack: stack_settings(path(stack, root)) for stack in stacks(root)}
    return [_variant_file(stack, raw) for stack, raw in raws.items() if "variant" in raw]


def _variant_file(stack: str, raw: dict[str, object]) -> VariantFile:
    differs = {key: value for key, value in raw.items() if key not in ("variant", "servers")}
    return VariantFile(stack, read(raw).variant, differs)
