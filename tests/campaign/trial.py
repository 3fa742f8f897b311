"""One trial: a command is cut off, the stack is mended as a user would, and must be as if nothing was."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from infra import live
from infra.recover import damage, leftovers, view
from stack import drift, pulumi
from stack.files import ROOT
from stack.kube import KINDS
from stack.recorded import key_of
from tests.campaign import cutting
from tests.campaign.moments import Moment

TAIL = 15  # lines of a failed command


class FaultError(Exception):
    """A command of the user failed, or something is left over."""


@dataclass(frozen=True)
class Trial:
    """What is cut off and how: `cut` says whether it was; `then` must succeed after `make recover`.

    `before` brings the stack where the trial begins.
    """

    stack: str
    what: str
    before: Callable[[str], None]
    cut: Callable[[], bool]
    then: Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What came of a trial; `fault` is empty when all healed."""

    what: str
    reached: bool
    fault: str
    seconds: float

    def __str__(self) -> str:
        told = self.fault or ("healed" if self.reached else "healed; it had ended before the moment came")
        return f"{self.what}: {told} ({self.seconds:.0f} s)"


def up_killed(stack: str, moment: Moment) -> Trial:
    """`pulumi up` is killed; one more brings the stack there."""
    return Trial(
        stack, f"up killed, {moment}", goes, lambda: cutting.watch("up", stack, moment).reached, comes_up
    )


def destroy_killed(stack: str, moment: Moment, then: Callable[[str], None]) -> Trial:
    """`pulumi destroy` is killed; the stack then comes up again, or goes for good."""
    what = f"destroy killed, {moment}, then it {then.__name__.replace('_', ' ')}"
    return Trial(stack, what, comes_up, lambda: cutting.watch("destroy", stack, moment).reached, then)


def hung_up(stack: str, sign: str, count: int) -> Trial:
    """The terminal of `make up` is closed; `make up` once more brings the stack there."""
    words = ("make", "up", f"STACK={stack}")
    what = f"make up hung up, {sign} no. {count}"
    return Trial(stack, what, goes, lambda: cutting.hang_up(words, sign, count), comes_up)


def attempt(trial: Trial) -> Outcome:
    """Cut off, mend, look."""
    began, fault, reached = time.monotonic(), "", False
    try:
        trial.before(trial.stack)
        reached = trial.cut()
        user("make", "recover", f"STACK={trial.stack}")
        trial.then(trial.stack)
        nothing_runs()
    except FaultError as error:
        fault = str(error)
    return Outcome(trial.what, reached, fault, time.monotonic() - began)


def comes_up(stack: str) -> None:
    """One `pulumi up` is enough, and leaves nothing to do."""
    user(*pulumi.words("up", stack, "--yes", "--skip-preview"))
    user(*pulumi.words("preview", stack, "--expect-no-changes"))
    user(*pulumi.words("refresh", stack, "--yes", "--skip-preview", "--expect-no-changes"))


def goes(stack: str) -> None:
    """One `pulumi destroy` is enough, and leaves nothing of the stack."""
    exported = damage.exported(stack)
    find = live.finder(view.context(stack, exported))
    user(*pulumi.words("destroy", stack, "--yes", "--skip-preview"))
    left = [str(key_of(item)) for item in drift.strays(stack, (), KINDS, find)]
    if left:
        raise FaultError(f"left over: {', '.join(left)}")


def nothing_runs() -> None:
    """No program of a Pulumi that was killed is left."""
    if left := leftovers.orphans(leftovers.look()):
        raise FaultError(f"still running: {', '.join(f'{each.name} ({each.pid})' for each in left)}")


def user(*words: str) -> None:
    """A command as a user types it. Raises FaultError with the end of what it said."""
    done = subprocess.run(
        words, cwd=ROOT, env=pulumi.environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = "\n".join((done.stdout + done.stderr).strip().splitlines()[-TAIL:])
        raise FaultError(f"{' '.join(words)} failed ({done.returncode}):\n{told}")
