from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.cluster.errors import ClusterError
from embedded.cluster.layout import Layout
from embedded.cluster.processes import process, supervisor
from embedded.cluster.processes.component import Component
from embedded.cluster.processes.probes import Command
from embedded.cluster.processes.process import Identity
from embedded.cluster.processes.supervisor import Verdict

HEALTHY, SICK = Command(("true",)), Command(("false",))
IDENTITY = Identity(1, 2, "boot", "print")


@pytest.fixture
def where(tmp_path: Path) -> Iterator[Layout]:
    where = Layout(tmp_path / "cache", tmp_path / "state")
    yield where
    process.terminate(process.marked(supervisor.marker(where, "sleeper")), 0)


def sleeper(seconds: int = 60, probe: Command = HEALTHY) -> Component:
    return Component("sleeper", ("/bin/sleep", str(seconds)), probe)


def pid(where: Layout) -> int:
    identity = process.read_identity(where.pid_file("sleeper"))
    assert identity and process.is_alive(identity)
    return identity.pid


@pytest.mark.parametrize(
    ("identity", "alive", "fingerprint", "verdict"),
    [
        (None, False, "print", Verdict.DEAD),
        (IDENTITY, False, "print", Verdict.DEAD),
        (IDENTITY, True, "print", Verdict.RUNNING),
        (IDENTITY, True, "other", Verdict.OUTDATED),
    ],
)
def test_the_verdict(identity: Identity | None, alive: bool, fingerprint: str, verdict: Verdict) -> None:
    assert supervisor.judge(identity, alive=alive, fingerprint=fingerprint) is verdict


def test_what_runs_is_left_alone(where: Layout) -> None:
    assert supervisor.bring_up(where, [sleeper()]) == ("sleeper",)
    first = pid(where)
    assert supervisor.bring_up(where, [sleeper()]) == ()
    assert pid(where) == first


def test_what_died_is_started_again(where: Layout) -> None:
    supervisor.bring_up(where, [sleeper()])
    first = pid(where)
    process.terminate([first], 0)
    assert supervisor.bring_up(where, [sleeper()]) == ("sleeper",)
    assert pid(where) != first


def test_a_changed_command_line_replaces_the_process(where: Layout) -> None:
    supervisor.bring_up(where, [sleeper(60)])
    first = pid(where)
    assert supervisor.bring_up(where, [sleeper(61)]) == ("sleeper",)
    assert process.start_ticks(first) is None
    assert process.command_line(pid(where)) == ("/bin/sleep", "61")


def test_a_start_killed_before_it_wrote_the_pid_file_leaves_no_twin(where: Layout) -> None:
    supervisor.bring_up(where, [sleeper()])
    orphan = pid(where)
    where.pid_file("sleeper").unlink()
    supervisor.bring_up(where, [sleeper()])
    assert list(process.marked(supervisor.marker(where, "sleeper"))) == [pid(where)]
    assert process.start_ticks(orphan) is None


def test_a_sick_process_is_replaced(where: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(supervisor, "HEAL_SECONDS", 0.0)
    healthy = tmp_path / "healthy"
    component = Component(
        "sleeper",
        ("/bin/sh", "-c", f"touch {healthy}; exec sleep 60"),
        Command(("test", "-e", str(healthy))),
    )
    supervisor.bring_up(where, [component])
    first = pid(where)
    healthy.unlink()
    assert supervisor.bring_up(where, [component]) == ("sleeper",)
    assert pid(where) != first


def test_one_that_dies_at_once_is_reported_with_its_last_words(where: Layout) -> None:
    broken = Component("sleeper", ("/bin/sh", "-c", "echo no such flag; exit 1"), SICK)
    with pytest.raises(ClusterError, match=r"(?s)sleeper: expected healthy .*no such flag.*make down"):
        supervisor.bring_up(where, [broken])


def test_ending_what_never_ran_is_no_error(where: Layout) -> None:
    supervisor.end(where, sleeper())


def test_litter_of_a_killed_process_is_taken_away(where: Layout, tmp_path: Path) -> None:
    litter = tmp_path / "docker.pid"
    litter.write_text("1")
    supervisor.bring_up(where, [Component("sleeper", ("/bin/sleep", "60"), HEALTHY, litter=(litter,))])
    assert not litter.exists()
