"""Commands that are cut off: by SIGKILL of their group, or because their terminal is closed."""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from base.children import tied
from stack import pulumi
from stack.files import ROOT
from tests.campaign.moments import START, Event, Moment, read

# The first terminal that the leader of a session opens is the session's own.
OWN_TERMINAL = 'terminal=$1; shift; exec "$@" <>"$terminal" >&0 2>&0'


@dataclass(frozen=True)
class Cut:
    """Whether a command was cut off before its end; what it told until then."""

    reached: bool
    events: tuple[Event, ...]


def watch(command: str, stack: str, moment: Moment | None = None) -> Cut:
    """Run a Pulumi command; kill its group at a moment, or let it come to its end."""
    words = pulumi.words(command, stack, "--yes", "--skip-preview", "--json")
    events = list[Event]()
    with subprocess.Popen(
        words,
        cwd=ROOT,
        env=pulumi.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=tied(signal.SIGTERM),
    ) as process:
        assert process.stdout
        if moment and moment.event.kind == START:
            return Cut(_kill(process, moment.later), ())
        for line in process.stdout:
            event = read(line)
            events += [event] if event else []
            if moment and event == moment.event:
                return Cut(_kill(process, moment.later), tuple(events))
    return Cut(reached=False, events=tuple(events))


def _kill(process: "subprocess.Popen[str]", later: float) -> bool:
    time.sleep(later)
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, signal.SIGKILL)
    return alive


def hang_up(words: Sequence[str], sign: str, count: int) -> bool:
    """Run a command on a terminal that is closed when a pattern has come so often; whether it came."""
    ours, theirs = os.openpty()
    command = ["sh", "-c", OWN_TERMINAL, "sh", os.ttyname(theirs), *words]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=tied(signal.SIGTERM))
    reached = _follow(process, ours, re.compile(sign), count)
    os.close(theirs)
    os.close(ours)  # the kernel sends SIGHUP, as when a window is closed
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return reached


def _follow(process: "subprocess.Popen[bytes]", terminal: int, sign: "re.Pattern[str]", count: int) -> bool:
    text = ""
    while len(sign.findall(text)) < count:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            text += os.read(terminal, 2**16).decode(errors="replace")
        elif process.poll() is not None:
            return False
    return True
