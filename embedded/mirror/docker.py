"""What is asked of Docker: build, push, measure; by its command line, through the daemon's socket."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedded.mirror.errors import MirrorError
from embedded.mirror.ingredients import log_file
from embedded.mirror.recipe import KEY_LABEL, Heartbeat
from embedded.toolchain import tool
from embedded.toolchain.command import Command, output_of, run

_PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy")
_LIMIT_SECONDS = 1800.0


@dataclass(frozen=True)
class Build:
    """One `docker build`: `arguments` are the Dockerfile's ARGs."""

    context: Path
    tags: Sequence[str]
    labels: Mapping[str, str]
    arguments: Mapping[str, str]


@dataclass(frozen=True)
class Docker:
    """The daemon behind a socket."""

    socket: Path

    def check(self) -> None:
        """MirrorError unless the daemon answers."""
        if not self._output("version", "--format", "{{.Server.Version}}"):
            raise MirrorError(
                f"docker daemon on {self.socket}: expected an answer, got none\n"
                "  try: make up, which starts it"
            )

    def build(self, build: Build, still: Heartbeat) -> None:
        """Build with the classic builder, which needs no plug-in."""
        advice = "give this machine access to a Debian archive over http, and free some disk"
        self._run(f"build of {build.tags[0]}", build_arguments(build, os.environ), advice, still)

    def push(self, tag: str, still: Heartbeat) -> None:
        advice = "free some disk, and run it again: what was built is kept"
        self._run(f"push of {tag}", ("push", "--quiet", tag), advice, still)

    def size(self, tag: str) -> int:
        """Bytes of an image's unpacked layers, its base included; 0 if it is not there."""
        printed = self._output("image", "inspect", "--format", "{{.Size}}", tag).strip()
        return int(printed) if printed.isdigit() else 0

    def forget_replaced(self) -> None:
        """Remove images of ours that lost their name to a newer build."""
        self._output("image", "prune", "--force", "--filter", f"label={KEY_LABEL}")

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "DOCKER_HOST": f"unix://{self.socket}", "DOCKER_BUILDKIT": "0"}

    def _run(self, step: str, arguments: Sequence[str], advice: str, still: Heartbeat) -> None:
        command = Command(
            program=f"docker {step}",
            argv=(str(tool("docker")), *arguments),
            log=log_file(re.sub("[^a-z0-9.]+", "-", step)),
            advice=advice,
            env=self._environment,
            limit=_LIMIT_SECONDS,
        )
        run(command, still)

    def _output(self, *arguments: str) -> str:
        return output_of((str(tool("docker")), *arguments), seconds=60, env=self._environment)


def build_arguments(build: Build, environment: Mapping[str, str]) -> tuple[str, ...]:
    """`docker build`'s command line; builds use the host's network because the daemon has no bridge."""
    values = {
        **{name: environment[name] for name in _PROXY_VARIABLES if environment.get(name)},
        **build.arguments,
    }
    return (
        *("build", "--network", "host", "--force-rm"),
        *(option for tag in build.tags for option in ("--tag", tag)),
        *(option for label in build.labels.items() for option in ("--label", "=".join(label))),
        *(option for value in values.items() for option in ("--build-arg", "=".join(value))),
        str(build.context),
    )
