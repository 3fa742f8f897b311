"""Each check of the profile "restricted" refuses what it is there for."""

import pytest

from tests.rules import pod_security
from tests.rules.example import Break, add, broken, drop, set_, the_container, the_pod

FAULTS: list[tuple[str, Break]] = [
    (
        "allow-privilege-escalation",
        lambda o: drop(the_container(o), "securityContext", "allowPrivilegeEscalation"),
    ),
    (
        "app-armor-profile",
        lambda o: set_(the_pod(o), "securityContext", "appArmorProfile", to={"type": "Unconfined"}),
    ),
    (
        "capabilities-restricted",
        lambda o: set_(the_container(o), "securityContext", "capabilities", to={"drop": ["NET_RAW"]}),
    ),
    (
        "capabilities-restricted",
        lambda o: set_(the_container(o), "securityContext", "capabilities", "add", to=["SYS_ADMIN"]),
    ),
    ("host-namespaces", lambda o: set_(the_pod(o), "hostNetwork", to=True)),
    ("host-ports", lambda o: add(the_container(o), "ports", value={"containerPort": 1, "hostPort": 1})),
    (
        "host-probes-and-host-lifecycle",
        lambda o: set_(the_container(o), "readinessProbe", "httpGet", "host", to="192.0.2.1"),
    ),
    ("privileged", lambda o: set_(the_container(o), "securityContext", "privileged", to=True)),
    ("proc-mount", lambda o: set_(the_container(o), "securityContext", "procMount", to="Unmasked")),
    (
        "restricted-volumes",
        lambda o: add(the_pod(o), "volumes", value={"name": "host", "hostPath": {"path": "/"}}),
    ),
    ("run-as-non-root", lambda o: drop(the_pod(o), "securityContext", "runAsNonRoot")),
    ("run-as-non-root", lambda o: set_(the_container(o), "securityContext", "runAsNonRoot", to=False)),
    ("run-as-user", lambda o: set_(the_container(o), "securityContext", "runAsUser", to=0)),
    ("seccomp-profile-restricted", lambda o: drop(the_pod(o), "securityContext", "seccompProfile")),
    (
        "seccomp-profile-restricted",
        lambda o: set_(the_pod(o), "securityContext", "seccompProfile", "type", to="Unconfined"),
    ),
    (
        "selinux-options",
        lambda o: set_(the_pod(o), "securityContext", "seLinuxOptions", to={"role": "admin"}),
    ),
    (
        "sysctls",
        lambda o: set_(
            the_pod(o), "securityContext", "sysctls", to=[{"name": "kernel.msgmax", "value": "1"}]
        ),
    ),
    (
        "windows-host-process",
        lambda o: set_(the_pod(o), "securityContext", "windowsOptions", to={"hostProcess": True}),
    ),
]


def test_the_example_meets_the_profile() -> None:
    assert list(pod_security.findings(broken())) == []


@pytest.mark.parametrize(("rule", "fault"), FAULTS, ids=[rule for rule, _ in FAULTS])
def test_a_check_refuses_its_fault_and_no_other_does(rule: str, fault: Break) -> None:
    assert {found for found, _, _ in pod_security.findings(broken(fault))} == {rule}


def test_every_check_has_a_fault_that_it_is_tried_on() -> None:
    rules = {rule.__name__.replace("_", "-") for rule in pod_security.RULES}
    assert rules == {rule for rule, _ in FAULTS}
