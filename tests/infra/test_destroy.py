"""A destroy that hangs is ended, and what keeps it is said."""

import subprocess
import sys
import time

from infra.destroy import obstacle, watch
from stack.kube import KubeObject
from stack.recorded import Key

SPACE = Key("v1", "Namespace", "", "emotion-a")
HEARS = "import signal, time; signal.signal(signal.SIGINT, signal.default_int_handler)"  # as Pulumi does
HANGS = [sys.executable, "-c", f"{HEARS}; time.sleep(60)"]


def namespace(*conditions: str) -> KubeObject:
    told = [{"type": name, "status": "True", "message": "why"} for name in conditions]
    metadata = {"name": "emotion-a", "deletionTimestamp": "2026-01-01T00:00:00Z"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "status": {"conditions": told}}


def test_what_keeps_a_namespace_is_told_by_its_name() -> None:
    stuck = namespace("NamespaceDeletionContentFailure")
    assert obstacle([SPACE], lambda _: stuck) == "Namespace emotion-a: why"
    assert obstacle([SPACE], lambda _: namespace("NamespaceContentRemaining")) == ""
    assert obstacle([SPACE], lambda _: None) == ""


def test_a_destroy_that_something_keeps_is_ended_with_the_cause() -> None:
    began = time.monotonic()
    with subprocess.Popen(HANGS) as process:
        assert watch(process, lambda: "something", patience=0) == "something"
    assert time.monotonic() - began < 30


def test_a_destroy_that_only_takes_its_time_is_waited_for() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3)"]) as process:
        assert watch(process, lambda: "", patience=0) == ""
    assert process.returncode == 0
