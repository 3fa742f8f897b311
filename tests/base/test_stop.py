"""A command that is signalled ends soon, with one line and a signal's exit code, whatever it is at."""

import signal
import subprocess
import sys

import pytest

from stack.files import ROOT

COMMANDS = {
    "tidies up": "try: work()\n    finally: print('tidy', flush=True)",
    "tidies up slowly": "try: work()\n    finally: time.sleep(stop.SECONDS + 1); print('tidy', flush=True)",
    "forks as it tidies up": (
        "try: work()\n    finally:\n        with stop.postponed(): pass\n        print('tidy', flush=True)"
    ),
    "never ends tidying": "try: work()\n    finally: time.sleep(60)",
    "is where no exception leads out of": (
        "import gc; gc.callbacks.append(lambda *_: work())\n"
        "    try: gc.collect(); gc.callbacks.clear(); work()\n    finally: print('tidy', flush=True)"
    ),
    "is long where no exception leads out of": (
        "import gc; gc.callbacks.extend([lambda *_: work()] * 100); gc.collect()"
    ),
    "is in the midst of one long instruction": (
        "import hashlib; print('ready', flush=True); hashlib.pbkdf2_hmac('sha512', b'', b'', 10**9)"
    ),
    "swallows everything": "while True:\n        try: work()\n        except BaseException: pass",
}
TIDY = ("tidies up", "tidies up slowly", "forks as it tidies up", "is where no exception leads out of")
PROGRAM = """
import sys, time
from base import stop
def work() -> None:
    print("ready", flush=True)
    time.sleep(60)
def command() -> int:
    {}
    return 0
sys.exit(stop.run(command, "stopped; as it was"))
"""


def heard() -> None:
    """As started from a terminal, though this test may have been started by nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def started(what: str, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    program = [*prefix, sys.executable, "-c", PROGRAM.format(COMMANDS[what])]
    pipe = subprocess.PIPE
    process = subprocess.Popen(program, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, preexec_fn=heard)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
CASES = [(what, signal.SIGTERM) for what in COMMANDS] + [("tidies up", number) for number in SIGNALS]


@pytest.mark.parametrize(("what", "number"), CASES)
def test_any_signal_however_often_ends_it_with_one_line(what: str, number: signal.Signals) -> None:
    with started(what) as process:
        for each in (number, number, signal.SIGINT, signal.SIGTERM):
            process.send_signal(each)
        printed, said = process.communicate(timeout=60)
    assert process.returncode in {128 + number, 128 + signal.SIGINT, 128 + signal.SIGTERM}
    assert said.strip() == "stopped; as it was"
    assert ("tidy" in printed) == (what in TIDY)


def test_under_nohup_the_end_of_the_terminal_is_not_heeded() -> None:
    with started("tidies up", ("nohup",)) as process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM


def test_a_signal_to_a_fork_ends_the_fork_alone() -> None:
    program = """
import os, signal, sys, time
from base import stop
def command() -> int:
    fork = os.fork()
    if not fork:
        time.sleep(60)
    time.sleep(0.5)
    os.kill(fork, signal.SIGTERM)
    ended = os.waitpid(fork, 0)[1]
    time.sleep(stop.SECONDS + 0.5)
    return os.waitstatus_to_exitcode(ended)
code = stop.run(command, "stopped")
print("went on", flush=True)
sys.exit(code)
"""
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (128 + signal.SIGTERM, "went on\n")


def test_a_command_that_ends_by_itself_keeps_its_exit_code() -> None:
    words = [sys.executable, "-c", "import sys; from base import stop; sys.exit(stop.run(lambda: 7, ''))"]
    assert subprocess.run(words, cwd=ROOT, check=False).returncode == 7
