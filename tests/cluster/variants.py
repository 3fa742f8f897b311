"""Variant stacks beside the platform of `minikube`, as a user brings them up; nothing of them stays."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml

from bench.subject import outputs
from stack import pulumi as plain
from stack.outputs import StackOutputs
from stack.pulumi import PulumiError
from stack.schema import as_keys
from stack.settings import (
    GrafanaSettings,
    MetricsServerSettings,
    Platform,
    PrometheusSettings,
    Settings,
)
from stack.settings.scaling import KEDA, VPA
from tests.cluster.conftest import run
from tests.rules.stacks import STACKS, all_stacks

OF_CLUSTERS = ("cloud", "minikube")
# These need more than the platform of `minikube` has; `make campaign` has their tests.
BEHIND = {each.name for each in all_stacks() if each.settings.service.gateway}
SCALERS = {each.name: each.settings.autoscaling.scaler for each in all_stacks() if each.settings.autoscaling}
SCALED = {name for name, scaler in SCALERS.items() if scaler in (KEDA, VPA)}
# These differ by numbers alone from others, as their goldens show; `make campaign` brings them up.
ALIKE = {
    *("tf-batch-100ms", "tf-hpa-headroom", "tf-hpa-plain", "tf-one-700m", "tf-two-700m"),
    *("torch-10-workers", "triton-hpa-headroom", "triton-hpa-plain", "triton-int8"),
    *("triton-one-400m", "triton-two-400m"),
}
ELSEWHERE = {"tf-hpa", "tf-threads", "torch-hpa"}  # brought up and verified by tests of their own
NAMES = sorted(set(STACKS) - set(OF_CLUSTERS) - BEHIND - SCALED - ELSEWHERE)

# Declares nothing of what the platform of `minikube` has, whose Prometheus it knows: for what a test adds.
BESIDE = Platform(
    enabled=True,
    metrics_server=MetricsServerSettings(enabled=False),
    prometheus=PrometheusSettings(enabled=False, url=PrometheusSettings().address),
    grafana=GrafanaSettings(enabled=False),
)


def pulumi(stack: str, command: str, *options: str) -> str:
    """Standard output of a Pulumi command on `stack`."""
    return plain.do(command, stack, *options)


@contextmanager
def initialised(name: str) -> Iterator[None]:
    """The stack exists and is not deployed; afterwards it is gone.

    A stack that exists already is in somebody's use: the test fails, and nothing of that stack is touched.
    """
    assert plain.ensure(name), f"{name} already exists; if a killed run left it: make destroy STACK={name}"
    try:
        yield
    finally:
        if not _removed(name):  # it still has something
            with suppress(PulumiError):
                plain.do("destroy", name, "--yes", "--skip-preview")
            _removed(name)


def _removed(name: str) -> bool:
    """Whether the stack, which must be empty, could be removed."""
    try:
        plain.do("stack rm", name, "--yes", "--preserve-config")
    except PulumiError:
        return False
    return True


@contextmanager
def borrowed(name: str, wanted: Settings, folder: Path) -> Iterator[StackOutputs]:
    """A stack is up with settings not its own, or none of its own: it needs no file in the project."""
    with initialised(name):
        file = other_settings(name, folder, as_keys(wanted))
        pulumi(name, "up", "--yes", "--skip-preview", f"--config-file={file}")
        yield outputs.read(name)


def other_settings(name: str, folder: Path, keys: Mapping[str, object]) -> Path:
    """A stack file outside of the project, with these settings and no others."""
    file = folder / f"{name}.yaml"
    file.write_text(
        yaml.safe_dump({"config": {f"emotion-serving:{key}": value for key, value in keys.items()}})
    )
    return file


def bench(*arguments: str) -> str:
    """Standard output of a bench command; fails with what it said unless it succeeds."""
    return run(sys.executable, "-m", "bench", *arguments)
