"""Every program of the toolchain: where it comes from and which one already installed is good enough."""

import re
from dataclasses import dataclass
from pathlib import Path

from embedded.machine.versions import Pins, Version, parse

GO_FOLDERS = Path(__file__).resolve().parent / "go"


@dataclass(frozen=True)
class PathRule:
    """A program on PATH is used if `argv` prints a version of at least `minimum`."""

    argv: tuple[str, ...]
    minimum: Version
    same_major: bool = True


@dataclass(frozen=True)
class GoProgram:
    """Built from a package; its go.mod and go.sum are in `folder` under toolchain/go.

    `variables` are stamped in by the linker; `version` and `module` are given where they differ from the
    bundle's. `embeds` are files of that module that a main package of ours embeds from its own folder.
    """

    name: str
    folder: str
    package: str
    variables: tuple[tuple[str, str], ...] = ()
    version: str | None = None
    module: str | None = None
    embeds: tuple[str, ...] = ()

    @property
    def output(self) -> str:
        """The name that `go build` gives it: the package's last part that is no major version."""
        return next(part for part in reversed(self.package.split("/")) if not re.fullmatch(r"v\d+", part))


@dataclass(frozen=True)
class ModuleFile:
    """Copied out of a module that the go.mod in `folder` requires."""

    name: str
    folder: str
    module: str
    path: str
    version: str
    is_program: bool = True


@dataclass(frozen=True)
class CProgram:
    """Compiled statically from one C file of a module that the go.mod in `folder` requires."""

    name: str
    folder: str
    module: str
    path: str
    version: str


Part = GoProgram | ModuleFile | CProgram


@dataclass(frozen=True)
class Bundle:
    """Programs that must lie in one folder, and are had or missed together."""

    name: str
    version: str
    module: str
    parts: tuple[Part, ...]
    path_rule: PathRule | None = None
    by_default: bool = True

    @property
    def programs(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.parts)


@dataclass(frozen=True)
class NamedFile:
    """A file or folder that is asked for by a name, as a program is."""

    name: str
    path: Path


@dataclass(frozen=True)
class DebianPackage:
    """Programs and files of a Debian package; `packages` are its names, the first known to apt is taken."""

    packages: tuple[str, ...]
    programs: tuple[str, ...] = ()
    named_file: NamedFile | None = None
    needs_files: tuple[Path, ...] = ()
    path_rule: PathRule | None = None
    with_packages: tuple[str, ...] = ()
    by_default: bool = True


KUBERNETES = "k8s.io/kubernetes"
TOOLS = "tools"  # one module for all programs that share Kubernetes' and Pulumi's libraries
PULUMI_VERSION = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"


def _kubernetes_variables(version: str) -> tuple[tuple[str, str], ...]:
    major, minor, _ = version.split(".")
    stamped = (
        ("gitVersion", f"v{version}"),
        ("gitMajor", major),
        ("gitMinor", minor),
        ("gitTreeState", "archive"),
    )
    modules = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return tuple((f"{module}.{name}", value) for module in modules for name, value in stamped)


def _kubernetes(version: str) -> tuple[Bundle, ...]:
    current = parse(version)
    oldest_client = Version(current.major, current.minor - 1)
    return tuple(
        Bundle(
            name=name,
            version=version,
            module=KUBERNETES,
            parts=(GoProgram(name, TOOLS, f"{KUBERNETES}/cmd/{name}", _kubernetes_variables(version)),),
            path_rule=(
                PathRule(("kubectl", "version", "--client"), oldest_client) if name == "kubectl" else None
            ),
        )
        for name in (
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kubelet",
            "kube-proxy",
            "kubectl",
        )
    )


def _pulumi(version: str, host: str) -> Bundle:
    """The CLI warns unless its language host lies beside it; the newest exec script serves every host."""
    sdk = "github.com/pulumi/pulumi/sdk/v3"
    cli = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    number = parse(version)
    return Bundle(
        name="pulumi",
        version=version,
        module="github.com/pulumi/pulumi/pkg/v3",
        parts=(
            GoProgram("pulumi", TOOLS, cli, ((PULUMI_VERSION, f"v{version}"),)),
            GoProgram(
                "pulumi-language-python",
                "pulumi-language-python",
                f"{sdk}/python/cmd/pulumi-language-python",
                ((PULUMI_VERSION, f"v{host}"),),
                version=host,
                module=sdk,
            ),
            ModuleFile(
                "pulumi-language-python-exec",
                TOOLS,
                sdk,
                "python/cmd/pulumi-language-python-exec",
                version,
            ),
        ),
        path_rule=PathRule(("pulumi", "version"), Version(number.major, number.minor)),
    )


def _pulumi_kubernetes(version: str) -> Bundle:
    """Pulumi's own provider. It wants an older Pulumi than the CLI, so it has a module of its own, which
    requires the same versions of all else: Go's cache gives it what was compiled for the others.
    """
    module, command = "github.com/pulumi/pulumi-kubernetes/provider/v4", "cmd/pulumi-resource-kubernetes"
    program = GoProgram(
        "pulumi-resource-kubernetes",
        "pulumi-kubernetes",
        f"./{command}",
        ((f"{module}/pkg/version.Version", version),),
        module=module,
        embeds=(f"{command}/schema.json", f"{command}/terraform-mapping.json"),
    )
    return Bundle(program.name, version, module, (program,))


def _coredns(version: str) -> Bundle:
    """CoreDNS with the plugins that the cluster's Corefile names, as its plugin.cfg would choose them."""
    module = "github.com/coredns/coredns"
    return Bundle("coredns", version, module, (GoProgram("coredns", TOOLS, "./cmd/coredns", module=module),))


def _metrics_server(version: str) -> Bundle:
    module = "sigs.k8s.io/metrics-server"
    stamp = (("k8s.io/client-go/pkg/version.gitVersion", f"v{version}"),)
    program = GoProgram("metrics-server", "metrics-server", f"{module}/cmd/metrics-server", stamp)
    return Bundle("metrics-server", version, module, (program,))


def _etcd(version: str) -> Bundle:
    module = "go.etcd.io/etcd/server/v3"
    return Bundle("etcd", version, module, (GoProgram("etcd", TOOLS, module),))


def _pause(version: str) -> Bundle:
    source = CProgram("pause", TOOLS, KUBERNETES, "build/pause/linux/pause.c", version)
    return Bundle("pause", version, KUBERNETES, (source,))


def _on_demand(version: str, program: GoProgram, says: tuple[str, ...]) -> Bundle:
    """A program that only some work needs; one of the same age on PATH will do. `says` prints its version."""
    number = parse(version)
    return Bundle(
        program.name,
        version,
        program.module or program.package,
        (program,),
        path_rule=PathRule((program.name, *says), Version(number.major, number.minor)),
        by_default=False,
    )


def _k6(version: str) -> Bundle:
    return _on_demand(version, GoProgram("k6", "k6", "go.k6.io/k6"), ("version",))


def _manifest_tool(name: str, version: str, module: str, says: str) -> Bundle:
    """A check of manifests, whose release builds stamp `main.version`."""
    stamp = (("main.version", version),)
    program = GoProgram(name, name, f"{module}/cmd/{name}", stamp, module=module)
    return _on_demand(version, program, (says,))


def _promtool(version: str) -> Bundle:
    """Of the same release as the image of Prometheus: release 2.N is version 0.N of the module."""
    module, number = "github.com/prometheus/prometheus", parse(version)
    program = GoProgram(
        "promtool",
        "promtool",
        f"{module}/cmd/promtool",
        (("github.com/prometheus/common/version.Version", version),),
        version=f"0.{number.minor}.{number.patch}",
        module=module,
    )
    return _on_demand(version, program, ("--version",))


def _keda(version: str) -> Bundle:
    """The operator and the server of external metrics, named as in upstream's images."""
    module = "github.com/kedacore/keda/v2"
    stamp = ((f"{module}/version.Version", version),)
    programs = {"keda": "operator", "keda-adapter": "adapter"}
    parts = tuple(
        GoProgram(name, "keda", f"{module}/cmd/{package}", stamp, module=module)
        for name, package in programs.items()
    )
    return Bundle("keda", version, module, parts, by_default=False)


def _vpa(version: str) -> Bundle:
    """VPA's three programs, which write their version into their source."""
    module = "k8s.io/autoscaler/vertical-pod-autoscaler"
    parts = tuple(
        GoProgram(f"vpa-{name}", "vpa", f"{module}/pkg/{name}", module=module)
        for name in ("recommender", "updater", "admission-controller")
    )
    return Bundle("vpa", version, module, parts, by_default=False)


KARPENTER_KWOK = "sigs.k8s.io/karpenter/kwok"  # also its image's name: upstream publishes none
KARPENTER_KINDS = ("karpenter.sh_nodepools", "karpenter.sh_nodeclaims", "karpenter.kwok.sh_kwoknodeclasses")


def _karpenter(version: str) -> Bundle:
    """Karpenter with its provider of simulated nodes, and the definitions of its kinds."""
    module = "sigs.k8s.io/karpenter"
    stamp = ((f"{module}/pkg/operator.Version", version),)
    program = GoProgram("karpenter-kwok", "karpenter", KARPENTER_KWOK, stamp, module=module)
    folders = {name: "kwok/apis/crds" if ".kwok." in name else "kwok/charts/crds" for name in KARPENTER_KINDS}
    kinds = tuple(
        ModuleFile(f"{name}.yaml", "karpenter", module, f"{folder}/{name}.yaml", version, is_program=False)
        for name, folder in folders.items()
    )
    return Bundle("karpenter-kwok", version, module, (program, *kinds), by_default=False)


KWOK_STAGES = {  # upstream's: nodes that are ready and stay so, pods that run at once
    "kwok-node-initialize.yaml": "node/fast/node-initialize.yaml",
    "kwok-node-heartbeat.yaml": "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "kwok-pod-ready.yaml": "pod/fast/pod-ready.yaml",
    "kwok-pod-delete.yaml": "pod/fast/pod-delete.yaml",
}


def _kwok(version: str) -> Bundle:
    """What plays the kubelet of simulated nodes, and upstream's description of how."""
    module = "sigs.k8s.io/kwok"
    stamp = ((f"{module}/pkg/consts.Version", version),)
    program = GoProgram("kwok", "kwok", f"{module}/cmd/kwok", stamp, module=module)
    stages = tuple(
        ModuleFile(name, "kwok", module, f"kustomize/stage/{path}", version, is_program=False)
        for name, path in KWOK_STAGES.items()
    )
    return Bundle("kwok", version, module, (program, *stages), by_default=False)


def bundles(pins: Pins) -> tuple[Bundle, ...]:
    """Programs built from Go modules, in the order in which they are needed."""
    return (
        _etcd(pins.tool("etcd")),
        *_kubernetes(pins.tool("kubernetes")),
        _pause(pins.image("registry.k8s.io/pause")),
        _pulumi(pins.tool("pulumi"), pins.tool("pulumi-language-python")),
        _pulumi_kubernetes(pins.plugin("kubernetes")),
        _coredns(pins.tool("coredns")),
        _metrics_server(pins.tool("metrics-server")),
        _k6(pins.tool("k6")),
        _manifest_tool("kubeconform", pins.tool("kubeconform"), "github.com/yannh/kubeconform", "-v"),
        _manifest_tool("kube-score", pins.tool("kube-score"), "github.com/zegl/kube-score", "version"),
        _promtool(pins.image("prom/prometheus").removeprefix("v")),
        _keda(pins.image("ghcr.io/kedacore/keda")),
        _vpa(pins.image("registry.k8s.io/autoscaling/vpa-recommender")),
        _karpenter(pins.image(KARPENTER_KWOK)),
        _kwok(pins.image("registry.k8s.io/kwok/kwok").removeprefix("v")),
    )


C_COMPILER = DebianPackage(
    ("gcc",),
    ("gcc",),
    needs_files=(Path("/usr/include/stdio.h"),),
    with_packages=("libc6-dev",),
    by_default=False,
)
BROWSER = DebianPackage(
    ("chromium",),
    ("chromium", "chromedriver"),
    with_packages=("chromium-driver", "fonts-inter"),
    by_default=False,  # only the tests of the dashboards open one
)
_CNI = Path("/usr/lib/cni")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def debian_packages() -> tuple[DebianPackage, ...]:
    """Programs that Debian packages; `docker-cli` is a package of its own from Debian 13 on."""
    return (
        DebianPackage(
            ("containerd",),
            ("containerd", "containerd-shim-runc-v2", "ctr"),
            path_rule=PathRule(("containerd", "--version"), Version(1, 6), same_major=False),
        ),
        DebianPackage(("runc",), ("runc",), path_rule=PathRule(("runc", "--version"), Version(1, 1))),
        DebianPackage(
            ("docker.io",),
            ("dockerd",),
            path_rule=PathRule(("dockerd", "--version"), Version(20, 10), same_major=False),
        ),
        DebianPackage(
            ("docker-cli", "docker.io"),
            ("docker",),
            path_rule=PathRule(("docker", "--version"), Version(20, 10), same_major=False),
        ),
        DebianPackage(
            ("containernetworking-plugins",),
            named_file=NamedFile("cni-plugins", _CNI),
            needs_files=tuple(_CNI / name for name in ("bridge", "host-local", "loopback", "portmap")),
        ),
        DebianPackage(("iptables",), ("iptables", "iptables-save", "iptables-restore")),
        DebianPackage(("conntrack",), ("conntrack",)),
        DebianPackage(("iproute2",), ("ip",)),
        DebianPackage(("mount",), ("mount", "umount")),
        DebianPackage(("docker-registry",), ("docker-registry",)),
        DebianPackage(("debootstrap",), ("debootstrap",)),
        DebianPackage(
            ("debian-archive-keyring",),
            named_file=NamedFile("debian-archive-keyring", _KEYRING),
            needs_files=(_KEYRING,),
        ),
        C_COMPILER,
        BROWSER,
    )
