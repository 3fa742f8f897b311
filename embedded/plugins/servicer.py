"""The engine's remote calls, translated to a `Provider`'s and back; knows messages, not resources."""

# ruff: noqa: N802, ARG002 - method names and arguments are the protocol's

import functools
import json
import threading
import traceback
from collections.abc import Callable
from typing import NoReturn, TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from embedded.machine.paths import ROOT
from embedded.plugins import calls, paths
from embedded.plugins.engine import EngineLog, SwitchableLog
from embedded.plugins.errors import PluginError
from embedded.plugins.values import from_struct, to_struct

ServicerT = TypeVar("ServicerT")
RequestT = TypeVar("RequestT")
ReplyT = TypeVar("ReplyT")

KINDS = {
    (calls.Edit.ADD, False): provider_pb2.PropertyDiff.ADD,
    (calls.Edit.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (calls.Edit.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (calls.Edit.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (calls.Edit.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (calls.Edit.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def stand_in_version(name: str) -> str:
    """The version of plugin `name` that this one stands in for, marked as ours: `4.34.2+embedded.1`."""
    plugins = json.loads((ROOT / "versions.json").read_text())["plugins"]
    return f"{plugins[name]}+embedded.1"


def _answered(
    method: Callable[[ServicerT, RequestT, grpc.ServicerContext], ReplyT],
) -> Callable[[ServicerT, RequestT, grpc.ServicerContext], ReplyT]:
    """Turn exceptions of a call into what the engine understands; never a traceback for the user."""

    @functools.wraps(method)
    def call(servicer: ServicerT, request: RequestT, context: grpc.ServicerContext) -> ReplyT:
        try:
            return method(servicer, request, context)
        except calls.InitError as failure:
            context.set_trailing_metadata((("grpc-status-details-bin", _details(failure)),))
            _abort(context, str(failure))
        except PluginError as failure:
            _abort(context, str(failure))
        except Exception as failure:
            traceback.print_exc()
            kind = type(failure).__name__
            _abort(context, f"the embedded plugin failed in {method.__name__}: {kind}: {failure}")

    return call


def _abort(context: grpc.ServicerContext, message: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, message)
    raise AssertionError("abort always raises")


def _details(failure: calls.InitError) -> bytes:
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=failure.identifier,
            properties=to_struct(failure.state),
            reasons=failure.reasons,
            inputs=None if failure.inputs is None else to_struct(failure.inputs),
        )
    )
    code = grpc.StatusCode.UNKNOWN.value[0]
    return status_pb2.Status(code=code, message=str(failure), details=[detail]).SerializeToString()


def _checked(checked: calls.Checked) -> provider_pb2.CheckResponse:
    failures = [
        provider_pb2.CheckFailure(property=failure.property, reason=failure.reason)
        for failure in checked.failures
    ]
    return provider_pb2.CheckResponse(inputs=to_struct(checked.inputs), failures=failures)


def _difference(difference: calls.Difference) -> provider_pb2.DiffResponse:
    detailed = {
        paths.text(change.path): provider_pb2.PropertyDiff(
            kind=KINDS[change.edit, change.replace], inputDiff=change.edit is calls.Edit.DELETE
        )
        for change in difference.changes
    }
    changed = provider_pb2.DiffResponse.DIFF_SOME if detailed else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=changed,
        diffs=sorted({str(change.path[0]) for change in difference.changes}),
        replaces=[paths.text(change.path) for change in difference.changes if change.replace],
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=difference.delete_before_replace,
    )


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one provider to the engine."""

    def __init__(self, provider: calls.Provider, log: SwitchableLog, cancelled: threading.Event) -> None:
        """Report to `log`; `cancelled` is set when the engine asks every operation to end."""
        self._provider = provider
        self._log = log
        self._cancelled = cancelled

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=self._provider.accepts_secrets, supports_autonaming_configuration=True
        )

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=stand_in_version(self._provider.name))

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        name = self._provider.name
        description = f"Embedded stand-in for Pulumi's {name} plugin; serves {self._provider.serves} only."
        package = {"name": name, "version": stand_in_version(name), "description": description}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(package))

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self._log.target = EngineLog(request.address)
        return empty_pb2.Empty()

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self._cancelled.set()
        return empty_pb2.Empty()

    @_answered
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        return _checked(self._provider.check_config(from_struct(request.news)))

    @_answered
    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        olds = from_struct(request.old_inputs) or from_struct(request.olds)
        return _difference(self._provider.diff_config(olds, from_struct(request.news)))

    @_answered
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        self._provider.configure(from_struct(request.args))
        name = self._provider.name
        self._log.info(
            f"the embedded stand-in for Pulumi's {name} plugin is in use (a subset of its resources)"
        )
        return provider_pb2.ConfigureResponse(
            acceptSecrets=self._provider.accepts_secrets,
            supportsPreview=True,
            supports_autonaming_configuration=True,
        )

    @_answered
    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        autonaming, proposed = calls.Autonaming.DEFAULT, ""
        if request.HasField("autonaming"):
            proposed = request.autonaming.proposed_name
            disabled = request.autonaming.mode == provider_pb2.CheckRequest.AutonamingOptions.DISABLE
            autonaming = calls.Autonaming.DISABLED if disabled else calls.Autonaming.PROPOSED
        call = calls.CheckCall(
            urn=request.urn,
            type=_type_of(request.urn),
            olds=from_struct(request.olds),
            news=from_struct(request.news),
            seed=request.randomSeed,
            autonaming=autonaming,
            proposed_name=proposed,
        )
        return _checked(self._provider.check(call))

    @_answered
    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        call = calls.DiffCall(
            identifier=request.id,
            urn=request.urn,
            type=_type_of(request.urn),
            olds=from_struct(request.olds),
            news=from_struct(request.news),
            ignore_changes=tuple(request.ignoreChanges),
        )
        return _difference(self._provider.diff(call))

    @_answered
    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        call = calls.CreateCall(
            urn=request.urn,
            type=_type_of(request.urn),
            inputs=from_struct(request.properties),
            timeout=request.timeout,
            preview=request.preview,
        )
        created = self._provider.create(call)
        return provider_pb2.CreateResponse(id=created.identifier, properties=to_struct(created.state))

    @_answered
    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        call = calls.ReadCall(
            identifier=request.id,
            urn=request.urn,
            type=_type_of(request.urn),
            state=from_struct(request.properties),
            inputs=from_struct(request.inputs),
        )
        reading = self._provider.read(call)
        if not reading.identifier:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=reading.identifier, properties=to_struct(reading.state), inputs=to_struct(reading.inputs)
        )

    @_answered
    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        call = calls.UpdateCall(
            identifier=request.id,
            urn=request.urn,
            type=_type_of(request.urn),
            olds=from_struct(request.olds),
            news=from_struct(request.news),
            timeout=request.timeout,
            preview=request.preview,
            ignore_changes=tuple(request.ignoreChanges),
        )
        return provider_pb2.UpdateResponse(properties=to_struct(self._provider.update(call)))

    @_answered
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        call = calls.DeleteCall(
            identifier=request.id,
            urn=request.urn,
            type=_type_of(request.urn),
            state=from_struct(request.properties),
            timeout=request.timeout,
        )
        self._provider.delete(call)
        return empty_pb2.Empty()

    @_answered
    def Invoke(
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        raise self._refused(f"the function {request.tok}")

    @_answered
    def Construct(
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConstructResponse:
        raise self._refused(f"the component {request.type}")

    @_answered
    def Call(
        self, request: provider_pb2.CallRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CallResponse:
        raise self._refused(f"the method {request.tok}")

    @_answered
    def Parameterize(
        self, request: provider_pb2.ParameterizeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ParameterizeResponse:
        raise self._refused("parameterization")

    def _refused(self, what: str) -> PluginError:
        return refusal(what, self._provider.name, self._provider.serves)


def refusal(what: str, name: str, serves: str) -> PluginError:
    """The error for something outside our subset of plugin `name`."""
    return PluginError(
        f"{what} is not served by the embedded {name} plugin, which knows {serves} only; "
        f"use Pulumi's own plugin: pulumi plugin install resource {name}"
    )


def _type_of(urn: str) -> str:
    """`kubernetes:core/v1:Pod` from a URN; the part after the last `$` of the parents' chain."""
    return urn.split("::")[2].rpartition("$")[2]
