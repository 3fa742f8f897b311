"""A stack's inputs without cluster and without trained models."""

from dataclasses import replace
from pathlib import Path

from infra.program import Inputs
from infra.target import Delivery, DockerDaemon, Target
from model_build.manifest import Dataset, Export, Input, Manifest, Network
from stack import versions
from stack.settings import Settings

EMBEDDED = Target("embedded", "127.0.0.1", Delivery("127.0.0.1:5000", push=True, daemon=DockerDaemon()))
MINIKUBE = Target(
    "minikube",
    "192.0.2.1",
    Delivery("docker.io/library", push=False, daemon=DockerDaemon("tcp://192.0.2.1:2376")),
)


def manifest(tensorflow_digest: str = "a" * 64) -> Manifest:
    return Manifest(
        name="emotions",
        version=1,
        seed=1,
        classes=("sad", "scared", "neutral", "happy", "angry"),
        input=Input(),
        dataset=Dataset("drawn faces", "d" * 64, 6, 4),
        tensorflow=Export("tensorflow", tensorflow_digest, 0.9, 0.8, ()),
        torchserve=Export("torchserve", "b" * 64, 0.9, 0.8, ()),
        triton=Export("triton", "c" * 64, 0.9, 0.8, (), (Network("f32", "f32.onnx", 0.8, 1.0),)),
        libraries=(),
    )


def inputs(settings: Settings, target: Target = EMBEDDED) -> Inputs:
    return Inputs(
        stack="minikube",
        settings=settings,
        target=target,
        manifest=manifest(),
        artifacts=Path("artifacts"),
        versions=versions.load(),
    )


def with_model(inputs_: Inputs, tensorflow_digest: str) -> Inputs:
    return replace(inputs_, manifest=manifest(tensorflow_digest))


ADOPTED = replace(
    manifest(),
    name="iris",
    classes=(),
    input=None,
    dataset=None,
    tensorflow=None,
    torchserve=None,
    triton=Export(
        "triton",
        "e" * 64,
        None,
        None,
        (),
        (Network("f32", "f32.onnx", None, None),),
        content_type="application/json",
        tensors="input [ ] output [ ]",
    ),
)
"""Of a model that was trained elsewhere and is exported for Triton."""
