"""The name under which a build is kept: anything that changes the program changes it."""

import hashlib
from pathlib import Path

from embedded.machine.versions import pins
from embedded.toolchain.catalogue import (
    GO_FOLDERS,
    Bundle,
    CProgram,
    GoProgram,
    ModuleFile,
    Part,
    bundles,
)

BUILD_FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false")
C_FLAGS = ("-Os", "-Wall", "-static")


def linker_flags(folder: str) -> str:
    """Stripped, with the versions stamped in where upstream's own builds stamp them.

    Programs of one module are linked by one command, so each gets the stamps of all; what it does not have is
    passed over by the linker.
    """
    parts = (part for bundle in bundles(pins()) for part in bundle.parts)
    programs = (part for part in parts if isinstance(part, GoProgram) and part.folder == folder)
    stamps = dict.fromkeys(stamp for program in programs for stamp in program.variables)
    return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in stamps)])


def digest(bundle: Bundle, machine: str, folders: Path = GO_FOLDERS) -> str:
    """Twelve hex digits over the module's files and checksums, the flags and the machine's architecture."""
    total = hashlib.sha256(f"{bundle.name}\0{bundle.version}\0{machine}\0".encode())
    for part in bundle.parts:
        total.update("\0".join([part.name, *_recipe(part)]).encode())
        for file in sorted((folders / part.folder).rglob("*.*")):
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:12]


def _recipe(part: Part) -> tuple[str, ...]:
    match part:
        case GoProgram():
            return ("go", part.package, *part.embeds, *BUILD_FLAGS, linker_flags(part.folder))
        case ModuleFile():
            return ("copy", part.module, part.path)
        case CProgram():
            return ("c", part.module, part.path, part.version, *C_FLAGS)
