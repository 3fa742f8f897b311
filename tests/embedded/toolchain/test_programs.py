"""The real toolchain: every program runs and says the version that versions.json names."""

import struct
from pathlib import Path

import pytest

from embedded import preflight
from embedded.machine.versions import find, parse, pins
from embedded.toolchain import ensure, inventory, tool
from embedded.toolchain.command import output_of

pytestmark = pytest.mark.cluster

SAYS = {
    "etcd": (("--version",), "etcd"),
    "kube-apiserver": (("--version",), "kubernetes"),
    "kube-controller-manager": (("--version",), "kubernetes"),
    "kube-scheduler": (("--version",), "kubernetes"),
    "kubelet": (("--version",), "kubernetes"),
    "kube-proxy": (("--version",), "kubernetes"),
    "coredns": (("-version",), "coredns"),
    "metrics-server": (("--version",), "metrics-server"),
}
FROM_PATH_TOO = {"pulumi": (("version",), "pulumi"), "kubectl": (("version", "--client"), "kubernetes")}
DEBIAN = {
    "containerd": "--version",
    "ctr": "--version",
    "runc": "--version",
    "dockerd": "--version",
    "docker": "--version",
    "iptables": "--version",
    "conntrack": "--version",
    "ip": "-V",
    "docker-registry": "--version",
    "debootstrap": "--version",
}


@pytest.fixture(scope="module", autouse=True)
def toolchain() -> None:
    report = preflight.check()
    if report.route is not preflight.Route.EMBEDDED:
        pytest.skip(f"used here: {report.route.value}; lacks {[lack.what for lack in report.lacks]}")
    ensure()


@pytest.mark.parametrize("name", SAYS)
def test_a_built_program_says_the_version_of_versions_json(name: str) -> None:
    arguments, key = SAYS[name]
    assert find(output_of((str(tool(name)), *arguments))) == parse(pins().tool(key))


@pytest.mark.parametrize("name", FROM_PATH_TOO)
def test_a_program_that_path_may_bring_says_the_version_that_the_inventory_states(name: str) -> None:
    arguments, key = FROM_PATH_TOO[name]
    stated = next(source for source in inventory() if source.name == name)
    said = find(output_of((str(tool(name)), *arguments)))
    assert said == parse(stated.version)
    assert stated.origin == "PATH" or stated.version == pins().tool(key)


@pytest.mark.parametrize(("name", "argument"), [("kubeconform", "-v"), ("kube-score", "version")])
def test_a_check_of_manifests_says_the_version_of_versions_json(name: str, argument: str) -> None:
    said = find(output_of((str(tool(name)), argument)))
    assert said is not None
    assert (said.major, said.minor) == (parse(pins().tool(name)).major, parse(pins().tool(name)).minor)


def test_promtool_says_the_version_of_prometheus() -> None:
    assert find(output_of((str(tool("promtool")), "--version"))) == parse(pins().image("prom/prometheus"))


@pytest.mark.parametrize("name", DEBIAN)
def test_a_debian_program_runs(name: str) -> None:
    assert find(output_of((str(tool(name)), DEBIAN[name]))) is not None


def test_the_pause_program_is_static_and_says_its_version() -> None:
    version = pins().image("registry.k8s.io/pause")
    assert output_of((str(tool("pause")), "-v")).strip() == f"pause.c v{version}"
    assert not asks_for_a_loader(tool("pause")), "an image with nothing else in it must start it"


@pytest.mark.parametrize("name", ["coredns", "metrics-server"])
def test_programs_for_images_need_no_c_library(name: str) -> None:
    assert not asks_for_a_loader(tool(name))


def asks_for_a_loader(program: Path) -> bool:
    """Whether a 64-bit ELF file has a program header of type PT_INTERP (3)."""
    content = program.read_bytes()
    assert content[:5] == b"\x7fELF\x02"
    (start,) = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<HH", content, 54)
    return 3 in [struct.unpack_from("<I", content, start + index * size)[0] for index in range(count)]


def test_the_language_host_and_its_script_lie_beside_pulumi() -> None:
    folder = tool("pulumi").resolve().parent
    for name in ("pulumi-language-python", "pulumi-language-python-exec"):
        assert (folder / name).is_file(), "from elsewhere Pulumi warns on every command"


def test_a_second_run_says_nothing() -> None:
    said: list[str] = []
    ensure(None, said.append)
    assert said == []
