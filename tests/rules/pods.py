"""Rules for pods."""

import re
from collections.abc import Iterator

from tests.rules.reading import SERVERS, Offence, Rule, Stack, at, each, name_of, pod, ports

CONTENT = re.compile(r"@sha256:[0-9a-f]{64}$|:[0-9a-f]{16}$")
SECRET_NAME = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY", re.IGNORECASE)


def unexamined_workload(stack: Stack) -> Iterator[Offence]:
    """The rules for pods look at Deployments only; nothing may slip past them."""
    for item in stack.of("Pod", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"):
        yield item, f"no rule for pods examines a {item['kind']}"


def probe_port(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            for way in ("httpGet", "tcpSocket", "grpc"):
                port = at(container, name, way).get("port")
                if port is not None and port not in ports(deployment):
                    yield deployment, f"{container['name']}: {name} asks port {port}, which is not declared"


def distinct_probes(stack: Stack) -> Iterator[Offence]:
    """Life and readiness asked alike would restart a server that is only busy."""
    for deployment, container in stack.containers():
        alive, ready = at(container, "livenessProbe"), at(container, "readinessProbe")
        if not alive or not ready or not at(container, "startupProbe"):
            yield deployment, f"{container['name']} needs a startup, a readiness and a liveness probe"
        elif alive == ready:
            yield deployment, f"{container['name']}: liveness and readiness are the same"


def duplicate_env_var(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        names = [variable["name"] for variable in each(container, "env")]
        if len(set(names)) < len(names):
            yield deployment, f"{container['name']} sets a variable twice"


def env_var_secret(stack: Stack) -> Iterator[Offence]:
    """Secrets are mounted: `kubectl describe` and every child process show the environment."""
    for deployment, container in stack.containers():
        for variable in each(container, "env"):
            name = str(variable["name"])
            named = SECRET_NAME.search(name) and not name.endswith(("_FILE", "_PATH"))
            if named or at(variable, "valueFrom", "secretKeyRef"):
                yield deployment, f"{container['name']}: variable {name} carries a secret"
        if any("secretRef" in source for source in each(container, "envFrom")):
            yield deployment, f"{container['name']}: envFrom takes a whole Secret"


def no_read_only_root_fs(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        if at(container, "securityContext").get("readOnlyRootFilesystem") is not True:
            yield deployment, f"{container['name']}: its root file system can be written"


def unset_resources(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        for bound in ("requests", "limits"):
            for what in ("cpu", "memory", "ephemeral-storage"):
                if what not in at(container, "resources", bound):
                    yield deployment, f"{container['name']}: no {bound}.{what}"


def unbounded_scratch(stack: Stack) -> Iterator[Offence]:
    for deployment in stack.of("Deployment"):
        for volume in each(pod(deployment), "volumes"):
            if "emptyDir" in volume and "sizeLimit" not in at(volume, "emptyDir"):
                yield deployment, f"volume {volume['name']} has no sizeLimit"


def latest_tag(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        image = str(container["image"])
        if image.endswith(":latest") or not re.search(r"@sha256:|:[^/:]+$", image):
            yield deployment, f"image {image} floats"


def content_addressed_image(stack: Stack) -> Iterator[Offence]:
    """What we build is named by its content, so that the same name is always the same model."""
    for deployment, container in stack.containers():
        if name_of(deployment) in SERVERS and not CONTENT.search(str(container["image"])):
            yield deployment, f"image {container['image']} is not named by its content"


def grace_longer_than_drain(stack: Stack) -> Iterator[Offence]:
    for deployment, container in stack.containers():
        pause = at(container, "lifecycle", "preStop", "sleep").get("seconds", 0)
        grace = pod(deployment).get("terminationGracePeriodSeconds", 30)
        if name_of(deployment) in SERVERS and not 0 < int(str(pause)) < int(str(grace)):
            yield deployment, f"{container['name']}: drains {pause} s of {grace} s before it is killed"


def rolling_update_without_gap(stack: Stack) -> Iterator[Offence]:
    for deployment in stack.of("Deployment"):
        update = at(deployment, "spec", "strategy", "rollingUpdate")
        if name_of(deployment) in SERVERS and update.get("maxUnavailable") != 0:
            yield deployment, "a rollout takes a pod away before its successor is ready"


RULES: tuple[Rule, ...] = (
    content_addressed_image,
    distinct_probes,
    duplicate_env_var,
    env_var_secret,
    grace_longer_than_drain,
    latest_tag,
    no_read_only_root_fs,
    probe_port,
    rolling_update_without_gap,
    unbounded_scratch,
    unexamined_workload,
    unset_resources,
)
