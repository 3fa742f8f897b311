"""k6 against a null server of known delay: every scheduled request is sent, and seen in full."""

import shutil
from pathlib import Path

import pytest

from bench.__main__ import parser
from bench.commands import calibrate as calibrate_command
from bench.commands.calibrate import BODY, calibrate, compare, null_server
from bench.errors import GeneratorError
from bench.load import k6
from bench.load.plan import Plan
from bench.records.profile import Closed, Open, Phase
from bench.records.samples import Sample
from tests.bench.loads import evenly, outcome

needs_k6 = pytest.mark.skipif(
    shutil.which("k6") is None, reason="k6 is not on PATH; python -m embedded.toolchain k6 builds it"
)

BRINGS = """
import os, pathlib, sys
assert sys.argv[1:] == ["k6"]
print("step 1 of 2")
program = pathlib.Path(os.environ["PATH"]) / "k6"
program.write_text("#!/bin/sh")
program.chmod(0o755)
"""


def test_the_error_is_what_the_generator_saw_beyond_the_truth() -> None:
    found = compare(outcome(evenly(10, 60, latency=20.4)), [20.0] * 600)
    assert found.p95_error == pytest.approx(0.4)


def test_without_k6_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GeneratorError, match=r"k6 is not on PATH.*python -m embedded\.toolchain k6"):
        calibrate_command.run(parser().parse_args(["calibrate"]), lambda: k6.obtain(tmp_path / "none"))


def test_a_missing_k6_is_brought_where_the_checkout_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = tmp_path / "room" / "bringer"
    folder.mkdir(parents=True)
    (folder / "__main__.py").write_text(BRINGS)
    assert k6.obtain(folder) == str(tmp_path / "k6")
    told = capfd.readouterr()
    assert "step 1 of 2" in told.err
    assert told.out == "", "which belongs to the figures"


@pytest.mark.slow
@needs_k6
def test_every_scheduled_request_is_sent_and_seen() -> None:
    phase = Phase(rate=50, seconds=4)
    found = calibrate(phase, delay_millis=20)
    assert found.dropped == 0
    assert found.requests == len(Plan(Open((phase,)), "u", (BODY,), seed=0).schedule())
    assert found.seen_p50 >= found.true_p50 >= 20


@pytest.mark.slow
@needs_k6
def test_users_of_a_closed_load_wait_and_think() -> None:
    with null_server(20) as server:
        sent = k6.send(Plan(Closed(5, 2.0, 0.1), server.url, (BODY,), seed=0), lambda _: False)
    assert sent.planned is None
    assert 20 < len(sent.samples) < 5 * 2 / 0.12 + 5
    assert all(sample.good and sample.latency >= 20 for sample in sent.samples)


@pytest.mark.slow
@needs_k6
def test_a_watch_ends_a_load_and_keeps_its_samples() -> None:
    def ten(samples: list[Sample]) -> bool:
        return len(samples) >= 10

    with null_server(1) as server:
        plan = Plan(Open((Phase(50, 60),)), server.url, (BODY,), seed=0, rotate=3)
        sent = k6.send(plan, ten)
    assert 10 <= len(sent.samples) < len(plan.schedule())
    assert not sent.fault


@pytest.mark.slow
@needs_k6
def test_ctrl_c_keeps_what_was_measured() -> None:
    def pressed(samples: list[Sample]) -> bool:
        if len(samples) >= 10:
            raise KeyboardInterrupt
        return False

    with null_server(1) as server:
        sent = k6.send(Plan(Open((Phase(50, 60),)), server.url, (BODY,), seed=0), pressed)
    assert sent.interrupted
    assert len(sent.samples) >= 10


def test_a_generator_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "k6"
    program.write_text("#!/bin/sh\necho out of memory >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    sent = k6.send(Plan(Open((Phase(50, 1),)), "http://127.0.0.1:9/", (BODY,), seed=0), lambda _: False)
    assert sent.fault == "k6 ended with code 3: out of memory"
