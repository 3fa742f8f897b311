"""A stack that is cut off, or changed behind its back, heals by the next command; more in `make campaign`."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.subject.deployed import connect
from bench.subject.predict import predict
from stack.namespaces import Placement
from stack.outputs import StackOutputs
from tests.campaign import trial
from tests.campaign.moments import BEGINS, Event, Moment
from tests.cluster import variants
from tests.cluster.conftest import ROOT, run
from tests.cluster.objects import objects

pytestmark = pytest.mark.cluster
NAME = "tf-threads"
SERVER = "tensorflow-serving"


def begins(action: str, kind: str, later: float) -> Moment:
    """So long after Pulumi has begun with an object of the server."""
    component = f"emotion-serving:serving:ServedModel$kubernetes:{kind}"
    urn = f"urn:pulumi:{NAME}::emotion-serving::{component}::{Placement(NAME).namespace}/{SERVER}"
    return Moment(Event(BEGINS, action, urn), later)


@pytest.fixture(scope="module", autouse=True)
def _stack(outputs: StackOutputs) -> Iterator[None]:
    """Each test goes on where the one before it left the stack; nothing of it stays, and no file changes."""
    before, texts = objects(outputs.context), stack_files()
    with variants.initialised(NAME):
        yield
    assert objects(outputs.context) == before
    assert stack_files() == texts


def stack_files() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in ROOT.glob("Pulumi*.yaml")}


def kubectl(outputs: StackOutputs, *arguments: str) -> None:
    run("kubectl", "--context", outputs.context, "-n", Placement(NAME).namespace, *arguments)


def healed(tried: trial.Trial) -> None:
    """From where the test before left the stack."""
    outcome = trial.attempt(replace(tried, before=lambda _: None))
    assert outcome.reached, outcome
    assert not outcome.fault, outcome


def test_an_up_that_was_killed_while_pods_start_goes_on() -> None:
    healed(trial.up_killed(NAME, begins("create", "apps/v1:Deployment", 1.5)))


def test_what_was_changed_or_taken_is_told_put_back_and_answers(outputs: StackOutputs, photo: str) -> None:
    kubectl(outputs, "delete", "poddisruptionbudget", SERVER)
    kubectl(outputs, "set", "image", f"deployment/{SERVER}", f"{SERVER}=nobodys:1")
    told = subprocess.run(
        [sys.executable, "-m", "bench", "verify", NAME], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 1, told.stderr
    assert f"make up STACK={NAME}" in told.stdout
    assert "(by kubectl-set)" in told.stdout
    assert f"PodDisruptionBudget {Placement(NAME).namespace}/{SERVER}" in told.stdout
    kubectl(outputs, "delete", "deployment", SERVER, "--wait=false")
    run(sys.executable, "-m", "infra.deploy", NAME)
    variants.bench("verify", NAME)
    (endpoint,) = connect(NAME).outputs.endpoints
    assert predict(endpoint, base64.b64decode(photo))


def test_a_destroy_that_was_killed_goes_on() -> None:
    healed(trial.destroy_killed(NAME, begins("delete", "core/v1:Service", 0.3), trial.goes))
