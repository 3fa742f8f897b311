"""VPA as the platform declares it: upstream's kinds, a webhook that goes with the stack, its certificate."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from embedded.toolchain.golang import find_go, module_folder
from infra import certificate, program
from infra.scaling import vpa
from stack.kube import KubeObject, name_of
from stack.outputs import KEY
from stack.settings import Platform, Settings, VpaSettings
from stack.versions import load
from tests.infra import example
from tests.infra.engine import run

OBJECTS = vpa.objects("minikube", dict.fromkeys(vpa.IMAGES, "1.8.1"), VpaSettings())
PLATFORM = Settings(platform=Platform(enabled=True, vpa=VpaSettings(enabled=True)))
WEBHOOK = "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration::emotion-vpa"
SECRET = f"kubernetes:core/v1:Secret::emotion-vpa/{vpa.CERTIFICATE}"


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [item for item in OBJECTS if item["kind"] == kind]


def test_vpa_is_as_reviewed(golden: Callable[[str, str], None]) -> None:
    """But for the definitions, which are upstream's."""
    ours = [item for item in OBJECTS if item["kind"] != "CustomResourceDefinition"]
    golden("vpa.yaml", yaml.safe_dump_all(ours, sort_keys=False))


def test_without_its_setting_there_is_no_vpa() -> None:
    assert "vpa" not in program.platform_objects(example.inputs(Settings(platform=Platform(enabled=True))))
    assert "vpa" in program.platform_objects(example.inputs(PLATFORM))


def test_the_three_programs_are_of_one_release() -> None:
    """They share the definitions."""
    assert len({load().image(image) for image in vpa.IMAGES.values()}) == 1


def test_the_definitions_are_upstreams() -> None:
    go = find_go()
    module = module_folder(go.path, "vpa", "k8s.io/autoscaler/vertical-pod-autoscaler") if go else None
    if module is None:
        pytest.skip(
            "the source of VPA is not on this machine; python -m embedded.toolchain vpa-updater brings it"
        )
    assert vpa.DEFINITIONS.read_bytes() == Path(module, "deploy", "vpa-v1-crd-gen.yaml").read_bytes()


def test_the_settings_are_the_programs_flags() -> None:
    quick = VpaSettings(
        True, recommender_seconds=10, updater_seconds=20, cpu_half_life_minutes=3, patience_minutes=4
    )
    given = [*vpa.recommender("1", quick).arguments, *vpa.updater("1", quick).arguments]
    assert {
        "--recommender-interval=10s",
        "--updater-interval=20s",
        "--cpu-histogram-decay-half-life=3m",
        "--in-recommendation-bounds-eviction-lifetime-threshold=4m",
    } <= set(given)


def test_the_webhook_sees_no_other_projects_pods_and_holds_none_up() -> None:
    (registration,) = of_kind("MutatingWebhookConfiguration")
    (hook,) = registration["webhooks"]
    assert hook["namespaceSelector"] == {"matchLabels": {"app.kubernetes.io/part-of": "emotion-serving"}}
    assert (hook["failurePolicy"], hook["timeoutSeconds"]) == ("Ignore", 5)


def test_no_program_may_change_a_workload_or_read_a_secret() -> None:
    rules = [rule for item in of_kind("ClusterRole") for rule in item["rules"]]
    changing = {
        kind for rule in rules for kind in rule["resources"] if set(rule["verbs"]) - {"get", "list", "watch"}
    }
    assert changing == {
        "events",
        "pods",
        "pods/eviction",
        "pods/resize",
        "verticalpodautoscalercheckpoints",
        "verticalpodautoscalers/status",
    }
    assert not any("secrets" in rule["resources"] or "*" in rule["resources"] for rule in rules)


def test_the_api_server_is_told_the_certificate_that_the_webhook_shows() -> None:
    def declared() -> Any:
        return program.declare_stack(example.inputs(PLATFORM))[KEY].apply(lambda _: None)

    registered = run(declared).registered
    hooks = cast("list[dict[str, dict[str, str]]]", registered[WEBHOOK]["webhooks"])
    shown = cast("dict[str, dict[str, str]]", registered[SECRET]["data"])["value"]["tls.crt"]
    assert hooks[0]["clientConfig"]["caBundle"] == shown
    assert base64.b64decode(shown).startswith(b"-----BEGIN CERTIFICATE-----")


def test_the_certificate_is_for_the_name_by_which_the_api_server_calls() -> None:
    (secret,) = of_kind("Secret")
    assert certificate.hosts_of(cast("KubeObject", secret)) == ("vpa-admission-controller.emotion-vpa.svc",)
    assert name_of(secret) == vpa.CERTIFICATE
