"""Everything the server is told, read and checked before TensorFlow is loaded: flags, files, environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from . import config_files
from .config_files import Batching
from .flags import Flags

HOST = "TF_SERVING_STANDIN_HOST"


@dataclass(frozen=True)
class Settings:
    """Flags and what their files hold; batching None and metrics_path "" are off."""

    flags: Flags
    batching: Batching | None
    metrics_path: str
    host: str


def read(given: Flags, environment: Mapping[str, str]) -> Settings:
    """Settings of flags, their files and the environment; raises StartError naming what is wrong."""
    return Settings(
        flags=given,
        batching=_batching(given),
        metrics_path=config_files.metrics_path(given.monitoring_config_file),
        host=host(environment, os.getpid()),
    )


def _batching(given: Flags) -> Batching | None:
    if not given.enable_batching:
        return None
    path = given.batching_parameters_file
    return config_files.batching(path) if path else Batching()


def host(environment: Mapping[str, str], pid: int) -> str:
    """Address to bind: in a container all of them, as upstream; on a machine loopback, unless told other."""
    if chosen := environment.get(HOST):
        return chosen
    in_container = pid == 1 or "KUBERNETES_SERVICE_HOST" in environment
    return "0.0.0.0" if in_container else "127.0.0.1"
