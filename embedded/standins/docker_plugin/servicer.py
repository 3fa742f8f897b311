"""The engine's remote calls, translated to `Docker`'s and back; knows messages, not images."""

# ruff: noqa: N802, ARG002 - method names and arguments are the protocol's

import functools
import json
import threading
import traceback
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from embedded.machine.versions import pins
from embedded.standins.docker_plugin.inputs import Checked
from embedded.standins.docker_plugin.provider import IN_USE, TOKEN, Change, Docker, Edit, recorded
from embedded.standins.docker_plugin.values import PluginError, from_struct, to_struct

RequestT = TypeVar("RequestT")
ReplyT = TypeVar("ReplyT")
Method = Callable[["Servicer", RequestT, grpc.ServicerContext], ReplyT]

KINDS = {
    Edit.ADD: provider_pb2.PropertyDiff.ADD,
    Edit.DELETE: provider_pb2.PropertyDiff.DELETE,
    Edit.UPDATE: provider_pb2.PropertyDiff.UPDATE,
}


def stand_in_version() -> str:
    """The version of the plugin that this one stands in for, marked as ours: `5.2.0+embedded.1`."""
    return f"{pins().plugin('docker')}+embedded.1"


def refusal(what: str) -> PluginError:
    """The error for something outside our subset of the plugin."""
    return PluginError(
        f"{what} is not served by the embedded docker plugin, which knows docker.Image only; "
        "use Pulumi's own plugin: pulumi plugin install resource docker"
    )


def _answered(method: "Method[RequestT, ReplyT]") -> "Method[RequestT, ReplyT]":
    """Turn exceptions of a call into what the engine understands; never a traceback for the user."""

    @functools.wraps(method)
    def call(servicer: "Servicer", request: RequestT, context: grpc.ServicerContext) -> ReplyT:
        try:
            return method(servicer, request, context)
        except PluginError as failure:
            _abort(context, str(failure))
        except Exception as failure:
            traceback.print_exc()
            kind = type(failure).__name__
            _abort(context, f"the embedded docker plugin failed in {method.__name__}: {kind}: {failure}")

    return call


def _abort(context: grpc.ServicerContext, message: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, message)
    raise AssertionError("abort always raises")


def _require_image(urn: str) -> None:
    """Refuse a resource of another type: the last of the `$` chain of types in a URN."""
    token = urn.split("::")[2].rpartition("$")[2]
    if token != TOKEN:
        raise refusal(token)


def _checked(checked: Checked) -> provider_pb2.CheckResponse:
    failures = [
        provider_pb2.CheckFailure(property=failure.property, reason=failure.reason)
        for failure in checked.failures
    ]
    return provider_pb2.CheckResponse(inputs=to_struct(checked.inputs), failures=failures)


def _difference(changes: Sequence[Change]) -> provider_pb2.DiffResponse:
    detailed = {
        change.property: provider_pb2.PropertyDiff(
            kind=KINDS[change.edit], inputDiff=change.edit is Edit.DELETE
        )
        for change in changes
    }
    changed = provider_pb2.DiffResponse.DIFF_SOME if detailed else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=changed, diffs=sorted(detailed), detailedDiff=detailed, hasDetailedDiff=True
    )


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serves `docker.Image` to the engine."""

    def __init__(self, docker: Docker, cancelled: threading.Event) -> None:
        """`cancelled` is set when the engine asks every operation to end."""
        self._docker = docker
        self._cancelled = cancelled

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(supports_autonaming_configuration=True)

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=stand_in_version())

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        package = {"name": "docker", "version": stand_in_version(), "description": IN_USE}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(package))

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self._cancelled.set()
        return empty_pb2.Empty()

    @_answered
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        return _checked(self._docker.check_config(from_struct(request.news)))

    @_answered
    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        olds = from_struct(request.old_inputs) or from_struct(request.olds)
        return _difference(self._docker.diff_config(olds, from_struct(request.news)))

    @_answered
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        self._docker.configure(from_struct(request.args))
        return provider_pb2.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    @_answered
    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        _require_image(request.urn)
        return _checked(self._docker.check(from_struct(request.news)))

    @_answered
    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        _require_image(request.urn)
        olds, news = from_struct(request.olds), from_struct(request.news)
        return _difference(self._docker.diff(olds, news, request.ignoreChanges))

    @_answered
    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        _require_image(request.urn)
        inputs = from_struct(request.properties)
        state = self._docker.make(request.urn, inputs, request.timeout, preview=request.preview)
        name = "" if request.preview else str(state["imageName"])
        return provider_pb2.CreateResponse(id=name, properties=to_struct(state))

    @_answered
    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        _require_image(request.urn)
        inputs = from_struct(request.news)
        state = self._docker.make(request.urn, inputs, request.timeout, preview=request.preview)
        return provider_pb2.UpdateResponse(properties=to_struct(state))

    @_answered
    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        """The recorded state: as with upstream's plugin, an image's drift is its context's, told by Diff."""
        _require_image(request.urn)
        state = recorded(from_struct(request.properties))
        return provider_pb2.ReadResponse(id=request.id, properties=to_struct(state), inputs=request.inputs)

    @_answered
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Images stay, as with upstream's plugin: other stacks may use them."""
        _require_image(request.urn)
        return empty_pb2.Empty()

    @_answered
    def Invoke(
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        raise refusal(f"the function {request.tok}")
