import hashlib
import io
import json
import tarfile
from pathlib import Path

from embedded.cluster import containerd

ROOT = "1 0 254:0 / / rw - ext4 /dev/vda rw\n"
OVERLAY_ROOT = "1 0 0:99 / / rw - overlay overlay rw\n"
VOLUME = "2 1 254:1 / /home rw - ext4 /dev/vdb rw\n"


def test_overlays_are_not_stacked() -> None:
    folder = Path("/home/me/.cache")
    assert containerd.snapshotter(ROOT, folder) == "overlayfs"
    assert containerd.snapshotter(OVERLAY_ROOT, folder) == "native"
    assert containerd.snapshotter(OVERLAY_ROOT + VOLUME, folder) == "overlayfs"


def test_the_pause_image_holds_one_executable_under_the_given_name() -> None:
    archive = containerd.image(b"\x7fELF", "registry.k8s.io/pause:1", "arm64")
    manifest = json.loads(_read(archive, "manifest.json"))[0]
    config = json.loads(_read(archive, manifest["Config"]))
    layer = _read(archive, manifest["Layers"][0])
    assert manifest["RepoTags"] == ["registry.k8s.io/pause:1"]
    assert config["architecture"] == "arm64"
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(layer).hexdigest()}"]
    with tarfile.open(fileobj=io.BytesIO(layer)) as opened:
        (entry,) = opened.getmembers()
    assert (entry.name, entry.mode) == ("pause", 0o755)


def _read(archive: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        member = opened.extractfile(name)
        assert member is not None
        return member.read()
