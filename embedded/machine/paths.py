"""Where the embedded default keeps its files; nothing else decides a path."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = "127.0.0.1:5000"


def _base(variable: str, fallback: str) -> Path:
    return Path(os.environ.get(variable) or _home() / fallback) / "emotion-serving"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        sys.exit(f"HOME: expected the home folder of user {os.geteuid()}, got none; set HOME")


def cache() -> Path:
    """Built tools, downloaded packages and image layers: survives `make down`."""
    return _base("XDG_CACHE_HOME", ".cache")


def state() -> Path:
    """The running cluster and its Pulumi state: one for each user of the machine."""
    return _base("XDG_STATE_HOME", ".local/state")


def tools() -> Path:
    """Folder of links to every program of the toolchain, made to be put on PATH."""
    return cache() / "bin"


def kubeconfig() -> Path:
    """The embedded cluster's kubeconfig; its only context is `embedded`."""
    return state() / "kubeconfig"


def docker_socket() -> Path:
    """Socket of the embedded dockerd."""
    return state() / "run" / "docker.sock"


def pulumi_home() -> Path:
    """Project-local PULUMI_HOME: the stand-in plugins never reach the user's own plugin cache."""
    return ROOT / ".venv" / "pulumi-home"
