"""`python -m infra.destroy STACK`: take a stack away; what keeps it is said at once, and not waited for."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from base.children import tied
from infra import live
from infra.recover import command, damage, mend, view
from infra.recover.errors import RecoverError
from stack import drift, endings, pulumi, recorded
from stack.drift import Find
from stack.files import ROOT
from stack.kube import KINDS, KubeObject
from stack.pulumi import PulumiError
from stack.recorded import Key, key_of
from stack.schema import SettingsError

LOOK_SECONDS = 2.0
END_SECONDS = 20.0
STUCK_SECONDS = 20.0  # a cause that lasts so long does not go by itself


def destroy(stack: str, agree: damage.Agree) -> None:
    """Mend the stack and take it away. Raises what its parts raise, and RecoverError with what keeps it."""
    mend.unlock(stack, agree)
    mend.settle(stack, agree)
    exported = damage.exported(stack)
    deployment = recorded.part(exported, "deployment")
    if not recorded.resources(deployment):
        return
    keys = recorded.keys(recorded.objects(deployment))
    spaces = sorted(key for key in keys if key.kind == "Namespace")
    find = live.finder(view.context(stack, exported)) if spaces else (lambda _: None)
    process = subprocess.Popen(
        pulumi.words("destroy", stack, "--yes", "--skip-preview"),
        cwd=ROOT,
        env=pulumi.environment(),
        preexec_fn=tied(signal.SIGINT),
    )
    stuck = watch(process, lambda: obstacle(spaces, find))
    if stuck:
        raise RecoverError(f"{stack} is not gone: {stuck}; then destroy it again")
    if process.returncode:
        raise PulumiError(f"pulumi destroy of {stack} failed, as said above; the same command goes on")
    mend.tell_strays(stack, drift.strays(stack, (), KINDS, find))


def watch(
    process: "subprocess.Popen[bytes]", keeps: Callable[[], str], patience: float = STUCK_SECONDS
) -> str:
    """Wait for Pulumi's end; end it when something keeps the stack for long, and say what."""
    since: float | None = None
    while process.poll() is None:
        try:
            process.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            stuck = keeps()
            since = (since or time.monotonic()) if stuck else None
            if since and time.monotonic() - since > patience:
                _end(process)
                return stuck
        except KeyboardInterrupt:
            print("waiting until pulumi destroy has ended", file=sys.stderr, flush=True)
    return ""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """As Ctrl-C does: the first lets Pulumi write what it knows, the second ends it at once."""
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)


def obstacle(spaces: Sequence[Key], find: Find) -> str:
    """What keeps a namespace that is being deleted; empty while nothing is known to."""
    try:
        items = [item for key in spaces if isinstance(item := find(key.path), dict)]
    except SettingsError:  # the cluster does not answer just now
        return ""
    ending: list[KubeObject] = [item for item in items if endings.is_ending(item)]
    told = ((key_of(item), endings.obstacle(item)) for item in ending)
    return next((f"{key}: {text}" for key, text in told if text), "")


if __name__ == "__main__":
    sys.exit(command.run("destroy", __doc__, destroy))
