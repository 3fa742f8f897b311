"""What make is told reaches a program byte by byte, and no shell as text."""

import os
import pwd

import pytest

from tests.scripts.conftest import Machine

NAMES = (
    b"a photo.jpg",
    b'it\'s "quoted".jpg',
    b"`touch ran`.jpg",
    b"$(touch ran).jpg",
    b"$(shell touch ran)${SHELL}.jpg",
    b"$HOME $$ $1 $x.jpg",
    b"-n.jpg",
    b"--help",
    b"; touch ran; echo.jpg",
    b"a # b % c \\ d * ? [x] {a,b} ~ ! & | < >.jpg",
    "Grüße, 世界.jpg".encode(),
    b"\xff\xfe \xe9.jpg",
    b"two\nlines.jpg",
)


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_any_name_of_a_photo_is_handed_on_as_it_is(machine: Machine, name: bytes) -> None:
    done = machine.tried("make", "predict", b"IMAGE=" + name)
    assert done.returncode == 0, done.stderr
    assert machine.words() == [b"-m", b"bench", b"predict", b"--stack=minikube", b"--", name]
    assert not (machine.project / "ran").exists()


@pytest.mark.parametrize("target", ["predict", "verify", "recover"])
@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_any_name_of_a_stack_is_handed_on_as_it_is(machine: Machine, target: str, name: bytes) -> None:
    done = machine.tried("make", target, b"STACK=" + name, "IMAGE=a.jpg")
    assert done.returncode == 0, done.stderr
    assert machine.words()[-1 if target != "predict" else 3].removeprefix(b"--stack=") == name
    assert not (machine.project / "ran").exists()


@pytest.mark.parametrize("name", [b"-x", b"a b", b"`touch ran`", "größer".encode(), b"\xff", b"a;b"])
def test_up_refuses_a_name_that_no_stack_can_have_before_it_does_anything(
    machine: Machine, name: bytes
) -> None:
    done = machine.tried("make", "up", b"STACK=" + name)
    assert done.returncode == 2
    assert done.stderr.startswith("STACK: expected letters, digits, dots, slashes and inner hyphens, got ")
    assert machine.calls() == []
    assert not (machine.project / "ran").exists()


def test_a_variable_of_the_environment_is_handed_on_as_it_is(machine: Machine) -> None:
    machine.tried("make", "predict", IMAGE="a `touch ran` $(touch ran) $$.jpg")
    assert machine.words()[-1] == b"a `touch ran` $(touch ran) $$.jpg"
    assert not (machine.project / "ran").exists()


def test_every_variable_of_the_makefile_is_kept_from_the_shells_text(machine: Machine) -> None:
    recipes = [line for line in (machine.project / "Makefile").read_text().splitlines() if line[:1] == "\t"]
    assert recipes
    assert not [line for line in recipes if "$(" in line.replace("$$(", "")]


def test_a_checkout_that_was_moved_or_copied_says_so_in_one_line(machine: Machine) -> None:
    before = machine.project / ".venv"
    moved = Machine(machine.project.rename(machine.project.with_name("moved")))
    for target in ("predict", "verify", "status", "recover"):
        done = moved.tried("make", target, "IMAGE=a.jpg")
        said = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
        assert said == [
            f".venv: expected the environment of this checkout, got that of {before}; run: make up"
        ]
        assert moved.calls() == []


def test_a_checkout_without_its_environment_says_how_to_make_it(machine: Machine) -> None:
    (machine.project / ".venv" / "locked").unlink()
    done = machine.tried("make", "status")
    assert done.stderr.startswith(
        ".venv: expected the environment of this checkout, got none; run: make up\n"
    )


def test_a_home_that_is_not_set_is_that_of_the_user(machine: Machine) -> None:
    machine.has("python", 'echo "$HOME"\n')
    done = machine.tried("env", "-u", "HOME", "scripts/in-venv", "python")
    assert done.stdout.strip() == pwd.getpwuid(os.getuid()).pw_dir
