"""The virtual environment: what activating it does where a proxy is set."""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stack.near import EXCEPTIONS, LOOPBACK, PROXIES

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """A locked virtual environment that `scripts/venv` has seen twice."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "activate").write_text(f"VIRTUAL_ENV={shlex.quote(str(venv))}\n")
    python = venv / "bin" / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    locked = b"".join((tmp_path / name).read_bytes() for name in ("requirements.lock", "pyproject.toml"))
    (venv / "locked").write_text(f"{hashlib.sha256(locked).hexdigest()} {venv.resolve()}")
    for _ in range(2):
        subprocess.run([tmp_path / "scripts" / "venv"], check=True)
    return venv


def activated(venv: Path, **variables: str) -> str:
    """NO_PROXY in both spellings after activation, in a shell that refuses unset variables."""
    shell = 'set -eu; . "$0"; echo "${NO_PROXY-unset} ${no_proxy-unset}"'
    proxies = {name for each in (*PROXIES, *EXCEPTIONS) for name in (each.lower(), each.upper())}
    clean = {name: value for name, value in os.environ.items() if name not in proxies}
    environment = clean | {"KUBECONFIG": "/nowhere"} | variables
    command = ["sh", "-c", shell, str(venv / "bin" / "activate")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_activation_completes_no_proxy_only_where_a_proxy_is_set(venv: Path) -> None:
    near = ",".join(LOOPBACK)
    assert activated(venv) == "unset unset"
    assert activated(venv, no_proxy="a") == "unset a"
    for name in PROXIES:
        for spelled in (name, name.upper()):
            if spelled != "GRPC_PROXY":  # gRPC reads small letters only
                assert activated(venv, **{spelled: "http://127.0.0.1:9"}) == f"{near} {near}"
    assert activated(venv, http_proxy="http://127.0.0.1:9", no_proxy="a") == f"a,{near} a,{near}"


def test_activation_is_told_once(venv: Path) -> None:
    assert (venv / "bin" / "activate").read_text().count("stack.near") == 1
