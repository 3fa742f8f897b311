"""Brings the registry up to date: builds and pushes each image whose content key it does not show."""

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from embedded.machine import paths
from embedded.machine.lock import exclusive
from embedded.machine.versions import pins
from embedded.mirror.catalogue import inventory, recipes
from embedded.mirror.docker import Build, Docker
from embedded.mirror.errors import MirrorError
from embedded.mirror.names import full, mirror_path
from embedded.mirror.recipe import (
    KEY_LABEL,
    Heartbeat,
    Image,
    Recipe,
    content_key,
    labels,
    open_to_all,
    with_bases,
)
from embedded.mirror.registry import Registry


def say(line: str) -> None:
    print(f"mirror: {line}", flush=True)


def ensure(names: Iterable[str] | None = None) -> None:
    """Make the registry serve the named images (default: all that are not optional), building what changed.

    An image counts as there only if its label shows the key of its present recipe and inputs, and a registry
    shows an image only when all of it has been pushed: a killed run leaves nothing that passes for done.
    Raises MirrorError or ToolchainError, with what to do, if an image cannot be had.
    """
    wanted = select(names)
    registry = Registry(paths.REGISTRY)
    registry.check()
    with exclusive(paths.cache() / "mirror.lock", say):
        outdated = stale(wanted, registry)
        if not outdated:
            say(f"{len(wanted)} images up to date")
            return
        docker = Docker(paths.docker_socket())
        docker.check()
        for recipe, key in outdated:
            _make(recipe, key, docker)
        docker.forget_replaced()


def without_programs() -> tuple[str, ...]:
    """The names of the usual images for which nothing has to be compiled."""
    usual = (recipe for recipe in recipes(pins()) if not recipe.optional)
    return tuple(recipe.image.name for recipe in usual if not recipe.needs_programs)


def served() -> Mapping[str, str]:
    """The digest of every image that the registry serves, by the full reference that the node knows it by."""
    registry = Registry(paths.REGISTRY)
    found = {
        f"{full(image.name)}:{image.tag}": registry.digest(mirror_path(image.name), image.tag)
        for image in inventory()
    }
    return {reference: digest for reference, digest in found.items() if digest}


def select(names: Iterable[str] | None) -> tuple[Recipe, ...]:
    """The named images' recipes, with those of their bases. MirrorError for an unknown name."""
    everything = recipes(pins())
    known = {recipe.image.name for recipe in everything}
    usual = {recipe.image.name for recipe in everything if not recipe.optional}
    wanted = usual if names is None else set(names)
    if wanted - known:
        raise MirrorError(
            f"{', '.join(sorted(wanted - known))}: unknown image; known: {', '.join(sorted(known))}"
        )
    return with_bases(wanted, everything)


def stale(wanted: Iterable[Recipe], registry: Registry) -> tuple[tuple[Recipe, str], ...]:
    """The recipes whose present key the registry does not show, each with that key."""
    keys: dict[str, str] = {}
    for recipe in wanted:
        keys[recipe.image.name] = content_key(recipe, keys)
    return tuple(
        (recipe, keys[recipe.image.name])
        for recipe in wanted
        if _served_key(recipe.image, registry) != keys[recipe.image.name]
    )


def _served_key(image: Image, registry: Registry) -> str | None:
    return (registry.labels(mirror_path(image.name), image.tag) or {}).get(KEY_LABEL)


def _make(recipe: Recipe, key: str, docker: Docker) -> None:
    image = recipe.image
    start = time.monotonic()
    say(f"{image.reference} … building ({image.kind})")
    pushed = f"{paths.REGISTRY}/{mirror_path(image.name)}:{image.tag}"
    tags = (image.reference, pushed)
    with _context(recipe, partial(_still, image, "preparing")) as context:
        build = Build(context, tags, labels(image, key), _arguments(recipe))
        docker.build(build, partial(_still, image, "building"))
    built = time.monotonic()
    docker.push(pushed, partial(_still, image, "pushing"))
    size = docker.size(image.reference) / 1e6
    say(
        f"{image.reference} … built in {built - start:.0f} s, "
        f"pushed in {time.monotonic() - built:.0f} s, {size:.0f} MB"
    )


def _still(image: Image, doing: str, seconds: float) -> None:
    say(f"{image.reference} … {doing}, {seconds:.0f} s")


def _arguments(recipe: Recipe) -> dict[str, str]:
    bases = {other.image.name: other.image.reference for other in recipes(pins())}
    base = {"BASE": bases[recipe.base]} if recipe.base else {}
    return {**base, "VERSION": recipe.image.tag}


@contextmanager
def _context(recipe: Recipe, still: Heartbeat) -> Iterator[Path]:
    """The build context: the Dockerfile's folder with its ingredients; gone afterwards, whatever happens."""
    work = paths.cache() / "mirror-work"
    shutil.rmtree(work, ignore_errors=True)
    context = work / recipe.folder.name
    try:
        shutil.copytree(recipe.folder, context, ignore=shutil.ignore_patterns("__pycache__"))
        for ingredient in recipe.ingredients:
            ingredient.place(context, still)
        open_to_all(context)
        yield context
    finally:
        shutil.rmtree(work, ignore_errors=True)
