"""kubectl, for what changes the cluster and what streams from a pod."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base.children import tied
from bench.errors import ClusterError
from stack.kube import KubeObject

SECONDS = 60.0


@dataclass(frozen=True)
class Kubectl:
    """Of one context and namespace. Its children do not hear Ctrl-C: what they are at is ours to end."""

    context: str
    namespace: str

    def apply(self, objects: Sequence[KubeObject]) -> None:
        """Create the objects. Raises ClusterError."""
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        self._run("apply", "--filename", "-", given=listed.encode())

    def delete(self, kind: str, name: str) -> None:
        """Begin to delete an object, if it is there. Raises ClusterError."""
        self._run("delete", kind, name, "--ignore-not-found", "--wait=false")

    def execute(self, pod: str, script: str, given: bytes = b"", seconds: float = SECONDS) -> str:
        """What a shell script in a pod prints, which may read what is given to it. Raises ClusterError."""
        return self._run("exec", "--stdin", pod, "--", "sh", "-c", script, given=given, seconds=seconds)

    def follow(self, pod: str, file: Path) -> subprocess.Popen[bytes]:
        """A child that writes what a pod prints to a file, until the pod ends."""
        null = subprocess.DEVNULL
        with file.open("wb") as out:
            return subprocess.Popen(
                self._command("logs", "--follow", pod),
                stdin=null,
                stdout=out,
                stderr=null,
                start_new_session=True,
                preexec_fn=tied(),
            )

    def _run(self, *words: str, given: bytes = b"", seconds: float = SECONDS) -> str:
        try:
            done = subprocess.run(
                self._command(*words),
                input=given,
                capture_output=True,
                check=False,
                timeout=seconds,
                start_new_session=True,
                preexec_fn=tied(),
            )
        except FileNotFoundError as error:
            raise ClusterError("kubectl is not on PATH; install it") from error
        except subprocess.TimeoutExpired as error:
            raise ClusterError(f"kubectl {words[0]}: no answer within {seconds:g} s") from error
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
            raise ClusterError(f"kubectl {words[0]}: {said[-1][:300]}")
        return done.stdout.decode(errors="replace")

    def _command(self, *words: str) -> list[str]:
        return ["kubectl", "--context", self.context, "--namespace", self.namespace, *words]
