"""Builds a bundle beside its place, then renames it there: a killed build leaves no broken tool."""

import os
import shutil
import time
from functools import partial
from pathlib import Path

from embedded import paths
from embedded.toolchain.catalogue import GO_FOLDERS, Bundle, CProgram, GoProgram, ModuleFile, Part
from embedded.toolchain.command import Command, Say, run
from embedded.toolchain.errors import ToolchainError
from embedded.toolchain.golang import build_environment, module_folder, parallelism
from embedded.toolchain.key import BUILD_FLAGS, C_FLAGS, linker_flags
from embedded.toolchain.locate import folder_of

_UNFINISHED = ".new-"


def clear_unfinished() -> None:
    """Remove what killed builds left. Call only while holding the lock."""
    for folder in (paths.cache() / "tools").glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def build(bundle: Bundle, go: Path, say: Say) -> None:
    """Build every part of a bundle and put it in its place; ToolchainError if one fails."""
    label = f"{bundle.name} {bundle.version}"
    say(f"{label} … building (about {bundle.expected} on two cores, less if parts are in Go's cache)")
    start = time.monotonic()
    place = folder_of(bundle)
    temporary = place.with_name(f"{_UNFINISHED}{place.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        for part in bundle.parts:
            _make(part, temporary / part.name, go, partial(_tell, say, label))
        temporary.rename(place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    size = sum(file.stat().st_size for file in place.iterdir()) / 1e6
    say(f"{label} … built in {time.monotonic() - start:.0f} s ({size:.0f} MB)")


def go_command(part: GoProgram, target: Path, go: Path) -> Command:
    """The reproducible build of one program: everything is checked against its go.sum."""
    width = parallelism(os.cpu_count() or 1, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    return Command(
        program=part.name,
        argv=(
            *(str(go), "build", "-C", str(GO_FOLDERS / part.folder), "-v", f"-p={width}"),
            *(*BUILD_FLAGS, "-ldflags", linker_flags(part), "-o", str(target), part.package),
        ),
        log=_log(part),
        advice="give Go access to a module proxy (GOPROXY), free some disk, and run it again",
        env=build_environment(os.environ),
    )


def c_command(part: CProgram, target: Path, source: Path) -> Command:
    """The build of one C program, with the flags of upstream's Makefile."""
    return Command(
        program=part.name,
        argv=("gcc", *C_FLAGS, f"-DVERSION=v{part.version}", "-o", str(target), str(source)),
        log=_log(part),
        advice="install gcc and libc6-dev",
    )


def _make(part: Part, target: Path, go: Path, tell: partial[None]) -> None:
    match part:
        case GoProgram():
            run(go_command(part, target, go), partial(tell, _log(part)))
        case CProgram():
            run(c_command(part, target, _source(part, go)), partial(tell, _log(part)))
        case ModuleFile():
            shutil.copyfile(_source(part, go), target)
    target.chmod(0o755)


def _source(part: ModuleFile | CProgram, go: Path) -> Path:
    folder = module_folder(go, part.folder, part.module) or _downloaded(part, go)
    return folder / part.path


def _downloaded(part: ModuleFile | CProgram, go: Path) -> Path:
    command = Command(
        program=part.name,
        argv=(str(go), "mod", "download", "-C", str(GO_FOLDERS / part.folder), part.module),
        log=_log(part),
        advice="give Go access to a module proxy (GOPROXY)",
        env=build_environment(os.environ),
    )
    run(command, lambda _: None)
    folder = module_folder(go, part.folder, part.module)
    if folder is None:
        raise ToolchainError(f"{part.name}: Go downloaded {part.module} but does not say where it lies")
    return folder


def _log(part: Part) -> Path:
    return paths.cache() / "logs" / f"{part.name}.log"


def _tell(say: Say, label: str, log: Path, elapsed: float) -> None:
    """One line of progress: `go build -v` prints a line for each package."""
    packages = log.read_bytes().count(b"\n")
    say(f"{label} … {elapsed:.0f} s, {packages} packages compiled")
