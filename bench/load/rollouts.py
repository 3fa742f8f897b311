"""Rolling restarts of a server while it is under load: how many requests do they cost?"""

import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

from base.children import tied
from stack.outputs import Endpoint, StackOutputs

PAUSE_SECONDS = 5.0
MOST_SECONDS = 120


class Rollouts:
    """Restarts a server's pods so many times, one rollout after another; the end of `with` waits for it."""

    def __init__(self, outputs: StackOutputs, endpoint: Endpoint, times: int) -> None:
        self.done = 0
        self._times = times
        self._kubectl = ["kubectl", "--context", outputs.context, "--namespace", outputs.namespace, "rollout"]
        self._deployment = f"deployment/{endpoint.deployment}"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._restart)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        if self._times:
            print(f"{self._deployment}: {self.done} of {self._times} rollouts", file=sys.stderr)

    def _restart(self) -> None:
        while self.done < self._times and not self._over.wait(PAUSE_SECONDS):
            told = self._call("restart", self._deployment)
            told = told or self._call("status", self._deployment, f"--timeout={MOST_SECONDS}s")
            if told:
                print(f"{self._deployment}: rollout failed: {told}", file=sys.stderr)
                return
            self.done += 1

    def _call(self, *words: str) -> str:
        """What kubectl complained of; empty if it did not."""
        answer = subprocess.run(
            [*self._kubectl, *words],
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            preexec_fn=tied(),
        )
        return answer.stderr.strip()[:300] if answer.returncode else ""
