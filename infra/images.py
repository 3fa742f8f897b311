"""The serving images. They are named by their content: a new model is a new name, a new setting is not."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_docker as docker

from infra.target import Delivery
from model_build.manifest import Export, Manifest
from stack.servers.server import Image
from stack.versions import Versions

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class ImagePlan:
    """Everything that decides one image. `name` is its full reference with a content-addressed tag."""

    name: str
    context: Path
    dockerfile: Path
    base_image: str
    model_digest: str

    def build(self) -> docker.DockerBuildArgs:
        """The build, without a network; relative paths make its state the same in every checkout."""
        return docker.DockerBuildArgs(
            context=os.path.relpath(self.context),
            dockerfile=os.path.relpath(self.dockerfile),
            args={"BASE": self.base_image, "MODEL_DIGEST": self.model_digest},
            network="none",
        )


@dataclass(frozen=True)
class Ingredients:
    """What goes into the images: exported models in a folder, and versions of base images."""

    manifest: Manifest
    artifacts: Path
    versions: Versions


def plan(image: Image, made: Ingredients, repository: str) -> ImagePlan:
    """The image of one model server: its tag covers the Dockerfile, the base image and the exported model."""
    dockerfile = ROOT / "images" / image.folder / "Dockerfile"
    base_image = f"{image.upstream}:{made.versions.image(image.upstream)}"
    export: Export = getattr(made.manifest, image.export)
    parts = (dockerfile.read_text(), base_image, export.digest)
    tag = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    return ImagePlan(
        name=f"{repository}/{image.name}:{tag}",
        context=made.artifacts / export.folder,
        dockerfile=dockerfile,
        base_image=base_image,
        model_digest=export.digest,
    )


def reference(image: docker.Image, wanted: ImagePlan, delivery: Delivery) -> pulumi.Input[str]:
    """What a pod must name: the pushed digest; the tag where the cluster shares the builder's images."""
    return image.repo_digest if delivery.push else wanted.name


def builder(delivery: Delivery) -> docker.Provider:
    """The Docker daemon that builds."""
    return docker.Provider("builder", host=delivery.daemon.host, cert_path=delivery.daemon.cert_path)


def declare(
    name: str, wanted: ImagePlan, delivery: Delivery, options: pulumi.ResourceOptions
) -> docker.Image:
    """Build the image and, where the cluster pulls it, push it."""
    return docker.Image(
        name,
        image_name=wanted.name,
        build=wanted.build(),
        skip_push=not delivery.push,
        opts=options,
    )
