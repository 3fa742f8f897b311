"""State files that are damaged in every way that files are: each is named, and its backup restored."""

import gzip
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from infra.recover import damage
from infra.recover.backend import Folder, at
from infra.recover.errors import RecoverError
from stack import pulumi
from tests.backend import use
from tests.infra.recover import states
from tests.infra.recover.states import ACCOUNT, SERVICE, SPACE, STACK

pytestmark = pytest.mark.slow

Damage = Callable[[bytes], bytes]
CHANCE = random.Random(1)


def cut(share: float) -> Damage:
    return lambda good: good[: int(len(good) * share)]


def edited(change: Callable[[dict[str, Any]], object]) -> Damage:
    """The change is made to the whole file, of which `latest` and `resources` are short cuts."""

    def edit(good: bytes) -> bytes:
        whole = json.loads(good)
        change(whole)
        return json.dumps(whole).encode()

    return edit


def latest(change: Callable[[dict[str, Any]], object]) -> Damage:
    return edited(lambda whole: change(whole["checkpoint"]["latest"]))


def last(**values: object) -> Damage:
    return latest(lambda state: state["resources"][-1].update(values))


NOWHERE = states.urn("x:y:Z", "nowhere")
DAMAGES: Mapping[str, Damage] = {
    "emptied": cut(0),
    "one byte left": cut(0.001),
    "cut at a tenth": cut(0.1),
    "cut at a quarter": cut(0.25),
    "cut in the middle": cut(0.5),
    "cut at three quarters": cut(0.75),
    "its last bytes cut off": lambda good: good[:-3],
    "all zeros, as after a power cut": lambda good: bytes(len(good)),
    "zeros at its end": lambda good: good[:-400] + bytes(400),
    "zeros at its beginning": lambda good: bytes(400) + good[400:],
    "blanks only": lambda good: b" \n" * (len(good) // 2),
    "noise": lambda good: CHANCE.randbytes(len(good)),
    "noise in its middle": lambda good: good[:900] + CHANCE.randbytes(64) + good[964:],
    "a brace flipped": lambda good: good.replace(b"{", b"[", 1),
    "a bit of a quote flipped": lambda good: good.replace(b'"checkpoint"', b'"checkpoint#', 1),
    "written twice": lambda good: good + good,
    "another encoding": lambda good: good.decode().encode("utf-16"),
    "a merge's conflict": lambda good: b"<<<<<<< HEAD\n" + good + b"=======\n>>>>>>> other\n",
    "a web page": lambda _: b"<html>404</html>",
    "another document": lambda _: b'["something", "else"]',
    "compressed and cut": lambda good: gzip.compress(good)[:-20],
    "its version lost": edited(lambda whole: whole.pop("version")),
    "its checkpoint lost": edited(lambda whole: whole.pop("checkpoint")),
    "entries of another kind": latest(lambda state: state.update(resources={})),
    "an entry of another kind": latest(lambda state: state["resources"].append("text")),
    "an entry twice": latest(lambda state: state["resources"].append(state["resources"][-1])),
    "entries in another order": latest(lambda state: state["resources"].reverse()),
    "a flipped bit in a type": last(type="kubernetes:core/v1:Servicd"),
    "an entry of another stack": last(urn=NOWHERE.replace(STACK, "other")),
    "an entry without its identity": last(id=""),
    "a dependency on nothing": last(dependencies=[NOWHERE]),
    "a parent that is nowhere": last(parent=NOWHERE),
    "a provider that is nowhere": last(provider=f"{NOWHERE}::1"),
    "a salt that is none": latest(lambda state: state["secrets_providers"].update(state={"salt": "v1:"})),
    "a manifest that is another's": latest(lambda state: state["manifest"].update(magic="00")),
}


@dataclass
class Asked:
    """Somebody who agrees, and what he was asked."""

    questions: list[str] = field(default_factory=list)

    def __call__(self, question: str) -> bool:
        self.questions.append(question)
        return True


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """A backend of real Pulumi with a stack of three objects, and an earlier state of it with one less."""
    with pytest.MonkeyPatch.context() as patch:
        path = use(tmp_path_factory.mktemp("backend"), patch)
        pulumi.ensure(STACK)
        exported = damage.exported(STACK)
        for objects in ((SPACE, ACCOUNT), (SPACE, ACCOUNT, SERVICE), (SPACE, ACCOUNT, SERVICE)):
            held = {**_deployment(exported), "resources": [*states.FRAME, *map(states.recorded, objects)]}
            file = path / "import.json"
            file.write_text(json.dumps({**exported, "deployment": held}))
            pulumi.do("stack import", STACK, f"--file={file}")
        folder = at(os.environ["PULUMI_BACKEND_URL"])
        assert folder
        yield folder


def _deployment(exported: Mapping[str, object]) -> dict[str, object]:
    held = exported["deployment"]
    assert isinstance(held, dict)
    return held


@pytest.fixture
def folder(pristine: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    shutil.copytree(pristine.path / ".pulumi", tmp_path / ".pulumi")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    return Folder(tmp_path)


def test_a_state_that_is_whole_is_left_alone(folder: Folder) -> None:
    before = folder.file(STACK).read_bytes()
    assert damage.restore(folder, STACK, lambda _: pytest.fail("nothing is to be asked")) == []
    assert folder.file(STACK).read_bytes() == before


@pytest.mark.parametrize("case", DAMAGES)
def test_a_damaged_state_is_named_and_its_newest_good_backup_restored(
    case: str, folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder.file(STACK)
    good = file.read_bytes()
    file.write_bytes(DAMAGES[case](good))
    asked = Asked()
    assert damage.restore(folder, STACK, asked) == [STACK]
    said = capsys.readouterr().out
    assert f"the state of {STACK}, {file}, is damaged: " in said
    assert "restore the backup of" in asked.questions[0]
    assert "the damaged file is kept as" in said
    kept = json.loads(file.read_bytes())["checkpoint"]["latest"]["resources"]
    assert kept == json.loads(good)["checkpoint"]["latest"]["resources"]


def test_without_consent_nothing_is_changed_and_the_command_that_would_is_named(folder: Folder) -> None:
    file = folder.file(STACK)
    file.write_bytes(b"")
    with pytest.raises(RecoverError, match=f"make recover STACK={STACK} YES=1 will restore the backup of"):
        damage.restore(folder, STACK, lambda _: False)
    assert file.read_bytes() == b""


def test_what_the_backup_does_not_know_is_told(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder.file(STACK)
    before = file.with_name(f"{file.name}.bak")
    whole = json.loads(file.read_bytes())
    whole["checkpoint"]["latest"]["resources"].pop()
    before.write_text(json.dumps(whole))
    file.write_bytes(file.read_bytes()[:-10])
    damage.restore(folder, STACK, lambda _: True)
    assert "not in the backup: emotion-cut-off/tensorflow-serving" in capsys.readouterr().out


def test_a_damaged_backup_is_passed_over_for_an_earlier_one(folder: Folder) -> None:
    file = folder.file(STACK)
    regular = folder.path / ".pulumi" / "backups" / "emotion-serving" / STACK / f"{STACK}.1.json"
    regular.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, regular)
    os.utime(regular, (1, 1))
    file.with_name(f"{file.name}.bak").write_bytes(b"{")
    file.write_bytes(b"{")
    damage.restore(folder, STACK, lambda _: True)
    assert file.read_bytes() == regular.read_bytes()


def test_without_any_good_backup_the_stack_begins_anew(folder: Folder) -> None:
    file = folder.file(STACK)
    for each in (file, *folder.backups(STACK)):
        each.write_bytes(b"{")
    asked = Asked()
    damage.restore(folder, STACK, asked)
    assert "begin with an empty state" in asked.questions[0]
    assert not damage.refused(STACK, file.read_bytes())
    assert damage.urns(file.read_bytes()) == set()


def test_one_damaged_file_keeps_no_other_stack_from_being_listed(folder: Folder) -> None:
    other = folder.file("another")
    other.write_bytes(b'{"version": 3')
    with pytest.raises(pulumi.PulumiError, match="a state file is damaged; run: make recover"):
        pulumi.ask("stack", "ls", "--json")
    assert damage.restore(folder, STACK, lambda _: True) == ["another"]
    assert {each["name"] for each in json.loads(pulumi.ask("stack", "ls", "--json"))} == {STACK, "another"}


@pytest.mark.parametrize("left", [b"", b"{", b'{"md5": "x', b"\0\0\0", b"[]"])
def test_attributes_that_a_kill_cut_off_are_dropped(
    left: bytes, folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(folder.attributes()) == 3
    for file in folder.attributes():
        file.write_bytes(left)
    with pytest.raises(pulumi.PulumiError, match="a state file is damaged; run: make recover"):
        damage.exported(STACK)
    assert damage.restore(folder, STACK, lambda _: pytest.fail("nothing is lost")) == []
    assert "attrs is damaged; removed" in capsys.readouterr().out
    assert _deployment(damage.exported(STACK))["resources"]


def test_a_damaged_selection_is_dropped(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.states()
    pulumi.do("stack select", STACK)
    (file,) = (Path(os.environ["PULUMI_HOME"]) / "workspaces").glob("emotion-serving-*.json")
    file.write_bytes(b"")
    damage.forget_selection()
    assert "select a stack again" in capsys.readouterr().out
    pulumi.do("stack select", STACK)


def test_a_backend_that_has_lost_its_layout_gets_it_again(folder: Folder) -> None:
    folder.meta.write_bytes(b"")
    with pytest.raises(pulumi.PulumiError, match="Pulumi's folder of states is damaged; run: make recover"):
        pulumi.ask("stack", "ls", "--json")
    damage.restore(folder, STACK, lambda _: True)
    assert STACK in pulumi.ask("stack", "ls", "--json")
