"""Which room may know which: arrows only go down."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from stack.files import ROOT

ROOMS = ("base", "stack", "infra", "bench", "model_build", "embedded")
MANIFEST = "model_build.manifest"
# Beside itself, what a room may import.
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "base": (),
    "stack": ("base", MANIFEST),
    "infra": ("base", "stack", MANIFEST),
    "bench": ("base", "stack"),
    "model_build": ("base",),
    "embedded": ("base",),
}
FRAMEWORKS = ("tensorflow", "torch")
INSIDE_PODS = "stack.servers.in_process"  # text that runs in a serving container
# The floors of bench, the ground first; rooms of one line know nothing of each other.
FLOORS = (
    ("errors",),
    ("records",),
    ("subject", "load", "queueing"),
    ("collect", "segments"),
    ("trial",),
    ("analysis",),
    ("experiment", "whatif"),
    ("report",),
    ("thesis",),
    ("commands",),
    ("__main__",),
)


def modules(room: str) -> dict[str, Path]:
    """The files of a room by their module's name."""
    files = sorted((ROOT / room).rglob("*.py"))
    names = {file: ".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files}
    return {name.removesuffix(".__init__"): file for file, name in names.items()}


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports, names taken from a module included."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_knows_only_those_below(room: str) -> None:
    wrong = [
        f"{module} imports {name}"
        for module, file in modules(room).items()
        for name in imported(file)
        if within(name, ROOMS) and not within(name, (room, *ALLOWED[room]))
    ]
    assert not wrong


@pytest.mark.parametrize("room", ["stack", "infra", "bench"])
def test_no_machine_learning_framework_is_imported_outside_of_pods(room: str) -> None:
    wrong = [
        f"{module} imports {name}"
        for module, file in modules(room).items()
        for name in imported(file)
        if within(name, FRAMEWORKS) and not within(module, (INSIDE_PODS,))
    ]
    assert not wrong


def floors() -> dict[str, int]:
    return {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def test_the_floors_of_bench_lie_on_each_other() -> None:
    known, wrong = floors(), []
    assert {module.split(".")[1] for module in modules("bench") if "." in module} == set(known)
    for module, file in modules("bench").items():
        here = module.partition(".")[2].partition(".")[0]
        for name in imported(file):
            there = name.split(".")[1] if name.startswith("bench.") else here
            if here in known and there in known and here != there and known[there] >= known[here]:
                wrong.append(f"{module} imports {name}")
    assert not wrong


@pytest.mark.parametrize("room", ROOMS)
def test_no_two_modules_of_a_room_need_each_other(room: str) -> None:
    known = modules(room)
    needs = {module: {_module(name, known) for name in imported(file)} for module, file in known.items()}
    cycles = [
        f"{module} ⇄ {other}"
        for module, others in needs.items()
        for other in others - {"", module}
        if module < other and module in needs[other]
    ]
    assert not cycles


def _module(name: str, known: Mapping[str, Path]) -> str:
    """The module that an imported name is, or is in; empty outside of the room."""
    parent = name.rpartition(".")[0]
    return next((each for each in (name, parent) if each in known), "")
