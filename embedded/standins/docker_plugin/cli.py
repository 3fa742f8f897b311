"""The docker command: builds, pushes and asks for digests; ends with the operation that started it."""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from base.children import tied_command
from embedded.standins.docker_plugin.inputs import Build, Image, Login, host_platform, repository_of
from embedded.standins.docker_plugin.values import PluginError

LAST_LINES = 30
NO_REGISTRY = re.compile(r'Get "https?://')
PUSHED = re.compile(r"digest: (sha256:[0-9a-f]{64})")
HUB = "https://index.docker.io/v1/"


@dataclass(frozen=True)
class DockerCommand:
    """A docker daemon, reached through the docker command with `environment` added to ours."""

    cancelled: threading.Event
    environment: dict[str, str] = field(default_factory=dict)

    def build(self, image: Image, report: Callable[[str], None], seconds: float) -> None:
        """Build and tag the image, telling each line of output to `report`."""
        buildkit = not image.build.classic and self._has_buildx()
        command = (
            ["docker", "buildx", "build", "--load", "--progress=plain"] if buildkit else ["docker", "build"]
        )
        arguments = build_arguments(image.name, image.build)
        with self._logged_in(image.login, image.name) as environment:
            variables = {**environment, "DOCKER_BUILDKIT": "1" if buildkit else "0"}
            try:
                self._run([*command, *arguments], variables, report, seconds)
            except PluginError as error:
                raise PluginError(f"{error}{pull_advice(image.build, str(error))}") from error

    def push(self, image: Image, report: Callable[[str], None], seconds: float) -> str:
        """Push the image; its name by digest, `repository@sha256:…`."""
        with self._logged_in(image.login, image.name) as environment:
            lines = self._run(["docker", "push", image.name], environment, report, seconds)
        for line in reversed(lines):
            if found := PUSHED.search(line):
                return f"{repository_of(image.name)}@{found.group(1)}"
        raise PluginError(f"docker push {image.name}: expected its digest in the output, got {lines[-1:]}")

    def image_id(self, name: str) -> str:
        """The local id, `sha256:…`, of an image."""
        command = ["docker", "image", "inspect", "--format", "{{.Id}}", name]
        return self._run(command, self._variables(), lambda _: None, 60)[-1]

    def _has_buildx(self) -> bool:
        probe = subprocess.run(
            tied_command(["docker", "buildx", "version"]),
            capture_output=True,
            env=self._variables(),
            check=False,
        )
        return probe.returncode == 0

    def _variables(self) -> dict[str, str]:
        if shutil.which("docker") is None:
            raise PluginError("the docker command is not on PATH; install Docker's command-line client")
        return {**os.environ, **self.environment}

    @contextmanager
    def _logged_in(self, login: Login, image: str) -> Iterator[dict[str, str]]:
        """Our environment; with credentials, a private copy of the docker configuration that holds them."""
        variables = self._variables()
        if not (login.username and login.password):
            yield variables
            return
        own = Path(variables.get("DOCKER_CONFIG") or Path.home() / ".docker")
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "config.json"
            config.touch(mode=0o600)
            config.write_text(json.dumps(_with_login(own / "config.json", login, image)))
            for name in ("cli-plugins", "contexts", "buildx"):
                if (own / name).is_dir():
                    (Path(folder) / name).symlink_to(own / name)
            yield {**variables, "DOCKER_CONFIG": folder}

    def _run(
        self, command: list[str], variables: dict[str, str], report: Callable[[str], None], seconds: float
    ) -> list[str]:
        """Run to the end and return the last lines; raises PluginError with them on failure."""
        process = subprocess.Popen(
            tied_command(command),
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        end = time.monotonic() + seconds if seconds else None
        threading.Thread(target=self._guard, args=(process, end), daemon=True).start()
        lines: deque[str] = deque(maxlen=LAST_LINES)
        with process:
            for line in process.stdout or ():
                if line.strip():
                    lines.append(line.rstrip())
                    report(line.strip())
        if process.returncode == 0:
            return list(lines)
        what = " ".join(command[:3])
        if self.cancelled.is_set():
            raise PluginError(f"{what} was cancelled")
        detail = "\n".join(lines)
        raise PluginError(f"{what} failed with exit code {process.returncode}:\n{detail}")

    def _guard(self, process: subprocess.Popen[str], end: float | None) -> None:
        """End the process on cancellation or time-out."""
        while process.poll() is None:
            late = end is not None and time.monotonic() >= end
            if self.cancelled.wait(0.2) or late:
                process.terminate()
                return


def build_arguments(name: str, build: Build) -> list[str]:
    """The arguments of `docker build` after the command; the host's own platform is left to the daemon."""
    arguments = ["--tag", name, "--file", str(build.dockerfile)]
    if build.platform != host_platform():
        arguments += ["--platform", build.platform]
    for key, value in build.args:
        arguments += ["--build-arg", f"{key}={value}"]
    for flag, values in (("--add-host", build.add_hosts), ("--cache-from", build.cache_from)):
        for value in values:
            arguments += [flag, value]
    for flag, value in (("--network", build.network), ("--target", build.target)):
        arguments += [flag, value] if value else []
    return [*arguments, str(build.context)]


def pull_advice(build: Build, said: str) -> str:
    """What helps where the registry of the base image cannot be reached; else nothing."""
    base = dict(build.args).get("BASE", "").rpartition(":")[0]
    if not base or not NO_REGISTRY.search(said):
        return ""
    return f"\n{base}: not in reach; python -m embedded.mirror {base} builds it here, if it knows it"


def _with_login(config: Path, login: Login, image: str) -> dict[str, object]:
    """The docker configuration with one login; credential helpers are left out, they would hide it."""
    settings: dict[str, object] = json.loads(config.read_text()) if config.is_file() else {}
    settings.pop("credsStore", None)
    settings.pop("credHelpers", None)
    server = login.server or image.partition("/")[0]
    server = HUB if server in ("docker.io", "index.docker.io", "registry-1.docker.io") else server
    token = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
    stored = settings.get("auths")
    return {**settings, "auths": {**(stored if isinstance(stored, dict) else {}), server: {"auth": token}}}
