"""What `docker.Image` is given: read, checked and completed."""

import platform
from dataclasses import dataclass
from pathlib import Path

from embedded.standins.docker_plugin import context
from embedded.standins.docker_plugin.values import (
    Object,
    Value,
    as_list,
    as_object,
    as_text,
    has_unknown,
    reveal_object,
)

TOP = frozenset(("imageName", "build", "buildOnPreview", "registry", "skipPush"))
BUILD = frozenset(
    (
        "addHosts",
        "args",
        "builderVersion",
        "cacheFrom",
        "context",
        "contextDigest",
        "dockerfile",
        "network",
        "platform",
        "target",
    )
)
BUILDERS = ("BuilderV1", "BuilderBuildKit")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Failure:
    """An input that cannot be used, and why."""

    property: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """The inputs as they will be recorded, with defaults filled in, and what is wrong with them."""

    inputs: Object
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Build:
    """How to build; paths are as the user gave them."""

    context: Path
    dockerfile: Path
    platform: str
    args: tuple[tuple[str, str], ...] = ()
    add_hosts: tuple[str, ...] = ()
    cache_from: tuple[str, ...] = ()
    network: str = ""
    target: str = ""
    classic: bool = False


@dataclass(frozen=True)
class Login:
    """Credentials for one registry; an empty user means those of the docker configuration."""

    server: str = ""
    username: str = ""
    password: str = ""


@dataclass(frozen=True)
class Image:
    """One image to build, and to push unless `skip_push`."""

    name: str
    build: Build
    login: Login
    skip_push: bool


def host_platform() -> str:
    """The platform of images that run on this machine: `linux/amd64`."""
    machine = platform.machine()
    return f"linux/{ARCHITECTURES.get(machine, machine)}"


def read(inputs: Object) -> Image:
    """The typed form of known inputs."""
    plain = reveal_object(inputs)
    build, registry = as_object(plain.get("build")), as_object(plain.get("registry"))
    folder = Path(as_text(build.get("context")) or ".")
    dockerfile = as_text(build.get("dockerfile"))
    return Image(
        name=as_text(plain.get("imageName")),
        build=Build(
            context=folder,
            dockerfile=Path(dockerfile) if dockerfile else folder / context.DOCKERFILE,
            platform=as_text(build.get("platform")) or host_platform(),
            args=tuple((key, as_text(value)) for key, value in as_object(build.get("args")).items()),
            add_hosts=_texts(build.get("addHosts")),
            cache_from=_texts(as_object(build.get("cacheFrom")).get("images")),
            network=as_text(build.get("network")),
            target=as_text(build.get("target")),
            classic=build.get("builderVersion") == "BuilderV1",
        ),
        login=Login(*(as_text(registry.get(key)) for key in ("server", "username", "password"))),
        skip_push=plain.get("skipPush") is True,
    )


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(as_text(item) for item in as_list(value))


def check(inputs: Object) -> Checked:
    """The inputs with their defaults and the context's digest; what is wrong with them."""
    failures = _unserved(inputs)
    build = as_object(inputs.get("build"))
    if failures or has_unknown(build):
        return Checked(inputs, tuple(failures))
    image = read(inputs)
    failures = _file_failures(image.build)
    if not has_unknown(inputs.get("imageName")):
        failures += _name_failures(image)
    complete: Object = {
        **build,
        "context": str(image.build.context),
        "dockerfile": str(image.build.dockerfile),
        "platform": image.build.platform,
    }
    if not failures:
        complete["contextDigest"] = context.digest(image.build.context, image.build.dockerfile)
    return Checked({"buildOnPreview": False, **inputs, "build": complete}, tuple(failures))


def _unserved(inputs: Object) -> list[Failure]:
    build = inputs.get("build")
    if isinstance(build, str):
        return [Failure("build", "expected an object such as {context: ./app}, got a string")]
    unknown = [key for key in inputs if key not in TOP]
    unknown += [f"build.{key}" for key in as_object(build) if key not in BUILD]
    failures = [Failure(key, "not served by the embedded docker plugin; remove it") for key in unknown]
    version = as_object(build).get("builderVersion", BUILDERS[0])
    if isinstance(version, str) and version not in BUILDERS:
        reason = f"expected one of {', '.join(BUILDERS)}, got {version}"
        failures.append(Failure("build.builderVersion", reason))
    if inputs.get("buildOnPreview") is True:
        failures.append(
            Failure("buildOnPreview", "the embedded docker plugin builds on update only; remove it")
        )
    return failures


def _file_failures(build: Build) -> list[Failure]:
    if not build.context.is_dir():
        reason = f"expected a folder, got {build.context} (seen from {Path.cwd()}); there is none"
        return [Failure("build.context", reason)]
    if build.dockerfile.is_file():
        return []
    reason = f"expected a file, got {build.dockerfile} (seen from {Path.cwd()}); there is none"
    inside = build.context / build.dockerfile
    if inside.is_file():
        reason += f"; try {inside}"
    return [Failure("build.dockerfile", reason)]


def _name_failures(image: Image) -> list[Failure]:
    pushed = [] if image.skip_push else [("imageName", image.name)]
    cached = [("build.cacheFrom.images", name) for name in image.build.cache_from]
    failures = []
    for key, name in (*pushed, *cached):
        if not fully_qualified(name):
            reason = f"expected a fully qualified name such as docker.io/library/app:1, got {name}"
            failures.append(Failure(key, f"{reason}; name its registry, or set skipPush"))
    if not image.name:
        failures.append(Failure("imageName", "expected a name, got none"))
    return failures


def fully_qualified(name: str) -> bool:
    """Whether an image name begins with its registry."""
    registry, slash, path = name.partition("/")
    is_host = "." in registry or ":" in registry or registry == "localhost"
    return bool(slash and path) and is_host and (registry != "docker.io" or "/" in path)


def repository_of(name: str) -> str:
    """An image name without its tag and digest."""
    name = name.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"
