"""A whole stack: what it renders, and what Pulumi is told, without deploying one."""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pulumi
import pytest

from infra import declare
from infra import program as stack
from stack import kube, outputs, settings
from stack.namespaces import Placement
from stack.settings import Autoscaling, Gateway, GatewayPlatform, Platform, ServiceSettings, Settings
from tests.infra import differences, example
from tests.infra.engine import run
from tests.rules.reading import Stack
from tests.rules.stacks import all_stacks

LOCAL = Settings(platform=Platform(enabled=True))


WHOLE = replace(
    LOCAL,
    autoscaling=Autoscaling(),
    image_pull_secret='{"auths": {"registry.example.com": {"auth": "canary"}}}',
    service=ServiceSettings(gateway=Gateway(host="emotions.example.com", key="canary-canary-canary")),
    platform=Platform(enabled=True, gateway=GatewayPlatform(enabled=True)),
)
STACKS = {each.name: each for each in all_stacks()}
WHOLES = ("minikube", "tf-default")  # written out; every other stack as what differs from the first


@pytest.mark.parametrize("each", STACKS.values(), ids=lambda each: each.name)
def test_every_stack_renders_as_reviewed(each: Stack, golden: Callable[[str, str], None]) -> None:
    if each.name in WHOLES:
        golden(f"stacks/{each.name}.yaml", differences.whole(each))
    else:
        golden(f"stacks/{each.name}.diff", differences.differences(each, STACKS[WHOLES[0]]))


def test_every_namespace_of_ours_enforces_the_restricted_profile() -> None:
    objects = stack.render(example.inputs(LOCAL))
    namespaces = [item for item in objects if item["kind"] == "Namespace"]
    assert len(namespaces) == 3
    for item in namespaces:
        labels = cast("dict[str, dict[str, str]]", item["metadata"])["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_variant_leaves_the_platform_to_another_stack() -> None:
    assert stack.platform_objects(example.inputs(Settings())) == {}


def test_all_of_a_variant_is_in_its_namespace() -> None:
    for each in STACKS.values():
        if not each.settings.platform.enabled:
            apart = [item for item in each.objects if item["kind"] != "Namespace"]
            assert len(apart) == len(each.objects) - 1
            places = {cast("dict[str, str]", item["metadata"])["namespace"] for item in apart}
            assert places == {Placement(each.name).namespace}


def test_metrics_server_distrusts_kubelets_except_on_minikube() -> None:
    embedded = str(stack.platform_objects(example.inputs(LOCAL))["metrics-server"])
    minikube = str(stack.platform_objects(example.inputs(LOCAL, example.MINIKUBE))["metrics-server"])
    assert "--kubelet-certificate-authority=/ca/ca.crt" in embedded
    assert "--kubelet-insecure-tls" not in embedded
    assert "--kubelet-insecure-tls" in minikube


def test_a_new_model_is_a_new_image_and_only_for_its_server() -> None:
    old = example.inputs(LOCAL)
    new = example.with_model(old, "c" * 64)

    before, after = ([plan.image.name for plan in stack.plans(each)] for each in (old, new))
    assert before[0] != after[0]
    assert before[1] == after[1]


def deployed(inputs: stack.Inputs) -> tuple[dict[str, dict[str, object]], dict[str, object]]:
    exported = dict[str, object]()
    engine = run(lambda: stack.declare_stack(inputs)[outputs.KEY].apply(exported.update))
    return engine.registered, exported


def test_outputs_name_every_server_with_its_address() -> None:
    _, exported = deployed(example.inputs(LOCAL))
    endpoints = cast("list[dict[str, str]]", exported["endpoints"])
    assert [endpoint["url"] for endpoint in endpoints] == [
        "http://127.0.0.1:30080/v1/models/emotions:predict",
        "http://127.0.0.1:30080/predictions/emotions",
    ]


@pytest.mark.parametrize("servers", [("tensorflow",), ("torchserve",)])
def test_a_stack_with_one_server_builds_one_image(servers: tuple[str, ...]) -> None:
    registered, _ = deployed(example.inputs(replace(Settings(), servers=servers)))
    assert len([name for name in registered if name.startswith("docker:index/image:Image::")]) == 1


def test_a_precision_that_was_not_exported_is_refused() -> None:
    def said(precision: str, *servers: str) -> list[str]:
        wanted = replace(LOCAL, servers=servers, triton=settings.Triton(precision=precision))
        return [str(each) for each in stack.unexported(example.inputs(wanted))]

    assert said("f32", "triton") == said("int8", "tensorflow") == []
    (problem,) = said("int8", "triton")
    assert problem.startswith("triton.precision: expected an exported one (f32), got int8; ")


def test_an_adopted_model_is_served_under_its_own_name() -> None:
    wanted = replace(example.inputs(Settings(servers=("triton",))), manifest=example.ADOPTED)
    assert not [*stack.unserved(wanted), *stack.unexported(wanted)]
    rendered = str(stack.render(wanted))
    assert "/models/iris/configs" in rendered
    assert "input [ ] output [ ]" in rendered
    assert "emotions" not in rendered
    (plan,) = stack.plans(wanted)
    assert plan.image.build().args == {
        "BASE": plan.image.base_image,
        "MODEL": "iris",
        "MODEL_DIGEST": "e" * 64,
    }


def test_a_server_that_a_model_was_not_exported_for_is_refused() -> None:
    wanted = replace(example.inputs(Settings(servers=("tensorflow", "triton"))), manifest=example.ADOPTED)
    (problem,) = map(str, stack.unserved(wanted))
    assert problem.startswith("servers: expected those that iris is exported for (triton), got")


def test_triton_finds_its_configuration_and_shared_memory() -> None:
    wanted = replace(LOCAL, servers=("triton",))
    (pod,) = (
        each
        for each in stack.render(example.inputs(wanted))
        if each["kind"] == "Deployment" and kube.name_of(each) == "triton"
    )
    assert "'mountPath': '/models/emotions/configs', 'readOnly': True" in str(pod)
    assert "'emptyDir': {'medium': 'Memory', 'sizeLimit': '256Mi'}" in str(pod)
    assert "'mountPath': '/dev/shm'" in str(pod)


def test_every_rendered_object_is_declared_in_the_stacks_own_cluster() -> None:
    registered, _ = deployed(example.inputs(WHOLE))
    declared = [name for name in registered if name.startswith("kubernetes:")]
    assert len(declared) == len(stack.render(example.inputs(WHOLE)))


def test_outputs_carry_the_intended_settings_and_no_secret() -> None:
    _, exported = deployed(example.inputs(WHOLE))
    assert "canary" not in str(exported)
    told = outputs.decode(exported)
    assert settings.read(told.settings) == settings.without_secrets(WHOLE)


def test_outputs_name_the_autoscaler_that_owns_the_replicas() -> None:
    _, fixed = deployed(example.inputs(replace(Settings(), replicas=2)))
    _, scaled = deployed(example.inputs(WHOLE))
    assert [(e.replicas, e.autoscaler) for e in outputs.decode(fixed).endpoints] == [(2, None)] * 2
    assert [(e.replicas, e.autoscaler) for e in outputs.decode(scaled).endpoints] == [
        (None, "tensorflow-serving"),
        (None, "torchserve"),
    ]


def test_a_gateway_is_the_address_that_clients_use() -> None:
    _, exported = deployed(example.inputs(WHOLE))
    assert [endpoint.url for endpoint in outputs.decode(exported).endpoints] == [
        "https://emotions.example.com:30080/v1/models/emotions:predict",
        "https://emotions.example.com:30080/predictions/emotions",
    ]


def test_a_variant_is_reached_by_the_gateway_that_the_cluster_has() -> None:
    wanted = Settings(servers=("torchserve",), service=ServiceSettings(gateway=Gateway()))
    _, exported = deployed(replace(example.inputs(wanted), gateway="127.0.0.1:31443"))
    (endpoint,) = outputs.decode(exported).endpoints
    assert endpoint.url == "https://127.0.0.1:31443/predictions/emotions"
    assert endpoint.door.keyed
    assert str(endpoint.door.certificate).startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE KEY" not in str(exported)


def test_the_key_of_a_gateway_is_an_output_of_its_own_and_secret() -> None:
    found, secret, waiting = list[str](), list[bool](), list[asyncio.Future[None]]()

    async def told(key: pulumi.Output[str]) -> None:
        secret.append(await key.is_secret())

    def program() -> pulumi.Output[None]:
        key = stack.declare_stack(example.inputs(WHOLE))[outputs.GATEWAY_KEY]
        waiting.append(asyncio.ensure_future(told(key)))
        return key.apply(found.append)

    run(program)
    assert (found, secret) == (["canary-canary-canary"], [True])


def test_nothing_but_the_gateway_is_published() -> None:
    services = [item for item in stack.render(example.inputs(WHOLE)) if item["kind"] == "Service"]
    kinds = {kube.name_of(item): cast("dict[str, str]", item["spec"])["type"] for item in services}
    assert {name for name, kind in kinds.items() if kind != "ClusterIP"} == {"traefik", "grafana"}


def test_policies_stand_before_the_pods_that_they_protect() -> None:
    kinds = [str(item["kind"]) for item in stack.render(example.inputs(Settings()))]
    assert kinds[0] == "Namespace"
    assert kinds.index("NetworkPolicy") < kinds.index("Deployment")


def declared_secret(item: kube.KubeObject) -> tuple[bool, dict[str, str]]:
    """Whether Pulumi keeps the Secret's values encrypted, and the values."""

    async def resolve() -> tuple[bool, dict[str, str]]:
        values = cast("pulumi.Output[dict[str, str]]", declare.with_secrets(item)["data"])
        encoded = cast("dict[str, str]", await values.future())
        shown = {name: base64.b64decode(text).decode() for name, text in encoded.items()}
        return await values.is_secret(), shown

    return asyncio.run(resolve())


def test_the_values_of_a_secret_are_secret_to_pulumi() -> None:
    objects = stack.render(example.inputs(WHOLE))
    (credentials,) = (item for item in objects if kube.name_of(item) == "registry-credentials")
    assert declared_secret(credentials) == (True, {".dockerconfigjson": WHOLE.image_pull_secret})


def test_a_generated_value_is_random_and_secret() -> None:
    item: kube.KubeObject = {"kind": "Secret", "stringData": {"password": kube.GENERATED, "user": "admin"}}
    (encrypted, one), (_, other) = declared_secret(item), declared_secret(item)
    assert encrypted
    assert one["user"] == "admin"
    assert len(one["password"]) >= 40
    assert one["password"] != other["password"]
