from pathlib import Path

from embedded.cluster.layout import Layout
from embedded.cluster.node import sweep

MOUNTINFO = r"""22 1 254:0 / / rw - ext4 /dev/vda rw
30 22 0:30 / /state/kubelet/pods/a/volumes/token rw - tmpfs tmpfs rw
31 22 0:31 / /state/run/containerd/io.x/rootfs rw - overlay overlay rw
32 31 0:32 / /state/run/containerd/io.x/rootfs/proc rw - proc proc rw
33 22 0:33 / /state-of-others rw - tmpfs tmpfs rw
34 22 0:34 / /state/with\040blank rw - tmpfs tmpfs rw
"""


def test_mounts_are_taken_deepest_first_and_only_below_our_folders() -> None:
    assert sweep.mount_points(MOUNTINFO, [Path("/state")]) == [
        "/state/run/containerd/io.x/rootfs/proc",
        "/state/kubelet/pods/a/volumes/token",
        "/state/run/containerd/io.x/rootfs",
        "/state/with blank",
    ]


def test_stopping_keeps_pulumis_state_the_logs_and_the_cache(tmp_path: Path) -> None:
    where = Layout(tmp_path / "cache", tmp_path / "state")
    kept = [where.state / "pulumi" / "stack.json", where.state / "passphrase", where.log_file("etcd")]
    kept += [where.registry_root / "blob", where.containerd_root / "layer", where.docker_root / "layer"]
    gone = [
        where.kubeconfig,
        where.pki / "ca.key",
        where.etcd_data / "wal",
        where.kubelet_root / "pods" / "x",
    ]
    gone += [where.config / "admin.kubeconfig", where.heartbeat, where.pod_logs / "x", where.cni / "y"]
    for file in (*kept, *gone):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    sweep.files(where)
    assert [file for file in kept if not file.exists()] == []
    assert [file for file in gone if file.exists()] == []
