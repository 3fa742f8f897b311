"""KEDA as the platform declares it: upstream's kinds, rights no wider than they must be."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from embedded.toolchain.golang import find_go, module_folder
from infra import program
from infra.scaling import keda, resources
from stack.kube import KubeObject, name_of
from stack.settings import Autoscaling, KedaSettings, Platform, Settings
from stack.versions import load
from tests.infra import example
from tests.rules import manifests
from tests.rules.reading import Stack

TAGS = dict.fromkeys(keda.IMAGES, "2.21.0")
OBJECTS = keda.objects("minikube", TAGS)
PLATFORM = Settings(platform=Platform(enabled=True, keda=KedaSettings(enabled=True)))
SCALED = replace(PLATFORM, autoscaling=Autoscaling(scaler="keda", metric="requestRate", target=40))


def of_kind(kind: str) -> list[KubeObject]:
    return [item for item in OBJECTS if item["kind"] == kind]


def test_keda_is_as_reviewed(golden: Callable[[str, str], None]) -> None:
    """But for the definition that is upstream's."""
    ours = [item for item in OBJECTS if name_of(item) != "scaledobjects.keda.sh"]
    golden("keda.yaml", yaml.safe_dump_all(ours, sort_keys=False))


def test_without_its_setting_there_is_no_keda() -> None:
    assert "keda" not in program.platform_objects(example.inputs(Settings(platform=Platform(enabled=True))))
    assert "keda" in program.platform_objects(example.inputs(PLATFORM))


def test_both_programs_are_of_one_release() -> None:
    """They talk to each other."""
    assert len({load().image(image) for image in keda.IMAGES.values()}) == 1


def test_the_definition_of_scaled_objects_is_upstreams() -> None:
    go = find_go()
    module = module_folder(go.path, "keda", "github.com/kedacore/keda/v2") if go else None
    if module is None:
        pytest.skip("the source of KEDA is not on this machine; python -m embedded.toolchain keda brings it")
    upstream = Path(module) / "config" / "crd" / "bases" / "keda.sh_scaledobjects.yaml"
    assert resources.FILE.read_bytes() == upstream.read_bytes()


def test_every_kind_that_the_operator_watches_is_defined() -> None:
    """It ends after two minutes without one of them (cmd/operator sets up a controller for each)."""
    watched = {
        resource.partition("/")[0]
        for rule in cast("tuple[dict[str, list[str]], ...]", keda.IN_CLUSTER)
        for resource in rule["resources"]
        if set(rule["apiGroups"]) & {"keda.sh", "eventing.keda.sh"}
    }
    defined = {name_of(item).partition(".")[0] for item in of_kind("CustomResourceDefinition")}
    assert watched == defined


def test_only_scaled_objects_can_be_made() -> None:
    def refuses(item: Any) -> bool:
        (version,) = item["spec"]["versions"]
        rules = version["schema"]["openAPIV3Schema"].get("x-kubernetes-validations", ())
        return any(rule["rule"] == "false" for rule in rules)

    taken = [name_of(item) for item in of_kind("CustomResourceDefinition") if not refuses(item)]
    assert taken == ["scaledobjects.keda.sh"]


def test_secrets_are_read_at_home_only_and_no_right_is_for_everything() -> None:
    for role in of_kind("ClusterRole"):
        for rule in cast("list[dict[str, list[str]]]", role["rules"]):
            assert "secrets" not in rule["resources"]
            assert "*" not in (*rule["apiGroups"], *rule["verbs"])


EXCEPTIONS = {
    "read-only-rights": "it writes autoscalers, and reads its own Secret",
    "wildcard-in-rules": "the autoscalers' controller asks for any external metric",
    "env-var-secret": "KEDA_RESTRICT_SECRET_ACCESS holds none",
    "non-existent-volume-source": "the operator makes its certificates",
}


def test_its_objects_keep_our_rules_but_where_an_operator_cannot() -> None:
    inputs = example.inputs(SCALED)
    found = manifests.findings(Stack("minikube", SCALED, program.render(inputs)))
    assert {rule for rule, item, _ in found if "keda" in item} == set(EXCEPTIONS)


def test_a_scaled_object_comes_after_keda_and_goes_before_it() -> None:
    parts = {part.name: part for part in program.parts(example.inputs(SCALED))}
    assert "keda" in parts["tensorflow-serving"].after
    assert (
        "keda"
        not in {part.name: part for part in program.parts(example.inputs(PLATFORM))}["torchserve"].after
    )
