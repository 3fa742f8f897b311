"""Brings every program of the toolchain to this machine: Debian's, Go's and those already there."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from embedded.machine import paths
from embedded.machine.lock import exclusive
from embedded.machine.versions import pins
from embedded.toolchain import build, debian
from embedded.toolchain.catalogue import C_COMPILER, Bundle, CProgram, DebianPackage, bundles, debian_packages
from embedded.toolchain.command import Say, say
from embedded.toolchain.errors import ToolchainError
from embedded.toolchain.golang import find_go, install_go
from embedded.toolchain.locate import Source, find_bundle, find_package

Item = Bundle | DebianPackage


def ensure(names: Iterable[str] | None = None, tell: Say = say) -> None:
    """Make sure that the named programs (default: all but those built on demand) are there.

    Prints one line a step, waits for another run that installs, and costs nothing when all is there.
    Raises ToolchainError with what to do when a program cannot be had.
    """
    wanted = select(names)
    try:
        if missing(wanted):
            _install_alone(wanted, tell)
        link(wanted)
    except OSError as error:
        raise ToolchainError(
            f"{error.filename}: {error.strerror}\n  try: free some disk, or set XDG_CACHE_HOME"
        ) from error


def tool(name: str) -> Path:
    """The path of a program; one that is built on demand is built now. ToolchainError if it is missing."""
    items = select((name,))
    if any(isinstance(item, Bundle) and not item.by_default for item in items):
        ensure((name,))
    for source in _sources(items):
        if source.name == name:
            return source.path
    raise ToolchainError(f"{name}: not installed\n  try: python -m embedded.toolchain {name}")


def inventory() -> tuple[Source, ...]:
    """Every program of the toolchain that is there, with its version and whose it is."""
    go = find_go()
    return (*((go,) if go else ()), *_sources((*debian_packages(), *bundles(pins()))))


def select(names: Iterable[str] | None) -> tuple[Item, ...]:
    """The packages and bundles that hold the named programs; ToolchainError for an unknown name."""
    catalogue: tuple[Item, ...] = (*debian_packages(), *bundles(pins()))
    if names is None:
        return tuple(item for item in catalogue if item.by_default)
    wanted = set(names)
    known = {name for item in catalogue for name in offered(item)}
    if wanted - known:
        raise ToolchainError(
            f"{', '.join(sorted(wanted - known))}: unknown program; known: {', '.join(sorted(known))}"
        )
    return tuple(item for item in catalogue if wanted & offered(item))


def packaged() -> tuple[str, ...]:
    """Names of all that Debian's packages bring by default."""
    return tuple(name for item in select(None) if isinstance(item, DebianPackage) for name in offered(item))


def built() -> tuple[str, ...]:
    """Names of all programs that are built by default."""
    return tuple(name for item in select(None) if isinstance(item, Bundle) for name in item.programs)


def offered(item: Item) -> set[str]:
    """The names under which an item's programs are asked for."""
    if isinstance(item, Bundle):
        return set(item.programs)
    return {*item.programs, *((item.named_file.name,) if item.named_file else ())}


def to_install() -> tuple[str, ...]:
    """Default Debian packages that are not there."""
    return tuple(item.packages[0] for item in missing(select(None)) if isinstance(item, DebianPackage))


def to_build() -> tuple[str, ...]:
    """Default programs that are not there and must be built."""
    return tuple(item.name for item in missing(select(None)) if isinstance(item, Bundle))


def missing(items: Sequence[Item]) -> tuple[Item, ...]:
    """Those that must be installed or built, and the compiler if one of them is a C program."""
    found = tuple(item for item in items if _find(item) is None)
    has_c = any(
        isinstance(part, CProgram) for item in found if isinstance(item, Bundle) for part in item.parts
    )
    needs_compiler = has_c and C_COMPILER not in found and _find(C_COMPILER) is None
    return (C_COMPILER, *found) if needs_compiler else found


def link(items: Sequence[Item]) -> None:
    """Put a link to each program into the folder that goes on PATH, where Pulumi wants no plugin."""
    folder = paths.tools()
    folder.mkdir(parents=True, exist_ok=True)
    for source in _sources(items):
        place = folder / source.name
        is_plugin = source.name.startswith("pulumi-resource-")  # found there, it is used with a warning
        is_program = source.path.is_file() and os.access(source.path, os.X_OK) and not is_plugin
        if is_program and not (place.is_symlink() and place.readlink() == source.path):
            temporary = folder / f".{source.name}.{os.getpid()}"
            temporary.symlink_to(source.path)
            temporary.replace(place)


def _find(item: Item) -> tuple[Source, ...] | None:
    return find_bundle(item) if isinstance(item, Bundle) else find_package(item)


def _sources(items: Sequence[Item]) -> tuple[Source, ...]:
    return tuple(source for item in items for source in _find(item) or ())


def _install_alone(wanted: Sequence[Item], tell: Say) -> None:
    """Debian's packages and Go's programs under a lock each: they are brought beside each other."""
    if any(isinstance(item, DebianPackage) for item in missing(wanted)):
        with exclusive(paths.cache() / "packages.lock", tell):
            _install_packages(missing(wanted), tell)
    if any(isinstance(item, Bundle) for item in wanted):
        with exclusive(paths.cache() / "toolchain.lock", tell):
            build.clear_unfinished()
            _build_programs(missing(wanted), tell)


def _install_packages(items: Sequence[Item], tell: Say) -> None:
    packages = [item for item in items if isinstance(item, DebianPackage)]
    if packages:
        debian.install(packages, tell)
        _insist(packages)


def _build_programs(items: Sequence[Item], tell: Say) -> None:
    bundles_ = [item for item in items if isinstance(item, Bundle)]
    if bundles_:
        build.build(bundles_, install_go(tell).path, tell)


def _insist(packages: Sequence[DebianPackage]) -> None:
    """apt-get may succeed and still leave a program that is too old for us."""
    for package in packages:
        if find_package(package) is None:
            rule = package.path_rule
            needed = f" {rule.minimum} or newer" if rule else ""
            raise ToolchainError(
                f"{package.packages[0]}: apt-get installed it, but there is still no "
                f"{', '.join(package.programs or map(str, package.needs_files))}{needed}\n"
                "  try: remove an older one from PATH, or use a newer Debian or Ubuntu"
            )
