"""A machine with Pulumi, Docker and minikube: those are used, and nothing of the embedded default."""

import pytest

from tests.scripts.conftest import Machine

NOT_RUNNING = 'case "$1" in status) exit 7;; esac\n'  # as minikube's exit code has it
TRAINS = 'case "$*" in *model_build*) mkdir -p artifacts/photos && touch artifacts/photos/face.jpg;; esac\n'
FINDS = 'case "$1" in -c) echo /astronaut.png;; esac\n'
TRAIN = "python -m model_build"
UP = [
    "python -m infra.deploy --yes minikube",
    "python -m bench predict /astronaut.png --stack minikube",
    "python -m bench predict --stack minikube",
]
STATUS, START = "minikube status --profile minikube", "minikube start --profile minikube"
DELETE, FORGET = "minikube delete --profile minikube", "python -m infra.forget minikube"
DOWN = "python -m embedded down"


@pytest.fixture(autouse=True)
def installed(machine: Machine) -> None:
    """minikube is installed and does not run."""
    for program in ("pulumi", "docker"):
        machine.has(program)
    machine.has("minikube", NOT_RUNNING)
    machine.has("python", TRAINS + FINDS)


def run(machine: Machine, script: str) -> list[str]:
    return [call for call in machine.run(script) if call != "docker info"]


def embedded_was_used(machine: Machine) -> None:
    file = machine.project / "state" / "emotion-serving" / "kubeconfig"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def test_up_starts_minikube_trains_deploys_and_asks_both_servers(machine: Machine) -> None:
    calls = run(machine, "up")
    assert calls.index(TRAIN) < calls.index(UP[0]), "it trains beside minikube's start, then deploys"
    assert [call for call in calls if call != TRAIN] == [STATUS, START, *UP]


def test_up_again_leaves_a_running_minikube_and_models_that_are_there_alone(machine: Machine) -> None:
    machine.run("up")
    (machine.project / "artifacts" / "manifest.json").touch()
    machine.has("minikube")
    assert run(machine, "up") == [STATUS, *UP]


def test_down_takes_minikube_away_and_with_it_what_pulumi_knows_of_it(machine: Machine) -> None:
    assert run(machine, "down") == [DELETE, FORGET]


def test_a_minikube_that_stays_is_not_forgotten(machine: Machine) -> None:
    machine.run("up")
    machine.has("minikube", 'case "$1" in delete) echo "cannot delete" >&2; exit 3;; esac\n')
    done = machine.tried("scripts/down")
    assert done.returncode == 3
    assert "cannot delete" in done.stderr
    assert FORGET not in machine.calls()


def test_without_a_docker_that_works_the_embedded_default_is_used(machine: Machine) -> None:
    machine.has("docker", "exit 1\n")
    assert run(machine, "down") == [DOWN]


def test_down_takes_away_what_up_made_whatever_works_by_now(machine: Machine) -> None:
    machine.run("up")
    machine.has("docker", "exit 1\n")
    assert run(machine, "down") == [DELETE, FORGET]
    assert run(machine, "down") == [DOWN], "once is enough"


def test_a_minikube_of_the_users_own_stays_where_the_embedded_default_was_used(machine: Machine) -> None:
    embedded_was_used(machine)
    assert run(machine, "down") == [DOWN]


def test_what_both_routes_made_goes_at_once(machine: Machine) -> None:
    machine.run("up")
    embedded_was_used(machine)
    assert run(machine, "down") == [DELETE, FORGET, DOWN]
