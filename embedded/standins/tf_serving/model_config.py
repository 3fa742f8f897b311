"""Which models to serve, which of their versions, and under which labels.

Source: tensorflow_serving/config/model_server_config.proto.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tensorflow_serving.config import model_server_config_pb2  # type: ignore[import-untyped]

from . import text_files
from .errors import StartError
from .flags import Flags

FLAG = "model_config_file"


@dataclass(frozen=True)
class Latest:
    """Serve the `count` highest versions found; upstream's default with 1."""

    count: int = 1

    def choose(self, found: Iterable[int]) -> frozenset[int]:
        """Versions to serve of those found."""
        return frozenset(sorted(found, reverse=True)[: self.count])


@dataclass(frozen=True)
class All:
    """Serve every version found."""

    def choose(self, found: Iterable[int]) -> frozenset[int]:
        """Versions to serve of those found."""
        return frozenset(found)


@dataclass(frozen=True)
class Specific:
    """Serve these versions as far as they are found."""

    versions: frozenset[int]

    def choose(self, found: Iterable[int]) -> frozenset[int]:
        """Versions to serve of those found."""
        return self.versions & frozenset(found)


@dataclass(frozen=True)
class Model:
    """One model to serve: versions are numeric folders below `base_path`."""

    name: str
    base_path: str
    policy: Latest | All | Specific = field(default_factory=Latest)
    labels: tuple[tuple[str, int], ...] = ()


def from_flags(flags: Flags) -> tuple[Model, ...]:
    """Models that the command line asks for; a config file wins over name and base path."""
    if flags.model_config_file:
        return read(flags.model_config_file)
    return (Model(flags.model_name, flags.model_base_path),)


def read(path: str) -> tuple[Model, ...]:
    """Models of the ascii ModelServerConfig at `path`; raises StartError naming model and field."""
    config = text_files.read(FLAG, path, model_server_config_pb2.ModelServerConfig())
    if config.WhichOneof("config") != "model_config_list":
        raise StartError(f"--{FLAG}: {path}: expected model_config_list {{ config {{ name: … }} }}, got none")
    models = tuple(_model(entry) for entry in config.model_config_list.config)
    names = [model.name for model in models]
    if len(set(names)) != len(names):
        raise StartError(f"--{FLAG}: {path}: expected each model name once, got {names}")
    return models


def _model(entry: model_server_config_pb2.ModelConfig) -> Model:
    if not entry.name or not entry.base_path:
        raise StartError(
            f"--{FLAG}: config: expected name and base_path, got {entry.name!r}, {entry.base_path!r}"
        )
    if entry.model_platform not in ("", "tensorflow"):
        raise StartError(
            f'--{FLAG}: {entry.name}: model_platform: expected "tensorflow", got {entry.model_platform!r}'
        )
    if not entry.model_platform and not entry.model_type:
        raise StartError("Illegal setting neither model_type(deprecated) nor model_platform.")
    labels = tuple(sorted(entry.version_labels.items()))
    return Model(entry.name, entry.base_path, _policy(entry), labels)


def _policy(entry: model_server_config_pb2.ModelConfig) -> Latest | All | Specific:
    policy = entry.model_version_policy
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return All()
    if choice == "specific":
        return Specific(frozenset(policy.specific.versions))
    return Latest(max(policy.latest.num_versions, 1))
