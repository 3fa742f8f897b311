"""kubectl, for what changes the cluster and what streams from a pod."""

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base.children import tied
from bench.errors import ClusterError
from stack.kube import KubeObject

SECONDS = 60.0
DEVNULL, PIPE = subprocess.DEVNULL, subprocess.PIPE


@dataclass(frozen=True)
class Kubectl:
    """Of one context and namespace. Its children do not hear Ctrl-C: what they are at is ours to end."""

    context: str
    namespace: str

    def apply(self, objects: Sequence[KubeObject]) -> None:
        """Create the objects. Raises ClusterError."""
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        self._run("apply", "--filename", "-", given=listed)

    def delete(self, kind: str, name: str) -> None:
        """Begin to delete an object, if it is there. Raises ClusterError."""
        self._run("delete", kind, name, "--ignore-not-found", "--wait=false")

    def execute(self, pod: str, script: str) -> None:
        """Run a shell script in a pod. Raises ClusterError."""
        self._run("exec", pod, "--", "sh", "-c", script)

    def send(self, pod: str, file: Path, script: str) -> tuple[str, float]:
        """Run a script that reads a file: the one line that it prints, and the Unix time of that line.

        Raises ClusterError.
        """
        command = self._command("exec", "--stdin", pod, "--", "sh", "-c", script)
        with (
            file.open("rb") as given,
            subprocess.Popen(
                command,
                stdin=given,
                stdout=PIPE,
                stderr=PIPE,
                text=True,
                start_new_session=True,
                preexec_fn=tied(),
            ) as process,
        ):
            line = process.stdout.readline() if process.stdout else ""
            at = time.time()
            said = process.communicate()[1]
        if process.returncode or not line:
            raise ClusterError(f"{pod}: cannot be given its load: {_last(said)}")
        return line.strip(), at

    def follow(self, pod: str, file: Path) -> subprocess.Popen[bytes]:
        """A child that writes what a pod prints to a file, until the pod ends."""
        with file.open("wb") as out:
            return subprocess.Popen(
                self._command("logs", "--follow", pod),
                stdin=DEVNULL,
                stdout=out,
                stderr=DEVNULL,
                start_new_session=True,
                preexec_fn=tied(),
            )

    def _run(self, *words: str, given: str = "") -> str:
        try:
            done = subprocess.run(
                self._command(*words),
                input=given,
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
                start_new_session=True,
                preexec_fn=tied(),
            )
        except FileNotFoundError as error:
            raise ClusterError("kubectl is not on PATH; install it") from error
        except subprocess.TimeoutExpired as error:
            raise ClusterError(f"kubectl {words[0]}: no answer within {SECONDS:g} s") from error
        if done.returncode:
            raise ClusterError(f"kubectl {words[0]}: {_last(done.stderr)}")
        return done.stdout

    def _command(self, *words: str) -> list[str]:
        return ["kubectl", "--context", self.context, "--namespace", self.namespace, *words]


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["it said nothing"])[-1][:300]
