"""What may go wrong with the cluster's processes, done to it; then it is taken down without a trace."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from embedded import cluster
from embedded.cluster import image_services, layout
from embedded.cluster.kubernetes import components
from embedded.cluster.node import pods
from embedded.cluster.processes import process, programs
from embedded.machine import paths
from tests.embedded.cluster import machine
from tests.embedded.cluster.conftest import Probe, deploy, eventually

pytestmark = [pytest.mark.cluster, pytest.mark.destructive, pytest.mark.usefixtures("running")]

HERE = layout.current()
START = (sys.executable, "-m", "embedded.cluster", "start")
NAMES = [each.name for each in image_services.components(HERE, str)]
NAMES += [each.name for each in components.cluster(HERE, str)]
KILLED = [tuple(NAMES[first::4]) for first in range(4)]  # each four apart: neither needs the other first


@pytest.fixture(scope="module", autouse=True)
def _running_afterwards(running: None) -> Iterator[None]:  # noqa: ARG001
    yield
    cluster.start()


def pid_of(name: str) -> int:
    found = next(each for each in cluster.status().processes if each.name == name)
    assert found.pid, f"{name} does not run"
    return found.pid


def kill(*names: str) -> None:
    for pid in [pid_of(name) for name in names]:
        os.kill(pid, signal.SIGKILL)
        eventually(lambda pid=pid: process.start_ticks(pid) is None)  # type: ignore[misc]


def lose_bridge() -> None:
    subprocess.run((programs.find("ip"), "link", "delete", layout.BRIDGE), check=True)


def assert_whole(probe: Probe) -> None:
    found = cluster.status()
    assert [each.name for each in found.processes if not each.healthy] == []
    assert found.node.ready, found.node.reason
    eventually(probe.answers)


@pytest.mark.parametrize("names", KILLED, ids=" ".join)
def test_killed_processes_are_started_again(names: tuple[str, ...], probe: Probe) -> None:
    former = {name: pid_of(name) for name in names}
    kill(*names)
    cluster.start()
    assert [name for name in names if pid_of(name) == former[name]] == []
    assert_whole(probe)


def test_all_processes_killed_at_once_are_started_again(probe: Probe) -> None:
    kill(*NAMES)
    cluster.start()
    assert_whole(probe)


def test_a_killed_shim_costs_only_its_pod_a_restart(probe: Probe) -> None:
    process.terminate(pods.shims(HERE), 0)
    cluster.start()
    assert_whole(probe)


def test_a_stopped_process_counts_as_sick_and_is_replaced(probe: Probe) -> None:
    former = pid_of("kube-scheduler")
    os.kill(former, signal.SIGSTOP)
    cluster.start()
    assert pid_of("kube-scheduler") != former
    assert_whole(probe)


def test_a_lost_bridge_is_put_back_and_pods_are_on_it(probe: Probe) -> None:
    lose_bridge()
    cluster.start()
    assert_whole(probe)


def test_lost_iptables_rules_are_put_back(probe: Probe) -> None:
    for chain, table in (("EMB-API", "nat"), ("EMB-LEAK", "filter"), ("EMB-GUARD", "raw")):
        subprocess.run((programs.find("iptables"), "-w", "-t", table, "-F", chain), check=True)
    cluster.start()
    assert_whole(probe)
    assert any("--dport 6443" in rule for rule in machine.look().rules)


def test_a_lost_pid_file_leaves_no_twin(probe: Probe) -> None:
    former = pid_of("etcd")
    HERE.pid_file("etcd").unlink()
    cluster.start()
    assert process.start_ticks(former) is None
    assert len(list(process.marked(f"etcd@{HERE.state}"))) == 1
    assert_whole(probe)


@pytest.mark.parametrize(
    ("waypoint", "harm"),
    [
        ("dockerd", lambda: None),
        ("etcd", lambda: kill(*NAMES)),
        ("kube-apiserver", lose_bridge),
        ("kube-proxy", lambda: None),
    ],
    ids=["dockerd", "etcd-then-all-killed", "kube-apiserver-then-no-bridge", "kube-proxy"],
)
def test_a_start_killed_half_way_is_finished_by_the_next_and_stop_leaves_nothing(
    waypoint: str, harm: Callable[[], None]
) -> None:
    before = down()
    killed_at(waypoint)
    cluster.start()
    assert_whole(deploy())
    assert machine.left_behind(before, machine.look()).keys() >= {"processes", "mounts", "links", "rules"}
    harm()
    assert machine.left_behind(before, down()) == {}


@pytest.mark.parametrize("waypoint", ["registry", "containerd", "kubelet"])
def test_a_start_killed_half_way_is_cleared_by_stop(waypoint: str) -> None:
    before = down()
    killed_at(waypoint)
    assert machine.left_behind(before, down()) == {}


def test_two_starts_at_once_end_with_one_cluster() -> None:
    down()
    both = [subprocess.Popen(START, cwd=paths.ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [each.communicate(timeout=180)[0] for each in both]
    assert [each.returncode for each in both] == [0, 0], outputs
    assert sum("another run" in text for text in outputs) == 1
    for name in NAMES:
        lines = {pid: process.command_line(pid) for pid in process.marked(f"{name}@{HERE.state}")}
        mains = [pid for pid, line in lines.items() if line and "shim" not in line[0]]  # none: it just ended
        assert mains == [pid_of(name)]


def test_stopping_twice_is_no_error() -> None:
    down()
    down()


def down() -> machine.Machine:
    """Stop; what is left must not name anything of ours, however long it has been there."""
    cluster.stop()
    found = machine.look()
    assert found.processes == frozenset()
    assert not [name for name in found.links if name.startswith(("veth", layout.BRIDGE))]
    assert not [rule for rule in found.rules if "KUBE-" in rule or "EMB-" in rule]
    assert not [path for path in found.cgroups if layout.CGROUP in path]
    assert not [path for path in found.mounts if path.startswith((str(HERE.state), str(HERE.cache)))]
    assert not [route for route in found.routes if "10.244" in route]
    assert found.counters == frozenset()
    assert not paths.kubeconfig().exists()
    return found


def killed_at(waypoint: str) -> None:
    """Start in a process of its own and kill that as soon as `waypoint` has a pid file."""
    starter = subprocess.Popen(START, cwd=paths.ROOT, stdout=subprocess.DEVNULL)
    file = Path(HERE.pid_file(waypoint))
    deadline = time.monotonic() + 120
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    starter.kill()
    starter.wait()
    assert file.exists(), f"{waypoint} was never started"
