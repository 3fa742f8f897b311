"""Choosing the cluster: never one that the stack does not name."""

from pathlib import Path

import pytest

from infra import target
from stack.schema import SettingsError


def test_a_cluster_says_where_its_local_registry_is() -> None:
    assert target.local_registry('host: "localhost:5000"\nhelp: "https://example.com"\n') == "localhost:5000"
    assert target.local_registry(None) is None
    assert target.local_registry("not a mapping") is None


def test_minikubes_docker_is_read_from_its_environment() -> None:
    text = "DOCKER_TLS_VERIFY=1\nDOCKER_HOST=tcp://192.0.2.1:2376\nDOCKER_CERT_PATH=/certs\n"
    assert target.docker_environment(text) == target.DockerDaemon("tcp://192.0.2.1:2376", "/certs")


def minikube(folder: Path, monkeypatch: pytest.MonkeyPatch, behaviour: str) -> None:
    program = folder / "minikube"
    program.write_text(f"#!/bin/sh\n{behaviour}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_the_docker_of_the_very_cluster_is_asked_whichever_profile_is_active(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    minikube(tmp_path, monkeypatch, 'echo "DOCKER_HOST=$*"')
    monkeypatch.setenv("MINIKUBE_PROFILE", "another")
    daemon = target.minikube_docker("minikube")
    assert daemon.host == "docker-env --profile minikube --shell none"


def test_a_minikube_that_names_no_docker_is_one_line_with_the_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    minikube(tmp_path, monkeypatch, "printf 'X Exiting:\\n  no profile\\n' >&2; exit 85")
    with pytest.raises(SettingsError) as caught:
        target.minikube_docker("minikube")
    assert str(caught.value) == (
        'kubeContexts: expected minikube\'s profile "minikube" to name its Docker, '
        "got X Exiting: no profile; run: minikube start --profile minikube"
    )


def test_a_cluster_that_does_not_answer_is_reported_with_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        "{apiVersion: v1, kind: Config, contexts: [{name: embedded, context: {cluster: c, user: u}}],"
        " clusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}], users: [{name: u, user: {}}]}"
    )
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    with pytest.raises(SettingsError) as caught:
        target.find(("embedded",), None)
    assert 'expected the cluster of context "embedded" at http://127.0.0.1:9 to answer' in str(caught.value)


def test_a_kubeconfig_that_is_not_yaml_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("contexts: [\n  {")
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    with pytest.raises(SettingsError) as caught:
        target.find(("embedded",), None)
    (problem,) = caught.value.problems
    assert problem.startswith("kubeContexts: expected a readable kubeconfig, got ")
    assert "\n" not in problem


def test_a_kubeconfig_that_is_missing_has_no_contexts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(SettingsError) as caught:
        target.find(("embedded",), None)
    assert "expected a context of the kubeconfig (it has none), got embedded" in str(caught.value)


def test_a_context_without_its_cluster_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        "{apiVersion: v1, kind: Config, clusters: [], users: [],"
        " contexts: [{name: embedded, context: {cluster: gone, user: gone}}]}"
    )
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    with pytest.raises(SettingsError) as caught:
        target.find(("embedded",), None)
    assert caught.value.problems[0].startswith("kubeContexts: expected a readable kubeconfig")
