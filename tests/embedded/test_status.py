"""The status page: every program says whose software it is."""

from pathlib import Path

from embedded import mirror, status, toolchain
from embedded.cluster import ClusterStatus, Condition, ProcessStatus, State
from embedded.plugins import InstalledPlugin, Origin

PODS = {
    "items": [
        {
            "metadata": {"namespace": "emotion-minikube", "name": "torchserve-1"},
            "status": {
                "phase": "Running",
                "containerStatuses": [{"ready": True, "restartCount": 2, "image": "emotion-torchserve:1"}],
            },
        },
        {"metadata": {"namespace": "emotion-minikube", "name": "new"}, "status": {"phase": "Pending"}},
    ]
}


def example() -> status.Status:
    processes = (
        ProcessStatus("etcd", 7, State.RUNNING, True, Path("etcd.log")),
        ProcessStatus("kubelet", None, State.DEAD, False, Path("kubelet.log")),
        ProcessStatus("loadbalancer", 8, State.RUNNING, True, Path("loadbalancer.log")),
    )
    return status.Status(
        cluster=ClusterStatus(processes, Condition(False, "the kubelet is dead"), Condition(True, "")),
        programs=[toolchain.Source("etcd", "3.6.7", "Go module", Path("etcd"))],
        plugins=[
            InstalledPlugin("docker", "5.2.0", Origin.STAND_IN),
            InstalledPlugin("kubernetes", "4.25.0", Origin.BUILT),
        ],
        images=[mirror.Image("tensorflow/serving", "2.19.1", "stand-in", "not TensorFlow Serving")],
        pods=status.pods(PODS),
    )


def line(text: str, start: str) -> str:
    (found,) = (each for each in text.splitlines() if each.strip().startswith(start))
    return found


def test_stand_ins_are_called_so() -> None:
    shown = status.render(example())
    assert "stand-in" in line(shown, "tensorflow/serving:2.19.1")
    assert "stand-in" in line(shown, "docker")
    assert "stand-in" in line(shown, "loadbalancer")
    assert "upstream software, built from its Go module" in line(shown, "kubernetes")


def test_a_dead_process_is_told_with_its_log() -> None:
    shown = status.render(example())
    assert "dead" in line(shown, "kubelet")
    assert "kubelet.log" in line(shown, "kubelet")
    assert shown.startswith("Cluster: the kubelet is dead")


def test_pods_show_readiness_restarts_and_images() -> None:
    shown = line(status.render(example()), "emotion-minikube  torchserve-1")
    assert "1/1" in shown
    assert "2 restarts" in shown
    assert "emotion-torchserve:1" in shown


def test_what_the_embedded_network_does_not_enforce_is_said() -> None:
    assert "NetworkPolicies are declared but have no effect" in line(status.render(example()), "NetworkP")


def test_nothing_to_show_is_said() -> None:
    assert status.table([]) == "  none"
