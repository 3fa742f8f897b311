"""Bring the cluster up, heal it, take it down: the only module that decides the order of things."""

import os
import platform
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from embedded.cluster import image_services, layout, survey
from embedded.cluster.errors import ClusterError
from embedded.cluster.files import write_if_changed
from embedded.cluster.kubernetes import api, components, configs, kubeconfig, manifests, pki
from embedded.cluster.layout import COREDNS, PAUSE, Layout
from embedded.cluster.node import network, pods, sweep
from embedded.cluster.processes import process, programs, supervisor
from embedded.cluster.processes.component import Component
from embedded.cluster.progress import Report, stopwatch
from embedded.machine.lock import exclusive
from embedded.machine.mounts import filesystem
from embedded.machine.ports import Listener, listeners
from embedded.machine.versions import pins

NODE_READY_SECONDS = 60.0
PORT_SECONDS = 10.0
LONGEST_SOCKET_PATH = 100


def start_image_services(report: Report | None = None) -> None:
    """Registry on 127.0.0.1:5000 and docker daemon; idempotent, heals what died.

    Raises ClusterError.
    """
    say = report or stopwatch("images")
    where = layout.current()
    _require_machine(where)
    with exclusive(layout.MACHINE_LOCK, say, "starts or stops the cluster"):
        _start_image_services(where, say)


def start(report: Report | None = None) -> None:
    """The whole cluster, image services included, until the node is Ready. Idempotent, heals what died.

    Raises ClusterError.
    """
    say = report or stopwatch("cluster")
    where = layout.current()
    _require_machine(where)
    with exclusive(layout.MACHINE_LOCK, say, "starts or stops the cluster"):
        _start_image_services(where, say)
        _start_cluster(where, say)


def stop(report: Report | None = None, *, with_image_services: bool = True) -> None:
    """Leave no process, mount, interface, rule or cgroup; images and the registry's storage stay cached."""
    say = report or stopwatch("cluster")
    where = layout.current()
    _require_root()
    with exclusive(layout.MACHINE_LOCK, say, "starts or stops the cluster"):
        _stop_cluster(where, say)
        if with_image_services:
            _stop_image_services(where, say)


def status() -> survey.ClusterStatus:
    """What runs now; needs no root."""
    return survey.look(layout.current())


def _start_image_services(where: Layout, say: Report) -> None:
    services = image_services.components(where, programs.find)
    _write(where, image_services.config_files(where))
    require_ports(where, services)
    pods.ensure_cgroup()
    for service in services:
        _bring_up(where, (service,), say)


def _start_cluster(where: Layout, say: Report) -> None:
    every = components.cluster(where, programs.find)
    _forget_former_boot(where)
    require_ports(where, every)
    fresh = not where.etcd_data.exists()
    bridge_is_new = network.ensure(where)
    pods.ensure_cgroup()
    _prepare_files(where)
    if bridge_is_new and not fresh:
        pods.kill_all(where)
        say("the bridge had gone: pods begin anew")
    by_name = {component.name: component for component in every}
    _bring_up(where, (by_name.pop("etcd"), by_name.pop("containerd")), say)
    if fresh:
        pods.purge(where)
    _bring_up(where, (by_name.pop("kube-apiserver"),), say)
    api.apply(where, manifests.render(pins().reference(COREDNS)))
    _bring_up(where, tuple(by_name.values()), say)
    _await_node(where, say)
    sweep.shim_sockets()


def _prepare_files(where: Layout) -> None:
    facts = configs.Facts(
        pause_image=pins().reference(PAUSE),
        snapshotter=configs.snapshotter(filesystem(where.cache, Path("/proc/self/mountinfo").read_text())),
    )
    pki.ensure(where.pki)
    kubeconfig.write_all(where)
    _write(where, configs.cluster_files(where, facts))


def _write(where: Layout, files: dict[str, str]) -> None:
    for folder in (where.cache, where.state, where.config, where.run):
        folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_if_changed(where.config / name, content)


def _bring_up(where: Layout, wave: Sequence[Component], say: Report) -> None:
    names = supervisor.bring_up(where, wave)
    if names:
        say(f"{', '.join(names)}: healthy")


def _await_node(where: Layout, say: Report) -> None:
    """Wait until the node is Ready and the running kubelet has spoken: Ready may be a dead one's word."""
    since = int(where.pid_file("kubelet").stat().st_mtime)
    deadline = time.monotonic() + NODE_READY_SECONDS
    condition = api.node(where)
    while not condition.ready or api.last_sign_of_life(where) < since:
        if time.monotonic() > deadline:
            log = where.log_file("kubelet")
            raise ClusterError(
                f"node: expected Ready in {NODE_READY_SECONDS:.0f} s, got: {condition.reason}; see {log}"
            )
        time.sleep(supervisor.POLL_SECONDS)
        condition = api.node(where)
    say("node Ready")


def _stop_cluster(where: Layout, say: Report) -> None:
    """Those who would restart others end first; containers are forgotten while containerd still answers."""
    every = {component.name: component for component in components.cluster(where, _name)}
    for name in ("loadbalancer", "kube-proxy", "kubelet"):
        supervisor.end(where, every.pop(name))
    pods.kill_all(where)
    pods.purge(where)
    for component in reversed(every.values()):
        supervisor.end(where, component)
    pods.kill_all(where)
    say("processes ended")
    network.remove(where)
    sweep.cluster(where)
    say("mounts, interfaces, rules and cgroups removed")


def _stop_image_services(where: Layout, say: Report) -> None:
    for component in reversed(image_services.components(where, _name)):
        supervisor.end(where, component)
    sweep.image_services(where)
    say("image services ended")


def _forget_former_boot(where: Layout) -> None:
    """After a reboot nothing of `run` is true any more, and no pod lives."""
    note = where.state / "boot-id"
    if note.exists() and note.read_text() != process.boot_id():
        shutil.rmtree(where.run / "containerd", ignore_errors=True)
    write_if_changed(note, process.boot_id())


def require_ports(where: Layout, every: Sequence[Component], seconds: float = PORT_SECONDS) -> None:
    """Refuse ports that someone else listens on; only looked at when something has to be started.

    A process that is just ending still holds its port for a moment: it gets `seconds`.
    """
    deadline = time.monotonic() + seconds
    while taken := _taken_ports(where, every):
        if time.monotonic() > deadline:
            raise ClusterError("\n".join(_complaint(each) for each in taken))
        time.sleep(supervisor.POLL_SECONDS)


def _taken_ports(where: Layout, every: Sequence[Component]) -> list[Listener]:
    running = survey.running_pids(where, every)
    if len(running) == len(every):
        return []
    marked = {pid for component in every for pid in process.marked(supervisor.marker(where, component.name))}
    wanted = [port for component in every for port in component.ports]
    return [each for each in listeners(wanted) if each.pid not in {*running, *marked}]


def _complaint(taken: Listener) -> str:
    program = " ".join(taken.command)[:120] or "unknown"
    return (
        f"port {taken.port}: expected free for the embedded cluster, "
        f"got pid {taken.pid or 'unknown'} ({program}); end that program"
    )


def _require_machine(where: Layout) -> None:
    if platform.system() != "Linux":
        raise ClusterError(f"the embedded cluster: expected Linux, got {platform.system()}; use minikube")
    _require_root()
    if len(str(where.containerd_socket)) > LONGEST_SOCKET_PATH:
        raise ClusterError(
            f"XDG_STATE_HOME: expected a path short enough for Unix sockets, got {where.state}; shorten it"
        )


def _require_root() -> None:
    if os.geteuid() != 0:
        raise ClusterError(
            "the embedded cluster: expected root, got user id " + f"{os.geteuid()}; use sudo or minikube"
        )


def _name(name: str) -> str:
    """Ending a component needs no program."""
    return name
