"""`docker.Image` in terms of builds and pushes."""

import enum
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from embedded.standins.docker_plugin import inputs as image_inputs
from embedded.standins.docker_plugin.cli import DockerCommand
from embedded.standins.docker_plugin.engine import Log
from embedded.standins.docker_plugin.inputs import Checked, Failure, Image
from embedded.standins.docker_plugin.values import (
    UNKNOWN,
    Object,
    PluginError,
    Secret,
    Value,
    as_object,
    as_text,
    has_unknown,
    reveal_object,
)

TOKEN = "docker:index/image:Image"
INPUTS = "__inputs"
CONFIG = ("certPath", "host")
ENGINE_S_OWN = ("pluginDownloadURL", "version")
IN_USE = "the embedded stand-in for Pulumi's docker plugin is in use; it serves docker.Image only"


class Edit(enum.Enum):
    """How one property changed."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Change:
    """One changed property."""

    property: str
    edit: Edit


class Docker:
    """Checks, compares and makes images with one docker daemon."""

    def __init__(self, log: Log, cancelled: threading.Event) -> None:
        """Unconfigured: the docker command's own defaults; `cancelled` ends a build."""
        self._log = log
        self._command = DockerCommand(cancelled)
        self._cancelled = cancelled

    def check_config(self, news: Object) -> Checked:
        """Refuse what the daemon's address and certificates do not cover."""
        reason = f"not served by the embedded docker plugin; it knows {', '.join(CONFIG)}"
        unserved = [key for key in news if key not in (*CONFIG, *ENGINE_S_OWN)]
        return Checked(news, tuple(Failure(key, reason) for key in unserved))

    def diff_config(self, olds: Object, news: Object) -> tuple[Change, ...]:
        """What differs between two configurations; a new version of the plugin is no change."""
        keys = sorted({*olds, *news} - {"version"})
        return tuple(Change(key, _edit(key, olds, news)) for key in keys if olds.get(key) != news.get(key))

    def configure(self, config: Object) -> None:
        """Choose the daemon: the configuration's, else the environment's, else the command's default."""
        plain = reveal_object(config)
        environment = {}
        if host := as_text(plain.get("host")):
            environment["DOCKER_HOST"] = host
        if path := as_text(plain.get("certPath")) or os.environ.get("DOCKER_CERT_PATH", ""):
            environment |= {"DOCKER_CERT_PATH": path, "DOCKER_TLS_VERIFY": "1"}
        self._command = DockerCommand(self._cancelled, environment)
        self._log.info(IN_USE)

    def check(self, news: Object) -> Checked:
        """The inputs with their defaults and the context's digest. PluginError if it cannot be read."""
        try:
            return image_inputs.check(news)
        except OSError as problem:
            raise PluginError(f"the build context cannot be read: {problem}") from problem

    def diff(self, olds: Object, news: Object, ignore_changes: Iterable[str]) -> tuple[Change, ...]:
        """What differs between the recorded state's inputs and `news`, by top-level property."""
        old, new = as_object(reveal_object(olds).get(INPUTS)), reveal_object(news)
        ignored = {text.partition(".")[0].partition("[")[0] for text in ignore_changes}
        keys = sorted({*old, *new} - ignored)
        return tuple(
            Change(key, _edit(key, old, new)) for key in keys if _relevant(key, old) != _relevant(key, new)
        )

    def make(self, urn: str, inputs: Object, seconds: float, *, preview: bool) -> Object:
        """Build, and push unless told not to; the state to record. A preview leaves the digest open."""
        if has_unknown(inputs):
            return inputs
        image = image_inputs.read(inputs)
        reference: Value = UNKNOWN if preview else self._build(urn, image, seconds)
        return {
            "imageName": image.name,
            "baseImageName": image.name,
            "context": str(image.build.context),
            "dockerfile": os.path.relpath(image.build.dockerfile, image.build.context),
            "platform": image.build.platform,
            "registryServer": image.login.server,
            "repoDigest": reference,
            INPUTS: Secret(dict(inputs)),
        }

    def _build(self, urn: str, image: Image, seconds: float) -> str:
        """The digest of the pushed image, or the local id of one that is not pushed."""

        def report(line: str) -> None:
            self._log.status(line, urn)

        report("Building the image")
        self._command.build(image, report, seconds)
        if image.skip_push:
            reference = self._command.image_id(image.name)
        else:
            report("Pushing the image to the registry")
            reference = self._command.push(image, report, seconds)
        report("")
        return reference


def recorded(state: Object) -> Object:
    """A state as read back from the engine, with its inputs kept secret: they may hold a password."""
    return {**state, INPUTS: Secret(state[INPUTS])} if INPUTS in state else state


def _edit(key: str, olds: Object, news: Object) -> Edit:
    if key not in olds:
        return Edit.ADD
    return Edit.UPDATE if key in news else Edit.DELETE


def _relevant(key: str, inputs: Object) -> Value:
    """The part of an input whose change matters: a registry's credentials may change at any time."""
    value = inputs.get(key)
    return as_object(value).get("server") if key == "registry" else value
