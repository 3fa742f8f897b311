"""Whom no proxy stands before: what NO_PROXY becomes, in a program and in a shell."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stack import near
from stack.files import ROOT

PROXY = {"http_proxy": "http://127.0.0.1:9"}
NEAR = "localhost,127.0.0.1,127.0.0.0/8,::1"
NOBODY = {"KUBECONFIG": "/nowhere"}


def kubeconfig(folder: Path, *clusters: dict[str, object]) -> dict[str, str]:
    file = folder / "kubeconfig"
    file.write_text(yaml.safe_dump({"clusters": list(clusters)}))
    return {"KUBECONFIG": f"/nowhere{os.pathsep}{file}"}


def cluster(name: str, host: str, **more: object) -> dict[str, object]:
    return {"name": name, "cluster": {"server": f"https://{host}:8443", **more}}


MADE_BY_MINIKUBE = [{"name": "cluster_info", "extension": {"provider": "minikube.sigs.k8s.io"}}]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, {}),
        ({"NO_PROXY": "a"}, {}),
        (PROXY, NEAR),
        ({"ALL_PROXY": "socks5://127.0.0.1:9"}, NEAR),
        ({"grpc_proxy": "http://127.0.0.1:9"}, NEAR),
        (PROXY | {"NO_PROXY": "a, .b", "no_proxy": "c,a"}, f"a,.b,c,{NEAR}"),
        (PROXY | {"no_proxy": f"::1,{NEAR}"}, "::1,localhost,127.0.0.1,127.0.0.0/8"),
        (PROXY | {"NO_PROXY": "*"}, "*"),
        (PROXY | {"no_proxy": "a,*"}, "*"),
    ],
)
def test_both_spellings_say_what_either_said_and_what_is_near(
    environment: dict[str, str], expected: object
) -> None:
    made = near.exceptions(environment | NOBODY)
    assert made == (dict.fromkeys(("NO_PROXY", "no_proxy"), expected) if expected else {})
    assert near.exceptions(environment | NOBODY | made) == made


def test_minikubes_api_is_near_and_a_cluster_elsewhere_is_not(tmp_path: Path) -> None:
    environment = kubeconfig(
        tmp_path,
        cluster("minikube", "192.168.49.2"),
        cluster("mine", "192.168.58.2", extensions=MADE_BY_MINIKUBE),
        cluster("gke", "10.0.0.2"),
        cluster("tunnelled", "192.168.67.2", extensions=MADE_BY_MINIKUBE, **{"proxy-url": "http://proxy:1"}),
    )
    assert near.local_clusters(environment) == {"minikube": "192.168.49.2", "mine": "192.168.58.2"}
    assert near.exceptions(environment | PROXY)["no_proxy"] == f"{NEAR},192.168.49.2,192.168.58.2"


@pytest.mark.parametrize("text", ["", "[]", "clusters: 1", "clusters: [{}]", "{", "clusters:", "\xff: ["])
def test_a_broken_kubeconfig_is_left_to_those_who_need_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kubeconfig"
    file.write_bytes(text.encode("latin-1"))
    assert near.local_clusters({"KUBECONFIG": str(file)}) == {}


def test_what_a_local_cluster_serves_is_near_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (kubeconfig(tmp_path, cluster("minikube", "192.168.49.2")) | PROXY).items():
        monkeypatch.setenv(name, value)
    for name in near.EXCEPTIONS:
        monkeypatch.setenv(name, "")
    urls = ["http://10.96.7.7:80/predictions/emotions", None]
    near.keep_services("gke", urls)
    assert os.environ["no_proxy"] == ""
    near.keep_services("minikube", urls)
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == f"{NEAR},192.168.49.2,10.96.7.7"


def test_a_shell_can_take_the_variables_over(tmp_path: Path) -> None:
    environment = PROXY | {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NO_PROXY": "a b;'c"} | NOBODY
    command = f'eval "$("{sys.executable}" -P -m stack.near)"; echo "$no_proxy"; echo "$NO_PROXY"'
    said = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == [f"a b;'c,{NEAR}"] * 2
