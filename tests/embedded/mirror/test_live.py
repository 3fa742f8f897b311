"""Every image of the mirror: served, labelled, and its program starts as a plain user on a read-only root."""

from collections.abc import Iterator

import pytest

from embedded import mirror
from embedded.machine import paths
from embedded.mirror.build import select
from embedded.mirror.names import mirror_path
from embedded.mirror.recipe import KEY_LABEL, KIND_LABEL, STAND_IN
from embedded.mirror.registry import Registry
from tests.embedded.mirror.pods import NAMESPACE, RESTRICTED, Pod, kubectl, manifest, ours, output, wait

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

IMAGES = {recipe.image.name: recipe.image for recipe in select(None)}  # all that `make up` builds
SERVE = ("torchserve", "--start", "--foreground", "--ncs", "--disable-token-auth", "--model-store")
PAUSE = "registry.k8s.io/pause"
COREDNS_IMAGE = (
    "registry.k8s.io/coredns/coredns"  # its file capability must be among the pod's, or it cannot start
)
PUSHED_TO = "localhost:5000"
HOME = "/home/model-server"


def pod(name: str, image: str, *command: str) -> Pod:
    """A pod of the mirror's image; pause by its local name, because containerd has its own copy of it."""
    local = f"{PUSHED_TO}/{mirror_path(image)}:{IMAGES[image].tag}"
    reference = local if image == PAUSE else IMAGES[image].reference
    return Pod(name, reference, command, low_ports=image == COREDNS_IMAGE)


VERSIONS = {
    PAUSE: (("/pause", "-v"), "pause.c v"),
    COREDNS_IMAGE: (("/coredns", "-version"), "CoreDNS-"),
    "registry.k8s.io/metrics-server/metrics-server": (("/metrics-server", "--version"), "v"),
    "debian": (("cat", "/etc/debian_version"), "13"),
    "prom/prometheus": (("/bin/prometheus", "--version"), "prometheus, version "),
    "pytorch/torchserve": (("torchserve", "--version"), "TorchServe Version is "),
    "emotion-serving/tensorflow": (("python3", "-c", "import tensorflow as t; print(t.__version__)"), ""),
    "tensorflow/serving": (("tensorflow_model_server", "--version"), "TensorFlow ModelServer: "),
    "grafana/grafana": (("grafana", "--version"), "emotion-serving dashboard viewer"),
    "registry.k8s.io/kube-state-metrics/kube-state-metrics": (
        ("/kube-state-metrics", "--version"),
        "emotion-serving kube-state-metrics",
    ),
}
PRINTING = {
    image: pod(f"version-{number}", image, *command)
    for number, (image, (command, _)) in enumerate(VERSIONS.items())
}
PROMETHEUS = Pod(
    "prometheus",
    IMAGES["prom/prometheus"].reference,
    user=65534,
    writable=("/prometheus",),
    probe="http:9090/-/ready",
)
TORCHSERVE = Pod(
    "torchserve",
    IMAGES["pytorch/torchserve"].reference,
    command=(*SERVE, f"{HOME}/model-store", "--ts-config", f"{HOME}/config.properties"),
    writable=("/tmp", f"{HOME}/logs"),
    probe="http:8080/ping",
)


@pytest.fixture(scope="module")
def mirrored(embedded_cluster: None) -> None:  # noqa: ARG001
    """The cluster runs and the mirror is up to date."""
    mirror.ensure()


@pytest.fixture(scope="module")
def started(mirrored: None) -> Iterator[None]:  # noqa: ARG001
    """All pods at once, in a namespace that refuses what is not restricted."""
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")
    kubectl("create", "namespace", NAMESPACE)
    ours("label", "namespace", NAMESPACE, *(f"{key}={value}" for key, value in RESTRICTED.items()))
    for each in (*PRINTING.values(), PROMETHEUS, TORCHSERVE):
        kubectl("apply", "-f", "-", stdin=manifest(each))
    yield
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def test_every_image_has_a_command_that_prints_its_version() -> None:
    assert set(VERSIONS) == set(IMAGES)


@pytest.mark.usefixtures("mirrored")
@pytest.mark.parametrize("name", IMAGES)
def test_the_registry_serves_the_image_and_its_labels_say_whose_it_is(name: str) -> None:
    image = IMAGES[name]
    found = Registry(paths.REGISTRY).labels(mirror_path(image.name), image.tag)
    assert found, f"{image.reference} is not in the registry"
    assert found[KIND_LABEL] == image.kind
    assert found["org.opencontainers.image.description"].startswith(image.kind)
    assert len(found[KEY_LABEL]) == 16


@pytest.mark.usefixtures("mirrored")
def test_a_second_run_builds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    mirror.ensure()
    assert capsys.readouterr().out == f"mirror: {len(IMAGES)} images up to date\n"


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("name", VERSIONS)
def test_the_program_prints_its_version_in_a_restricted_pod(name: str) -> None:
    image = IMAGES[name]
    said = output(PRINTING[name])
    version = image.tag.removeprefix("v").split("-", maxsplit=1)[0]
    expected = "" if name == "debian" or image.kind == STAND_IN else version
    assert f"{VERSIONS[name][1]}{expected}" in said
    assert (STAND_IN in said) == (image.kind == STAND_IN)


def test_coredns_binds_port_53_as_a_plain_user() -> None:
    place = ("get", "pods", "--namespace", "kube-system", "--selector", "k8s-app=kube-dns", "--output")
    template = "{.items[0].status.containerStatuses[0].ready} {.items[0].spec.securityContext.runAsNonRoot}"
    assert kubectl(*place, f"jsonpath={template}").split() == ["true", "true"]


@pytest.mark.usefixtures("started")
def test_prometheus_becomes_ready_with_the_images_own_configuration() -> None:
    wait(PROMETHEUS, "condition=Ready")


@pytest.mark.usefixtures("started")
def test_torchserve_becomes_healthy_on_a_read_only_root_and_sigterm_ends_it_well() -> None:
    wait(TORCHSERVE, "condition=Ready")
    ours("exec", TORCHSERVE.name, "--", "sh", "-c", "kill -TERM 1")
    wait(TORCHSERVE, "jsonpath={.status.phase}=Succeeded")
