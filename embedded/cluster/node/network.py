"""The machine's network: bridge, routes, iptables and kernel settings, in place before any process."""

import json
import shutil
import subprocess
from pathlib import Path

from base.children import tied
from embedded.cluster import layout
from embedded.cluster.errors import ClusterError
from embedded.cluster.files import write_atomically
from embedded.cluster.layout import Layout
from embedded.cluster.node import cni, firewall, nfacct
from embedded.cluster.processes import programs
from embedded.cluster.processes.process import boot_id

BRIDGE_MAC = "0a:58:0a:f4:00:01"
IPTABLES = ("iptables", "ip6tables")

# What we, the kubelet and kube-proxy set; the former values come back with `stop()`.
WANTED_SETTINGS = {
    "net/ipv4/ip_forward": "1",
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/ipv4/conf/all/route_localnet": "1",
    "fs/inotify/max_user_instances": "8192",
}
TOUCHED_BY_COMPONENTS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)


def ensure(where: Layout) -> bool:
    """Put up what is missing; True if the bridge was, which cuts off pods that were on an earlier one."""
    _try("modprobe", "br_netfilter")
    _ensure_settings(where.state / "sysctl.json")
    created = _ensure_bridge()
    _run("ip", "route", "replace", "unreachable", layout.POD_CIDR)
    _ensure_firewall()
    return created


def remove(where: Layout) -> None:
    """Take away bridge, pods' interfaces, routes, chains and kernel settings; nothing missing is an error."""
    _delete_links(_bridge_ports())
    _delete_links(cni.host_ends())
    _try("ip", "link", "delete", layout.BRIDGE)
    _try("ip", "route", "delete", "unreachable", layout.POD_CIDR)
    for program in IPTABLES:
        script = firewall.removal(_try(f"{program}-save"))
        if script:
            _run(f"{program}-restore", "--noflush", "--wait", "10", stdin=script)
    nfacct.remove()
    _restore_settings(where.state / "sysctl.json")


def _ensure_bridge() -> bool:
    missing = not Path("/sys/class/net", layout.BRIDGE).exists()
    if missing:
        _delete_links(cni.host_ends())
        _run("ip", "link", "add", layout.BRIDGE, "address", BRIDGE_MAC, "type", "bridge")
        Path("/proc/sys/net/ipv6/conf", layout.BRIDGE, "disable_ipv6").write_text("1\n")
    prefix = layout.NODE_POD_CIDR.split("/")[1]
    _run("ip", "address", "replace", f"{layout.NODE_IP}/{prefix}", "dev", layout.BRIDGE)
    _run("ip", "link", "set", layout.BRIDGE, "up")
    return missing


def _delete_links(names: list[str]) -> None:
    """One that has lost its bridge would stay for minutes, as long as a socket in its pod says goodbye."""
    for name in names:
        _try("ip", "link", "delete", name)


def _bridge_ports() -> list[str]:
    folder = Path("/sys/class/net", layout.BRIDGE, "brif")
    return [entry.name for entry in folder.iterdir()] if folder.exists() else []


def _ensure_firewall() -> None:
    _run("iptables-restore", "--noflush", "--wait", "10", stdin=firewall.rules())
    for hook in firewall.HOOKS:
        table = ("iptables", "--wait", "10", "-t", hook.table)
        if not _succeeds(*table, "-C", hook.builtin, "-j", hook.chain):
            _run(*table, "-I", hook.builtin, "1", "-j", hook.chain)


def _ensure_settings(record: Path) -> None:
    """Note the values as they were before this cluster, once a boot, then set ours."""
    if _recorded(record).get("boot_id") != boot_id():
        names = (*WANTED_SETTINGS, *TOUCHED_BY_COMPONENTS)
        before = {name: value for name in names if (value := _setting(name)) is not None}
        write_atomically(record, json.dumps({"boot_id": boot_id(), **before}).encode())
    for name, value in WANTED_SETTINGS.items():
        if _setting(name) not in {None, value}:
            _file(name).write_text(value)


def _restore_settings(record: Path) -> None:
    before = _recorded(record)
    if before.pop("boot_id", None) == boot_id():
        for name, value in before.items():
            if _setting(name) != value:
                _file(name).write_text(value)
    record.unlink(missing_ok=True)


def _recorded(record: Path) -> dict[str, str]:
    try:
        return dict(json.loads(record.read_text()))
    except (FileNotFoundError, ValueError):
        return {}


def _file(setting: str) -> Path:
    return Path("/proc/sys", setting)


def _setting(name: str) -> str | None:
    file = _file(name)
    return file.read_text().strip() if file.exists() else None


def _succeeds(*argv: str) -> bool:
    return _ask(argv).returncode == 0


def _try(*argv: str) -> str:
    """Output of a command that may fail or be missing."""
    if shutil.which(argv[0], path=programs.search_path()) is None:
        return ""
    return _ask(argv).stdout


def _run(*argv: str, stdin: str = "") -> None:
    done = _ask(argv, stdin)
    if done.returncode:
        raise ClusterError(f"`{' '.join(argv)}` failed: {done.stderr.strip()}; does the kernel allow it?")


def _ask(argv: tuple[str, ...], stdin: str = "") -> subprocess.CompletedProcess[str]:
    located = (programs.find(argv[0]), *argv[1:])
    return subprocess.run(
        located, capture_output=True, text=True, input=stdin, check=False, preexec_fn=tied()
    )
