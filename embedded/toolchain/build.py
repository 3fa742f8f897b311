"""Builds programs beside their places, then renames them there: a killed build leaves no broken tool."""

import os
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from embedded.machine import paths
from embedded.toolchain.catalogue import GO_FOLDERS, Bundle, CProgram, GoProgram, ModuleFile, Part
from embedded.toolchain.command import Command, Say, Task, run, run_beside
from embedded.toolchain.errors import ToolchainError
from embedded.toolchain.golang import PLENTY_GIB, build_environment, memory_gib, module_folder, parallelism
from embedded.toolchain.key import BUILD_FLAGS, C_FLAGS, linker_flags
from embedded.toolchain.locate import folder_of

Programs = tuple[GoProgram, ...]

_UNFINISHED = ".new-"
_LIMIT_SECONDS = 3600.0


def clear_unfinished() -> None:
    """Remove what killed builds left. Call only while holding the lock."""
    for folder in (paths.cache() / "tools").glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def build(bundles: Sequence[Bundle], go: Path, say: Say) -> None:
    """Build bundles and put each in its place; ToolchainError if one fails.

    Programs of one module are compiled by one `go build`, so that what they share is compiled once. A bundle
    takes its place as soon as all its programs are there.
    """
    start = time.monotonic()
    work = paths.cache() / "tools" / f"{_UNFINISHED}work"
    shutil.rmtree(work, ignore_errors=True)

    def place(ready: Iterable[Bundle]) -> None:
        _place(ready, work, go, say, start)

    def compiled(programs: Programs) -> None:
        for program in programs:
            (_out(program, work) / program.output).rename(_compiled(program, work))
        place(_complete(bundles, work))

    def task(programs: Programs, beside: int) -> Task:
        _prepare(programs, work, go)
        command = go_command(programs, work, go, beside)
        say(f"{command.program} … compiling, where nothing is cached yet for a quarter of an hour at most")
        return Task(command, partial(_tell, say, command), partial(compiled, programs))

    try:
        for turn in turns(by_module(bundles), memory_gib()):
            run_beside([task(programs, len(turn)) for programs in turn])
        place(bundles)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def by_module(bundles: Iterable[Bundle]) -> dict[str, Programs]:
    """The Go programs of bundles by the folder of the module that builds them, in the bundles' order."""
    programs = [part for bundle in bundles for part in bundle.parts if isinstance(part, GoProgram)]
    folders = dict.fromkeys(program.folder for program in programs)
    return {folder: tuple(each for each in programs if each.folder == folder) for folder in folders}


def turns(modules: Mapping[str, Programs], memory: float) -> list[list[Programs]]:
    """Which modules are built beside each other, in turns.

    The first has what the others share too. Those can go beside each other then, where `memory` (GiB) allows
    it: Pulumi's provider has few packages, so large that one after another keeps one core busy.
    """
    each = [*modules.values()]
    by_turn = [each[:1], each[1:]] if memory >= PLENTY_GIB else [[programs] for programs in each]
    return [turn for turn in by_turn if turn]


def go_command(programs: Programs, work: Path, go: Path, beside: int = 1) -> Command:
    """The reproducible build of programs of one module: everything is checked against its go.sum.

    `beside`: so many modules are built at once and share the memory.
    """
    width = parallelism(os.cpu_count() or 1, memory_gib())  # each, as one goes on when the others have ended
    folder = programs[0].folder
    return Command(
        program=", ".join(program.name for program in programs),
        argv=(
            *(str(go), "build", "-C", str(_source(folder, work)), "-v", f"-p={width}", *BUILD_FLAGS),
            *("-ldflags", linker_flags(folder), "-o", f"{_out(programs[0], work)}/"),
            *(program.package for program in programs),
        ),
        log=_log(folder),
        advice="give Go access to a module proxy (GOPROXY), free some disk, and run it again",
        env=build_environment(os.environ, beside),
        limit=_LIMIT_SECONDS,
    )


def c_command(part: CProgram, target: Path, source: Path) -> Command:
    """The build of one C program, with the flags of upstream's Makefile."""
    return Command(
        program=part.name,
        argv=("gcc", *C_FLAGS, f"-DVERSION=v{part.version}", "-o", str(target), str(source)),
        log=_log(part.name),
        advice="install gcc and libc6-dev",
    )


def _prepare(programs: Programs, work: Path, go: Path) -> None:
    """A copy of the module in `work`, with what its main packages embed, and a place for what is built."""
    source = _source(programs[0].folder, work)
    shutil.copytree(GO_FOLDERS / programs[0].folder, source)
    _out(programs[0], work).mkdir()
    for program in programs:
        for file in program.embeds:
            shutil.copyfile(_module(program, go) / file, source / file)


def _complete(bundles: Sequence[Bundle], work: Path) -> list[Bundle]:
    """Those whose Go programs have all been compiled."""
    return [
        bundle
        for bundle in bundles
        if all(_compiled(part, work).exists() for part in bundle.parts if isinstance(part, GoProgram))
    ]


def _place(bundles: Iterable[Bundle], work: Path, go: Path, say: Say, start: float) -> None:
    for bundle in bundles:
        place = folder_of(bundle)
        if place.exists():
            continue
        temporary = place.with_name(f"{_UNFINISHED}{place.name}")
        temporary.mkdir(parents=True)
        for part in bundle.parts:
            _make(part, temporary / part.name, work, go)
        temporary.rename(place)
        size = sum(file.stat().st_size for file in place.iterdir()) / 1e6
        say(f"{bundle.name} {bundle.version} … there after {time.monotonic() - start:.0f} s ({size:.0f} MB)")


def _make(part: Part, target: Path, work: Path, go: Path) -> None:
    match part:
        case GoProgram():
            _compiled(part, work).rename(target)
        case CProgram():
            run(c_command(part, target, _module(part, go) / part.path), lambda _: None)
        case ModuleFile():
            shutil.copyfile(_module(part, go) / part.path, target)
    target.chmod(0o644 if isinstance(part, ModuleFile) and not part.is_program else 0o755)


def _source(folder: str, work: Path) -> Path:
    return work / folder / "source"


def _out(part: GoProgram, work: Path) -> Path:
    return work / part.folder / "out"


def _compiled(part: GoProgram, work: Path) -> Path:
    return _out(part, work) / f".{part.name}"


def _module(part: Part, go: Path) -> Path:
    """Where Go keeps the source of a part's module, downloaded if need be."""
    name = part.module or part.package if isinstance(part, GoProgram) else part.module
    return module_folder(go, part.folder, name) or _downloaded(part.name, part.folder, name, go)


def _downloaded(program: str, folder: str, module: str, go: Path) -> Path:
    command = Command(
        program=program,
        argv=(str(go), "mod", "download", "-C", str(GO_FOLDERS / folder), module),
        log=_log(program),
        advice="give Go access to a module proxy (GOPROXY)",
        env=build_environment(os.environ),
    )
    run(command, lambda _: None)
    found = module_folder(go, folder, module)
    if found is None:
        raise ToolchainError(f"{program}: Go downloaded {module} but does not say where it lies")
    return found


def _log(name: str) -> Path:
    return paths.cache() / "logs" / f"{name}.log"


def _tell(say: Say, command: Command, elapsed: float) -> None:
    """One line of progress: `go build -v` prints a line for each package."""
    packages = command.log.read_bytes().count(b"\n")
    say(f"{command.program} … {elapsed:.0f} s, {packages} packages compiled")
