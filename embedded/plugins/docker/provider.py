"""`docker.Image` for the engine: Pulumi's calls in terms of builds and pushes."""

import os
import threading

from embedded.plugins import calls
from embedded.plugins.docker import inputs as image_inputs
from embedded.plugins.docker.cli import Docker as DockerCommand
from embedded.plugins.docker.inputs import Image
from embedded.plugins.engine import Log
from embedded.plugins.errors import PluginError
from embedded.plugins.servicer import refusal
from embedded.plugins.values import (
    UNKNOWN,
    Object,
    Secret,
    Value,
    as_object,
    as_text,
    has_unknown,
    reveal_object,
)

TOKEN = "docker:index/image:Image"
INPUTS = "__inputs"
CONFIG = frozenset(("host", "certPath", "version", "pluginDownloadURL"))


class Docker:
    """Serves `docker.Image`."""

    name = "docker"
    serves = "docker.Image"
    accepts_secrets = False

    def __init__(self, log: Log, cancelled: threading.Event) -> None:
        """Unconfigured: the docker command's own defaults; `cancelled` ends a build."""
        self._log = log
        self._docker = DockerCommand(cancelled)
        self._cancelled = cancelled

    def check_config(self, news: Object) -> calls.Checked:
        served = ", ".join(sorted(CONFIG - {"version", "pluginDownloadURL"}))
        reason = f"not served by the embedded docker plugin; it knows {served}"
        return calls.Checked(news, tuple(calls.Failure(key, reason) for key in news if key not in CONFIG))

    def diff_config(self, olds: Object, news: Object) -> calls.Difference:
        keys = [key for key in sorted({*olds, *news} - {"version"}) if olds.get(key) != news.get(key)]
        return calls.Difference(tuple(calls.Change((key,), _edit(key, olds, news)) for key in keys))

    def configure(self, config: Object) -> None:
        """Choose the daemon: the configuration's, else the environment's, else the command's default."""
        plain = reveal_object(config)
        environment = {}
        if host := as_text(plain.get("host")):
            environment["DOCKER_HOST"] = host
        if path := as_text(plain.get("certPath")) or os.environ.get("DOCKER_CERT_PATH", ""):
            environment |= {"DOCKER_CERT_PATH": path, "DOCKER_TLS_VERIFY": "1"}
        self._docker = DockerCommand(self._cancelled, environment)

    def check(self, call: calls.CheckCall) -> calls.Checked:
        _require_image(call.type)
        try:
            return image_inputs.check(call.news)
        except OSError as problem:
            raise PluginError(f"the build context cannot be read: {problem}") from problem

    def diff(self, call: calls.DiffCall) -> calls.Difference:
        _require_image(call.type)
        old = as_object(reveal_object(call.olds).get(INPUTS))
        new = reveal_object(call.news)
        ignored = {text.partition(".")[0].partition("[")[0] for text in call.ignore_changes}
        keys = [key for key in sorted({*old, *new} - ignored) if _relevant(key, old) != _relevant(key, new)]
        return calls.Difference(tuple(calls.Change((key,), _edit(key, old, new)) for key in keys))

    def create(self, call: calls.CreateCall) -> calls.Created:
        _require_image(call.type)
        state = self._state(call.urn, call.inputs, call.timeout, preview=call.preview)
        return calls.Created("" if call.preview else as_text(state["imageName"]), state)

    def update(self, call: calls.UpdateCall) -> Object:
        _require_image(call.type)
        return self._state(call.urn, call.news, call.timeout, preview=call.preview)

    def read(self, call: calls.ReadCall) -> calls.Reading:
        _require_image(call.type)
        return calls.Reading(call.identifier, _with_secret_inputs(call.state), call.inputs)

    def delete(self, call: calls.DeleteCall) -> None:
        """Images stay, as with upstream's plugin: other stacks may use them."""
        _require_image(call.type)

    def _state(self, urn: str, inputs: Object, timeout: float, *, preview: bool) -> Object:
        if has_unknown(inputs):
            return inputs
        image = image_inputs.read(inputs)
        reference: Value = UNKNOWN if preview else self._make(urn, image, timeout)
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

    def _make(self, urn: str, image: Image, timeout: float) -> str:
        """Build, and push unless told not to; the image's digest, or its local id."""

        def report(line: str) -> None:
            self._log.status(line, urn)

        report("Building the image")
        self._docker.build(image, report, timeout)
        if image.skip_push:
            reference = self._docker.image_id(image.name)
        else:
            report("Pushing the image to the registry")
            reference = self._docker.push(image, report, timeout)
        report("")
        return reference


def _require_image(token: str) -> None:
    if token != TOKEN:
        raise refusal(token, Docker.name, Docker.serves)


def _edit(key: str, olds: Object, news: Object) -> calls.Edit:
    if key not in olds:
        return calls.Edit.ADD
    return calls.Edit.UPDATE if key in news else calls.Edit.DELETE


def _relevant(key: str, inputs: Object) -> Value:
    """The part of an input whose change matters: a registry's credentials may change at any time."""
    value = inputs.get(key)
    return as_object(value).get("server") if key == "registry" else value


def _with_secret_inputs(state: Object) -> Object:
    hidden: Object = {INPUTS: Secret(state[INPUTS])} if INPUTS in state else {}
    return {**state, **hidden}
