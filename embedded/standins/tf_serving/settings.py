"""Everything the server is told, read and checked before TensorFlow is loaded: flags, files, environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from . import batching_config, flags, model_config, monitoring_config
from .batching_config import Batching
from .errors import StartError
from .flags import Flags
from .model_config import Model

HOST = "TF_SERVING_STANDIN_HOST"
MAX_BODY = "TF_SERVING_STANDIN_MAX_BODY_BYTES"
DEFAULT_MAX_BODY = 32 * 2**20


@dataclass(frozen=True)
class Settings:
    """Flags and what their files hold; batching None and metrics_path "" are off; max_body in bytes."""

    flags: Flags
    models: tuple[Model, ...]
    batching: Batching | None
    metrics_path: str
    host: str
    max_body: int


def read(given: Flags, environment: Mapping[str, str]) -> Settings:
    """Settings that agree with each other; raises StartError naming what does not."""
    flags.check(given)
    return Settings(
        flags=given,
        models=model_config.from_flags(given),
        batching=_batching(given),
        metrics_path=monitoring_config.metrics_path(given.monitoring_config_file),
        host=host(environment, os.getpid()),
        max_body=_max_body(environment),
    )


def _batching(given: Flags) -> Batching | None:
    if not given.enable_batching:
        return None
    path = given.batching_parameters_file
    return batching_config.read(path) if path else Batching()


def host(environment: Mapping[str, str], pid: int) -> str:
    """Address to bind: in a container all of them, as upstream; on a machine loopback, unless told other."""
    if chosen := environment.get(HOST):
        return chosen
    in_container = pid == 1 or "KUBERNETES_SERVICE_HOST" in environment
    return "0.0.0.0" if in_container else "127.0.0.1"


def _max_body(environment: Mapping[str, str]) -> int:
    text = environment.get(MAX_BODY, str(DEFAULT_MAX_BODY))
    if not text.isdecimal() or not int(text):
        raise StartError(f"{MAX_BODY}: expected a number of bytes above 0, got {text!r}")
    return int(text)
