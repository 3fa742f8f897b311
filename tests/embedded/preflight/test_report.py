"""What preflight decides and says, from facts alone."""

from dataclasses import replace

import pytest

from embedded.machine.versions import Version
from embedded.preflight import Route, render
from embedded.preflight.facts import CONTROLLERS, Facts, OwnProgram, TakenPort
from embedded.preflight.report import FREE_AGAIN_GIB, FREE_FIRST_GIB, judge

NO_PULUMI = OwnProgram("pulumi", None, "not installed")
PULUMI = OwnProgram("pulumi", "3.250.0", None)
DOCKER = OwnProgram("docker", "28.2.2", None)
SILENT_DOCKER = OwnProgram("docker", "28.2.2", "its daemon does not answer")
NO_MINIKUBE = OwnProgram("minikube", None, "not installed")
MINIKUBE = OwnProgram("minikube", "1.36.0", None)

BARE = Facts(
    system="Linux",
    machine="x86_64",
    cores=2,
    memory=24.0,
    python=Version(3, 11, 7),
    root=True,
    missing_capabilities=(),
    apt=True,
    go="1.26.8",
    to_install=("containerd", "runc"),
    to_build=("etcd", "kubelet"),
    free_cache=60.0,
    free_state=60.0,
    state_filesystem="ext4",
    awkward_folders=(),
    overlay=True,
    netfilter=True,
    controllers=CONTROLLERS,
    cgroups_writable=True,
    taken_ports=(),
    own=(NO_PULUMI, SILENT_DOCKER, NO_MINIKUBE),
)
READY = replace(BARE, to_install=(), to_build=())


def test_a_bare_machine_with_root_gets_the_embedded_cluster() -> None:
    report = judge(BARE)
    assert report.ok
    assert report.route is Route.EMBEDDED
    assert "containerd, runc" in render(report)
    assert "etcd, kubelet" in render(report)
    assert "NetworkPolicies are declared but have no effect" in render(report)


def test_the_user_s_own_programs_win_and_then_nothing_else_matters() -> None:
    unfit = replace(BARE, root=False, system="Darwin", memory=2.0, own=(PULUMI, DOCKER, MINIKUBE))
    assert judge(unfit).route is Route.INSTALLED
    assert "your Pulumi, Docker and minikube" in render(judge(unfit))


@pytest.mark.parametrize(
    "own", [(NO_PULUMI, DOCKER, MINIKUBE), (PULUMI, SILENT_DOCKER, MINIKUBE), (PULUMI, DOCKER, NO_MINIKUBE)]
)
def test_one_that_is_missing_or_does_not_work_makes_it_the_embedded_cluster(
    own: tuple[OwnProgram, ...],
) -> None:
    assert judge(replace(BARE, own=own)).route is Route.EMBEDDED


@pytest.mark.parametrize(
    ("facts", "lacks", "fix"),
    [
        (replace(BARE, python=Version(3, 9, 2)), "Python 3.11, 3.12 or 3.13 (this is 3.9.2)", "make .venv"),
        (replace(BARE, python=Version(3, 14, 0)), "(this is 3.14.0)", "make .venv"),
        (replace(BARE, system="Darwin"), "Linux (this is Darwin)", "virtual machine"),
        (replace(BARE, machine="riscv64"), "x86-64 or arm64 processor (this is riscv64)", "another machine"),
        (replace(BARE, root=False), "root", "sudo"),
        (replace(BARE, missing_capabilities=("CAP_SYS_ADMIN",)), "CAP_SYS_ADMIN", "--privileged"),
        (replace(BARE, controllers=CONTROLLERS - {"memory"}), "cgroup controllers memory", "mount"),
        (replace(BARE, cgroups_writable=False), "writable /sys/fs/cgroup", "read-write"),
        (replace(BARE, netfilter=False), "packet filtering", "nf_nat"),
        (replace(BARE, overlay=False), "overlayfs", "kernel module"),
        (replace(BARE, state_filesystem="overlay"), "itself on overlayfs", "XDG_STATE_HOME"),
        (replace(BARE, memory=3.9), "6 GiB are needed, there are 3.9", "larger machine"),
        (replace(BARE, free_cache=FREE_FIRST_GIB - 1), "25 GiB are needed (24.0 GiB free", "XDG_CACHE_HOME"),
        (replace(BARE, free_state=1.5), "1.5 for the state", "XDG_STATE_HOME"),
        (replace(BARE, awkward_folders=("/home/a b/.cache",)), "/home/a b/.cache", "XDG_CACHE_HOME"),
        (replace(BARE, apt=False), "programs: containerd, runc", "package manager"),
        (
            replace(BARE, taken_ports=(TakenPort(6443, "Kubernetes API server", "k3s (process 812)"),)),
            "6443 (Kubernetes API server) by k3s (process 812)",
            "stop",
        ),
    ],
)
def test_what_a_machine_lacks_is_named_with_its_cure(facts: Facts, lacks: str, fix: str) -> None:
    report = judge(facts)
    assert not report.ok
    assert len(report.lacks) == 1, [lack.what for lack in report.lacks]
    assert lacks in report.lacks[0].what
    assert fix in report.lacks[0].fix
    assert lacks in render(report)
    assert "Nothing was done" in render(report)


@pytest.mark.parametrize(
    "facts",
    [
        replace(READY, apt=False),
        replace(READY, go=None),
        replace(READY, free_cache=FREE_AGAIN_GIB + 1, free_state=FREE_AGAIN_GIB + 1),
        replace(READY, machine="aarch64"),
        replace(BARE, python=Version(3, 13, 1)),
    ],
)
def test_what_is_there_already_or_can_be_had_is_not_asked_for(facts: Facts) -> None:
    assert judge(facts).route is Route.EMBEDDED


def test_a_machine_without_go_is_told_where_it_will_come_from() -> None:
    assert "Go itself, from PyPI" in render(judge(replace(BARE, go=None)))
    assert "Go itself" not in render(judge(BARE))


def test_all_that_is_lacking_is_said_at_once() -> None:
    report = judge(replace(BARE, memory=1.0, netfilter=False, free_state=1.0, overlay=False))
    assert len(report.lacks) == 4


def test_an_unfit_python_is_said_even_to_those_who_bring_their_own_cluster() -> None:
    report = judge(replace(BARE, python=Version(3, 10, 0), own=(PULUMI, DOCKER, MINIKUBE)))
    assert report.route is Route.NONE


def test_the_way_out_names_only_what_is_still_to_be_installed() -> None:
    text = render(judge(replace(BARE, root=False, own=(PULUMI, SILENT_DOCKER, NO_MINIKUBE))))
    assert "minikube.sigs.k8s.io" in text
    assert "docs.docker.com" in text
    assert "www.pulumi.com" not in text


def test_the_worst_case_still_fits_on_one_screen() -> None:
    ports = tuple(TakenPort(number, "something", "someone (process 1)") for number in range(8))
    worst = replace(
        BARE,
        python=Version(3, 9),
        memory=1.0,
        netfilter=False,
        overlay=False,
        apt=False,
        free_state=0.0,
        taken_ports=ports,
    )
    everything = judge(replace(worst, python=Version(3, 11), controllers=frozenset()))
    for report in (judge(worst), everything, judge(replace(worst, root=False))):
        lines = render(report).splitlines()
        assert len(lines) <= 24
        assert max(map(len, lines)) <= 200
