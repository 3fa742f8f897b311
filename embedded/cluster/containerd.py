"""The pause image: Kubernetes' own static program in one layer, imported under its upstream name."""

import hashlib
import io
import json
import platform
import subprocess
import tarfile
from pathlib import Path

from embedded.cluster import programs
from embedded.cluster.errors import ClusterError
from embedded.cluster.layout import Layout
from embedded.cluster.pods import NAMESPACE

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def snapshotter(mountinfo: str, folder: Path) -> str:
    """Pure: `native` if `folder` lies on an overlay file system (a container's), else `overlayfs`."""
    best = ("", "")
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        point = before.split()[4]
        if folder.is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, after.split()[0])
    return "native" if best[1] == "overlay" else "overlayfs"


def ensure_pause(where: Layout, reference: str) -> bool:
    """Import the image unless containerd has it; True if it was imported."""
    ctr = (programs.find("ctr"), "--address", str(where.containerd_socket), "--namespace", NAMESPACE)
    listed = subprocess.run((*ctr, "images", "list", "--quiet"), capture_output=True, text=True, check=False)
    if reference in listed.stdout.split():
        return False
    archive = image(Path(programs.find("pause")).read_bytes(), reference, _architecture())
    done = subprocess.run((*ctr, "images", "import", "-"), input=archive, capture_output=True, check=False)
    if done.returncode:
        raise ClusterError(f"containerd refused the image {reference}: {done.stderr.decode().strip()}")
    return True


def image(program: bytes, reference: str, architecture: str) -> bytes:
    """Pure: a docker archive whose single layer holds /pause, under the name `reference`."""
    layer = _tar({"pause": (program, 0o755)})
    layer_digest = hashlib.sha256(layer).hexdigest()
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Entrypoint": ["/pause"], "User": "65535:65535"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
    }
    config_text = json.dumps(config).encode()
    config_name = f"{hashlib.sha256(config_text).hexdigest()}.json"
    layer_name = f"{layer_digest}/layer.tar"
    manifest = [{"Config": config_name, "RepoTags": [reference], "Layers": [layer_name]}]
    members = {
        config_name: config_text,
        layer_name: layer,
        "manifest.json": json.dumps(manifest).encode(),
    }
    return _tar({name: (content, 0o644) for name, content in members.items()})


def _tar(members: dict[str, tuple[bytes, int]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, (content, mode) in members.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _architecture() -> str:
    machine = platform.machine()
    return ARCHITECTURES.get(machine, machine)
