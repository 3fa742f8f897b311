import json
from pathlib import Path

import pytest

from embedded.cluster import layout
from embedded.cluster.node import cni

RESULT = json.dumps(
    {
        "kind": "cniCacheV1",
        "result": {
            "interfaces": [
                {"name": layout.BRIDGE, "mac": "0a:58:0a:f4:00:01"},
                {"name": "veth4bafe790", "mac": "6a:85:8e:a0:84:7c"},
                {"name": "eth0", "mac": "b6:ad:12:d8:7a:e7", "sandbox": "/run/netns/cni-b9d970c2"},
            ]
        },
    }
)


@pytest.fixture(name="results")
def _results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cni, "RESULTS", tmp_path)
    for name in (f"{layout.NETWORK}-a-eth0", "cni-loopback-a-lo", "strange-b-eth0", "cni-loopback-b-lo"):
        (tmp_path / name).write_text(RESULT)
    return tmp_path


def test_the_hosts_end_is_neither_the_bridge_nor_the_pods_end() -> None:
    assert cni.interfaces(RESULT) == ["veth4bafe790"]


@pytest.mark.parametrize("text", ["", RESULT[:60], "[]", '{"result": null}'])
def test_a_result_that_was_cut_off_names_none(text: str) -> None:
    assert cni.interfaces(text) == []


def test_only_our_networks_results_count(results: Path) -> None:
    assert cni.host_ends() == ["veth4bafe790"]
    cni.forget()
    assert sorted(path.name for path in results.iterdir()) == ["cni-loopback-b-lo", "strange-b-eth0"]
