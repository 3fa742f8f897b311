"""The serving images. They are named by their content: a new model is a new name, a new setting is not."""

import hashlib
import os
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_docker as docker

from infra.target import Delivery
from model_build.manifest import Manifest
from stack.schema import SettingsError
from stack.servers.server import Image
from stack.versions import Versions

ROOT = Path(__file__).resolve().parent.parent
FOLDER_MODE, FILE_MODE = 0o755, 0o644


@dataclass(frozen=True)
class ImagePlan:
    """Everything that decides one image. `name` is its full reference with a content-addressed tag."""

    name: str
    context: Path
    dockerfile: Path
    base_image: str
    model: str
    model_digest: str
    online: bool

    def build(self) -> docker.DockerBuildArgs:
        """The build, offline where it can be; relative paths make its state the same in every checkout."""
        return docker.DockerBuildArgs(
            context=os.path.relpath(self.context),
            dockerfile=os.path.relpath(self.dockerfile),
            args={"BASE": self.base_image, "MODEL": self.model, "MODEL_DIGEST": self.model_digest},
            network="default" if self.online else "none",
        )


@dataclass(frozen=True)
class Ingredients:
    """What goes into the images: exported models in a folder, and versions of base images."""

    manifest: Manifest
    artifacts: Path
    versions: Versions


def plan(image: Image, made: Ingredients, repository: str) -> ImagePlan:
    """The image of one model server: its tag covers Dockerfile, base image, exported model and odd modes."""
    dockerfile = ROOT / "images" / image.folder / "Dockerfile"
    base_image = f"{image.upstream}:{made.versions.image(image.upstream)}"
    export = made.manifest.exports[image.export]
    context = made.artifacts / export.folder
    parts = (dockerfile.read_text(), base_image, made.manifest.name, export.digest, *odd_modes(context))
    tag = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    return ImagePlan(
        name=f"{repository}/{image.name}:{tag}",
        context=context,
        dockerfile=dockerfile,
        base_image=base_image,
        model=made.manifest.name,
        model_digest=export.digest,
        online=image.online,
    )


def odd_modes(context: Path) -> tuple[str, ...]:
    """The files whose modes are not those that model_build gives: a copy may have others, and its image."""
    modes = ((path, stat.S_IMODE(path.stat().st_mode)) for path in sorted(context.rglob("*")))
    return tuple(
        f"{path.relative_to(context).as_posix()} {mode:o}"
        for path, mode in modes
        if mode != (FOLDER_MODE if path.is_dir() else FILE_MODE)
    )


def require_open(context: Path) -> None:
    """Raises SettingsError for a file that a server, another user than the one here, could not read."""
    for path in (context, *sorted(context.rglob("*"))) if context.is_dir() else ():
        mode = path.stat().st_mode
        if not mode & stat.S_IROTH or (path.is_dir() and not mode & stat.S_IXOTH):
            raise SettingsError(
                [
                    f"artifacts: expected files that every user may read, got mode {stat.S_IMODE(mode):o} of "
                    f"{path}; type: chmod -R a+rX {shlex.quote(str(context.parent))}"
                ]
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
