"""Grafana's objects: behind a login, provisioned from code."""

import json
from typing import cast

import pytest
import yaml

from infra.monitoring import dashboards, grafana
from stack.kube import GENERATED, KubeObject
from stack.settings import GrafanaSettings, Slo

OBJECTS = grafana.objects(
    "minikube", "12.2.0", GrafanaSettings(), Slo(), "http://prometheus:9090", scrape_seconds=10
)
Json = dict[str, object]


def only(kind: str, prefix: str = "") -> KubeObject:
    (found,) = [
        item
        for item in OBJECTS
        if item["kind"] == kind and str(cast("Json", item["metadata"])["name"]).startswith(prefix)
    ]
    return found


def pod() -> Json:
    template = cast("dict[str, Json]", only("Deployment")["spec"])["template"]
    return cast("Json", template["spec"])


def container() -> Json:
    (found,) = cast("list[Json]", pod()["containers"])
    return found


def environment() -> dict[str, str]:
    return {each["name"]: each["value"] for each in cast("list[dict[str, str]]", container()["env"])}


def test_nobody_gets_in_without_a_login() -> None:
    assert environment()["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
    assert environment()["GF_USERS_ALLOW_SIGN_UP"] == "false"


def test_the_password_is_generated_and_reaches_grafana_as_a_file() -> None:
    assert only("Secret")["stringData"] == {"password": GENERATED}
    file = environment()["GF_SECURITY_ADMIN_PASSWORD__FILE"]
    mounts = cast("list[Json]", container()["volumeMounts"])
    assert {"name": "admin", "mountPath": "/secrets", "readOnly": True} in mounts
    assert file == "/secrets/password"
    assert "GF_SECURITY_ADMIN_PASSWORD" not in environment()


def test_grafana_calls_nobody_at_home() -> None:
    silent = ("REPORTING_ENABLED", "CHECK_FOR_UPDATES", "CHECK_FOR_PLUGIN_UPDATES")
    assert all(environment()[f"GF_ANALYTICS_{name}"] == "false" for name in silent)


def test_every_folder_that_grafana_writes_is_an_empty_dir_of_bounded_size() -> None:
    volumes = {volume["name"]: volume for volume in cast("list[Json]", pod()["volumes"])}
    writable = [mount for mount in cast("list[Json]", container()["volumeMounts"]) if "readOnly" not in mount]
    assert {mount["mountPath"] for mount in writable} == {"/var/lib/grafana", "/var/log/grafana", "/tmp"}
    for mount in writable:
        assert cast("Json", volumes[mount["name"]]["emptyDir"])["sizeLimit"]


def test_the_data_source_is_the_one_that_panels_name() -> None:
    text = cast("dict[str, str]", only("ConfigMap", "grafana-datasources")["data"])["prometheus.yaml"]
    (source,) = yaml.safe_load(text)["datasources"]
    assert (source["uid"], source["url"]) == ("prometheus", "http://prometheus:9090")
    assert source["jsonData"]["timeInterval"] == "10s"


def test_the_provider_reads_the_folder_where_the_dashboards_are_mounted() -> None:
    text = cast("dict[str, str]", only("ConfigMap", "grafana-providers")["data"])["files.yaml"]
    (folder,) = yaml.safe_load(text)["providers"]
    mounts = {mount["name"]: mount["mountPath"] for mount in cast("list[Json]", container()["volumeMounts"])}
    assert folder["options"]["path"] == mounts["boards"]
    assert only("ConfigMap", "grafana-boards")["data"] == dashboards.render(Slo())
    assert mounts["providers"] == "/etc/grafana/provisioning/dashboards"


def test_the_dashboards_fit_into_one_config_map() -> None:
    assert len(json.dumps(dashboards.render(Slo()))) < 2**20


@pytest.mark.parametrize("kind", ["ClusterIP", "NodePort", "LoadBalancer"])
def test_the_service_is_of_the_type_that_the_settings_ask_for(kind: str) -> None:
    settings = GrafanaSettings(service_type=kind)
    made = grafana.objects("minikube", "12.2.0", settings, Slo(), "http://prometheus:9090", scrape_seconds=10)
    (service,) = [item for item in made if item["kind"] == "Service"]
    spec = cast("Json", service["spec"])
    assert spec["type"] == kind
    assert spec["ports"] == [{"name": "http", "port": 80, "targetPort": "http"}]
