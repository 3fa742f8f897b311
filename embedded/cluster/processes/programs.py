"""Where the programs come from: the toolchain's links first, then PATH and the system's own folders."""

import os
import shutil
from pathlib import Path

from embedded.cluster.errors import ClusterError
from embedded.machine import paths

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def search_path() -> str:
    """PATH of every component: they call iptables, mount and containerd's shim by name."""
    return os.pathsep.join((str(paths.tools()), os.environ.get("PATH", ""), SYSTEM_PATH))


def find(name: str) -> str:
    """Absolute path of a program.

    The toolchain's link is followed, by one step (iptables is a link itself): a new version is a new path.

    Raises ClusterError naming the remedy if it is not there.
    """
    found = shutil.which(name, path=search_path())
    if not found:
        raise ClusterError(f"{name}: expected in {paths.tools()} or on PATH, found in neither; run `make up`")
    path = Path(found)
    return str(path.readlink() if path.parent == paths.tools() and path.is_symlink() else path)
