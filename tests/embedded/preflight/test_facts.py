"""Facts are read from the kernel's own files."""

import os
import socket
import subprocess
import sys

import pytest

from embedded.machine import paths
from embedded.preflight import facts as machine

from .conftest import Script

CGROUPS = """#subsys_name	hierarchy	num_cgroups	enabled
cpuset	3	1	1
cpu	1	1	1
memory	4	14	0
net_cls	0	1	1
"""

LISTEN = """
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    sys.stdin.read()
"""


def test_full_root_lacks_no_capability_and_root_in_a_container_does() -> None:
    assert machine.missing_capabilities("CapEff:\t000001fffeffffff\n") == ()
    container = machine.missing_capabilities("Name:\tsh\nCapEff:\t00000000a80425fb\n")
    assert container == ("CAP_NET_ADMIN", "CAP_SYS_ADMIN")


def test_disabled_or_unmounted_controllers_of_version_1_do_not_count() -> None:
    assert machine.controllers(CGROUPS, "") == {"cpuset", "cpu"}


def test_controllers_of_version_2_count() -> None:
    assert machine.controllers("", "cpuset cpu io memory pids\n") >= machine.CONTROLLERS


def test_folders_are_awkward_whose_names_are_more_than_letters_digits_and_plain_signs() -> None:
    awkward = ("/home/a b/x", "/home/o'brien/x", "/a$b/x", "/a:b/x", "/home/\udcff/x")
    assert machine.awkward("/home/jürgen/a-b_c.d@e/emotion-serving", *awkward) == awkward


def test_this_machine_can_be_read_without_changing_it() -> None:
    facts = machine.gather()
    assert facts.cores >= 1
    assert facts.memory > 0
    assert {program.name for program in facts.own} == {"pulumi", "docker", "minikube"}
    assert facts.to_build, "the cache of this test is empty"


def test_a_daemon_of_ours_does_not_count_as_the_user_s_docker(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = (
        '[ "$1" = --version ] && echo Docker version 28.2.2 || { [ -n "$DOCKER_HOST" ] && echo 20.10.24; }'
    )
    script("docker", answer)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{paths.docker_socket()}")
    (docker,) = [program for program in machine.gather().own if program.name == "docker"]
    assert docker.problem == "its daemon does not answer"
    monkeypatch.setenv("DOCKER_HOST", "unix:///home/user/docker.sock")
    (docker,) = [program for program in machine.gather().own if program.name == "docker"]
    assert docker.problem is None


def test_a_port_that_someone_else_listens_on_is_found_with_its_holder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(machine, "PORTS", {port: "a test"})
        (taken,) = machine.gather().taken_ports
        assert (taken.number, taken.purpose) == (port, "a test")
        assert f"(process {os.getpid()})" in taken.holder


def test_a_port_that_our_own_process_listens_on_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    argv = (sys.executable, "-c", LISTEN, str(paths.state() / "registry.yml"))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as ours:
        assert ours.stdout is not None
        monkeypatch.setattr(machine, "PORTS", {int(ours.stdout.readline()): "a test"})
        assert machine.gather().taken_ports == ()
        ours.communicate()
