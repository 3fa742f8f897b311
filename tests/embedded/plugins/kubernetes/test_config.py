"""The provider's configuration and the kubeconfig behind it."""

import base64
from pathlib import Path

import pytest

from embedded.plugins import paths
from embedded.plugins.calls import Difference
from embedded.plugins.errors import PluginError
from embedded.plugins.kubernetes import kubeconfig, settings
from embedded.plugins.values import UNKNOWN, Object

PEM = base64.b64encode(b"PEM").decode()
CONFIG = """
current-context: one
contexts:
- {name: one, context: {cluster: c1, user: u1, namespace: spaced}}
- {name: two, context: {cluster: c2, user: u2}}
clusters:
- {name: c1, cluster: {server: "https://127.0.0.1:1/", certificate-authority-data: PEM}}
- {name: c2, cluster: {server: "https://127.0.0.1:2", insecure-skip-tls-verify: true}}
users:
- {name: u1, user: {client-certificate-data: PEM, client-key: key.pem}}
- {name: u2, user: {tokenFile: token}}
""".replace("PEM", PEM)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "key.pem").write_text("KEY")
    (tmp_path / "token").write_text("abc\n")
    path = tmp_path / "config"
    path.write_text(CONFIG)
    return path


def test_the_current_context_is_used_and_files_are_relative_to_the_kubeconfig(config: Path) -> None:
    target = kubeconfig.load(str(config))
    assert (target.context, target.server, target.namespace) == ("one", "https://127.0.0.1:1", "spaced")
    assert (target.ca, target.certificate, target.key) == (b"PEM", b"PEM", b"KEY")


def test_a_named_context_wins_and_its_token_is_read(config: Path) -> None:
    target = kubeconfig.load(str(config), "two")
    assert (target.server, target.token, target.verify) == ("https://127.0.0.1:2", "abc", False)


def test_the_text_itself_is_a_kubeconfig_too() -> None:
    text = CONFIG.replace("client-key: key.pem", "client-key-data: " + PEM)
    assert kubeconfig.load(text).server == "https://127.0.0.1:1"


def test_several_files_are_merged_and_the_first_wins(config: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text(
        "current-context: x\ncontexts: [{name: x, context: {cluster: cx}}]\n"
        "clusters: [{name: cx, cluster: {server: 'http://127.0.0.1:9'}}]\n"
    )
    both = f"{config}:{other}"
    assert kubeconfig.load(both).context == "one"
    assert kubeconfig.load(both, "x").server == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("text", "context", "message"),
    [
        ("/no/such/file", "", "no such file"),
        (CONFIG, "three", r"expected one of its contexts \(one, two\), got three"),
        ("a: [\n", "", "expected YAML"),
        ("kind: Config\n", "", "expected a context, got none"),
        (CONFIG.replace("tokenFile: token", "exec: {command: x}"), "two", "authenticates by `exec`"),
    ],
)
def test_a_bad_kubeconfig_is_an_error_that_says_what_was_expected(
    text: str, context: str, message: str
) -> None:
    with pytest.raises(PluginError, match=message):
        kubeconfig.load(text, context)


def test_booleans_arrive_as_text_and_the_environment_fills_what_is_missing() -> None:
    chosen = settings.from_config(
        {"upsertExistingObjects": "true", "kubeconfig": "k"},
        {"KUBECONFIG": "other", "PULUMI_K8S_DELETE_UNREACHABLE": "true", "PULUMI_K8S_CONTEXT": "c"},
    )
    assert (chosen.kubeconfig, chosen.context) == ("k", "c")
    assert chosen.upsert and chosen.delete_unreachable and not chosen.mutability.config_maps


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("renderYamlToDirectory", "out", "not served by the embedded kubernetes plugin"),
        ("strictMode", "true", "not served"),
        ("helmReleaseSettings", "{}", "not served"),
        ("enableServerSideApply", "false", "server-side apply only"),
        ("upsertExistingObjects", "maybe", "expected true or false, got maybe"),
    ],
)
def test_configuration_outside_the_subset_is_refused_by_name(key: str, value: str, reason: str) -> None:
    (failure,) = settings.check({key: value}).failures
    assert failure.property == key
    assert reason in failure.reason


def test_served_configuration_passes_unchanged() -> None:
    news: Object = {
        "kubeconfig": UNKNOWN,
        "context": "c",
        "enableServerSideApply": "true",
        "version": "4.34.2",
    }
    checked = settings.check(news)
    assert (checked.inputs, checked.failures) == (news, ())


def replaced(difference: Difference) -> list[str]:
    return [paths.text(change.path) for change in difference.changes if change.replace]


def test_only_another_cluster_replaces_every_object(config: Path) -> None:
    olds: Object = {"kubeconfig": str(config), "context": "one"}
    assert settings.difference(olds, {**olds, "version": "9"}).changes == ()
    copy = config.with_name("copy")
    copy.write_text(CONFIG)
    moved = settings.difference(olds, {**olds, "kubeconfig": str(copy)})
    assert len(moved.changes) == 1 and not replaced(moved)
    assert replaced(settings.difference(olds, {**olds, "context": "two"})) == ["context"]
    assert replaced(settings.difference(olds, {**olds, "kubeconfig": UNKNOWN})) == ["kubeconfig"]


def test_a_kubeconfig_that_cannot_be_read_replaces_nothing(config: Path) -> None:
    olds: Object = {"kubeconfig": "/gone", "context": "one"}
    assert not replaced(settings.difference(olds, {"kubeconfig": str(config), "context": "one"}))


def test_the_cluster_identifier_decides_where_it_is_given() -> None:
    olds: Object = {"kubeconfig": CONFIG, "context": "one", "clusterIdentifier": "a"}
    assert not replaced(settings.difference(olds, {**olds, "context": "two"}))
    assert replaced(settings.difference(olds, {**olds, "clusterIdentifier": "b"})) == ["clusterIdentifier"]
