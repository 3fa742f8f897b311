"""A whole stack: what it renders, and what Pulumi is told, without deploying one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

import pulumi
import pytest
import yaml
from pulumi.runtime import mocks

from infra import images, kube, stack
from infra.serving import tf_serving, torchserve, workload
from infra.settings import Platform, Settings
from tests.infra import example

LOCAL = Settings(platform=Platform(enabled=True))


def rendered(inputs: stack.Inputs) -> list[kube.KubeObject]:
    serving = [
        item
        for server in stack.servers(inputs.settings, inputs.versions)
        for item in workload.objects(server, inputs.settings, inputs.placement, f"{server.image}:example")
    ]
    platform = [item for objects in stack.platform_objects(inputs).values() for item in objects]
    return [*platform, *stack.serving_room(inputs), *serving]


def test_the_local_stack_renders_as_reviewed(golden: Callable[[str, str], None]) -> None:
    golden("minikube.yaml", yaml.safe_dump_all(rendered(example.inputs(LOCAL)), sort_keys=False))


def test_every_namespace_of_ours_enforces_the_restricted_profile() -> None:
    namespaces = [item for item in rendered(example.inputs(LOCAL)) if item["kind"] == "Namespace"]
    assert len(namespaces) == 3
    for item in namespaces:
        labels = cast("dict[str, dict[str, str]]", item["metadata"])["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_variant_leaves_the_platform_to_another_stack() -> None:
    assert stack.platform_objects(example.inputs(Settings())) == {}


def test_metrics_server_distrusts_kubelets_except_on_minikube() -> None:
    embedded = str(stack.platform_objects(example.inputs(LOCAL))["metrics-server"])
    minikube = str(stack.platform_objects(example.inputs(LOCAL, example.MINIKUBE))["metrics-server"])
    assert "--kubelet-certificate-authority=/ca/ca.crt" in embedded
    assert "--kubelet-insecure-tls" not in embedded
    assert "--kubelet-insecure-tls" in minikube


def test_a_new_model_is_a_new_image_and_only_for_its_server() -> None:
    old = example.inputs(LOCAL)
    new = example.with_model(old, "c" * 64)

    def name(server: object, inputs: stack.Inputs) -> str:
        assert isinstance(server, type(tf_serving.server("1")))
        return images.plan(server, inputs.manifest, inputs.artifacts, "127.0.0.1:5000").name

    assert name(tf_serving.server("1"), old) != name(tf_serving.server("1"), new)
    assert name(torchserve.server("1"), old) == name(torchserve.server("1"), new)


@dataclass
class Engine(mocks.Mocks):
    """Records what the program registers, and answers as a cluster would."""

    registered: dict[str, dict[str, object]] = field(default_factory=dict)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, object]]:
        self.registered[f"{args.typ}::{args.name}"] = args.inputs
        state = dict(args.inputs)
        if args.typ == "kubernetes:core/v1:Service":
            ports = [{**port, "nodePort": 30080} for port in state["spec"]["ports"]]
            state["spec"] = {**state["spec"], "ports": ports}
        if args.typ == "docker:index/image:Image":
            state["repoDigest"] = f"{args.inputs['imageName'].split(':')[0]}@sha256:0"
        return args.name, state

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, object], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program calls {args.token}")


def deployed(inputs: stack.Inputs) -> tuple[dict[str, dict[str, object]], dict[str, object]]:
    engine, exported = Engine(), dict[str, object]()
    asyncio.set_event_loop(
        asyncio.new_event_loop()
    )  # Pulumi's test runner needs one, and others close theirs
    mocks.set_mocks(engine, preview=False)

    def program() -> pulumi.Output[None]:
        return stack.declare_stack(inputs).apply(exported.update)

    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
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


def test_every_rendered_object_is_declared_in_the_stacks_own_cluster() -> None:
    registered, _ = deployed(example.inputs(LOCAL))
    declared = [name for name in registered if name.startswith("kubernetes:")]
    assert len(declared) == len(rendered(example.inputs(LOCAL)))
