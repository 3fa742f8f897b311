"""The engine's calls through the servicer, without an engine."""

import threading
from dataclasses import dataclass, field

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from embedded.machine.paths import ROOT
from embedded.plugins import calls
from embedded.plugins.docker.provider import Docker
from embedded.plugins.engine import RecordedLog, SwitchableLog
from embedded.plugins.errors import PluginError
from embedded.plugins.kubernetes.provider import Kubernetes
from embedded.plugins.servicer import Servicer, stand_in_version
from embedded.plugins.values import Object, Secret, from_struct, to_struct

URN = "urn:pulumi:dev::p::my:component$kubernetes:core/v1:ConfigMap::x"


class AbortedError(Exception):
    """What a context raises when a call is aborted."""


@dataclass
class Context:
    """A call's context that remembers how it ended."""

    code: grpc.StatusCode | None = None
    trailers: dict[str, bytes] = field(default_factory=dict)

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        self.code = code
        raise AbortedError(details)

    def set_trailing_metadata(self, metadata: tuple[tuple[str, bytes], ...]) -> None:
        self.trailers.update(metadata)


@dataclass
class Scripted:
    """A provider that answers or raises what a test tells it to."""

    name: str = "kubernetes"
    serves: str = "nothing"
    accepts_secrets: bool = True
    failure: Exception | None = None
    difference: calls.Difference = field(default_factory=calls.Difference)
    seen: list[object] = field(default_factory=list)

    def check_config(self, news: Object) -> calls.Checked:
        return calls.Checked(news, (calls.Failure("a", "bad"),))

    def diff_config(self, olds: Object, news: Object) -> calls.Difference:
        self.seen.append((olds, news))
        return self.difference

    def configure(self, config: Object) -> None:
        self.seen.append(config)

    def check(self, call: calls.CheckCall) -> calls.Checked:
        self.seen.append(call)
        return calls.Checked(call.news)

    def diff(self, call: calls.DiffCall) -> calls.Difference:
        self.seen.append(call)
        return self.difference

    def create(self, call: calls.CreateCall) -> calls.Created:
        self.seen.append(call)
        if self.failure:
            raise self.failure
        return calls.Created("n/x", {"a": Secret(1)})

    def read(self, call: calls.ReadCall) -> calls.Reading:
        return calls.Reading("", call.state, call.inputs)

    def update(self, call: calls.UpdateCall) -> Object:
        return call.news

    def delete(self, call: calls.DeleteCall) -> None:
        self.seen.append(call)


def servicer(provider: calls.Provider, log: RecordedLog | None = None) -> Servicer:
    return Servicer(provider, SwitchableLog(log or RecordedLog()), threading.Event())


def create(provider: calls.Provider, context: Context) -> provider_pb2.CreateResponse:
    request = provider_pb2.CreateRequest(urn=URN, properties=to_struct({"a": 1}), timeout=7, preview=True)
    return servicer(provider).Create(request, context)  # type: ignore[arg-type]


def test_the_resource_type_is_the_urn_s_last_and_the_options_arrive() -> None:
    provider = Scripted()
    answer = create(provider, Context())
    assert (answer.id, from_struct(answer.properties)) == ("n/x", {"a": Secret(1)})
    expected = calls.CreateCall(URN, "kubernetes:core/v1:ConfigMap", {"a": 1}, timeout=7, preview=True)
    assert provider.seen == [expected]


def test_a_failed_call_shows_its_message_and_no_traceback() -> None:
    context = Context()
    with pytest.raises(AbortedError, match=r"^no such thing$"):
        create(Scripted(failure=PluginError("no such thing")), context)
    assert context.code is grpc.StatusCode.UNKNOWN
    with pytest.raises(AbortedError, match=r"^the embedded plugin failed in Create: KeyError: 'x'$"):
        create(Scripted(failure=KeyError("x")), Context())


def test_an_object_that_is_not_ready_is_recorded_with_its_reasons() -> None:
    context = Context()
    failure = calls.InitError("n/x", "not live", ("because",), {"kind": "Deployment"})
    with pytest.raises(AbortedError, match="not live"):
        create(Scripted(failure=failure), context)
    status = status_pb2.Status.FromString(context.trailers["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    assert (detail.id, list(detail.reasons)) == ("n/x", ["not live", "because"])
    assert from_struct(detail.properties) == {"kind": "Deployment"}
    assert not detail.HasField("inputs"), "the engine keeps the inputs it has"


def test_a_difference_is_told_in_detail() -> None:
    changes = (
        calls.Change(("spec", "selector"), calls.Edit.UPDATE, replace=True),
        calls.Change(("spec", "list", 0), calls.Edit.DELETE),
        calls.Change(("data", "a.b"), calls.Edit.ADD),
    )
    provider = Scripted(difference=calls.Difference(changes, delete_before_replace=True))
    request = provider_pb2.DiffRequest(urn=URN, ignoreChanges=["spec.x"])
    answer = servicer(provider).Diff(request, Context())  # type: ignore[arg-type]
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert {path: diff.kind for path, diff in answer.detailedDiff.items()} == {
        "spec.selector": provider_pb2.PropertyDiff.UPDATE_REPLACE,
        "spec.list[0]": provider_pb2.PropertyDiff.DELETE,
        'data["a.b"]': provider_pb2.PropertyDiff.ADD,
    }
    assert (list(answer.replaces), list(answer.diffs)) == (["spec.selector"], ["data", "spec"])
    assert answer.deleteBeforeReplace and answer.hasDetailedDiff


def test_no_change_is_said_plainly() -> None:
    answer = servicer(Scripted()).Diff(provider_pb2.DiffRequest(urn=URN), Context())  # type: ignore[arg-type]
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_an_object_that_is_gone_reads_as_an_empty_id() -> None:
    answer = servicer(Scripted()).Read(provider_pb2.ReadRequest(id="x", urn=URN), Context())  # type: ignore[arg-type]
    assert answer == provider_pb2.ReadResponse()


def test_configure_says_that_a_stand_in_is_in_use() -> None:
    log = RecordedLog()
    answer = servicer(Scripted(), log).Configure(provider_pb2.ConfigureRequest(), Context())  # type: ignore[arg-type]
    assert log.lines == [
        "info : the embedded stand-in for Pulumi's kubernetes plugin is in use (a subset of its resources)"
    ]
    assert answer.acceptSecrets and answer.supportsPreview and answer.supports_autonaming_configuration
    assert not answer.acceptResources and not answer.acceptOutputs


def test_autonaming_options_reach_the_provider() -> None:
    provider = Scripted()
    options = provider_pb2.CheckRequest.AutonamingOptions
    request = provider_pb2.CheckRequest(
        urn=URN, autonaming=options(proposed_name="p", mode=options.ENFORCE), randomSeed=b"s"
    )
    servicer(provider).Check(request, Context())  # type: ignore[arg-type]
    (call,) = provider.seen
    assert isinstance(call, calls.CheckCall)
    assert (call.autonaming, call.proposed_name, call.seed) == (calls.Autonaming.PROPOSED, "p", b"s")


def test_the_version_names_the_stand_in() -> None:
    info = servicer(Scripted()).GetPluginInfo(empty_pb2.Empty(), Context())  # type: ignore[arg-type]
    assert info.version == stand_in_version("kubernetes")
    assert info.version.endswith("+embedded.1")
    schema = servicer(Scripted()).GetSchema(provider_pb2.GetSchemaRequest(), Context())  # type: ignore[arg-type]
    assert "Embedded stand-in" in schema.schema


def test_cancel_reaches_every_wait() -> None:
    cancelled = threading.Event()
    subject = Servicer(Scripted(), SwitchableLog(RecordedLog()), cancelled)
    subject.Cancel(empty_pb2.Empty(), Context())  # type: ignore[arg-type]
    assert cancelled.is_set()


def test_functions_and_components_are_refused_by_name() -> None:
    subject = servicer(Kubernetes(RecordedLog(), threading.Event()))
    with pytest.raises(AbortedError, match=r"the component kubernetes:yaml/v2:ConfigGroup is not served"):
        request = provider_pb2.ConstructRequest(type="kubernetes:yaml/v2:ConfigGroup")
        subject.Construct(request, Context())  # type: ignore[arg-type]
    with pytest.raises(AbortedError, match=r"the function kubernetes:helm:template is not served"):
        subject.Invoke(provider_pb2.InvokeRequest(tok="kubernetes:helm:template"), Context())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("provider", "token"),
    [
        (Kubernetes(RecordedLog(), threading.Event()), "kubernetes:batch/v1:Job"),
        (Docker(RecordedLog(), threading.Event()), "docker:index/container:Container"),
    ],
    ids=["kubernetes", "docker"],
)
def test_other_resources_are_refused_by_name(provider: calls.Provider, token: str) -> None:
    request = provider_pb2.CheckRequest(urn=f"urn:pulumi:dev::p::{token}::x")
    with pytest.raises(AbortedError, match=f"{token}.* is not served by the embedded {provider.name} plugin"):
        servicer(provider).Check(request, Context())  # type: ignore[arg-type]


def test_an_unreachable_cluster_fails_the_update_but_not_the_preview() -> None:
    provider = Kubernetes(RecordedLog(), threading.Event())
    provider.configure({"kubeconfig": str(ROOT / "no-such-kubeconfig")})
    inputs: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "n"}}
    call = calls.CreateCall(URN, "kubernetes:core/v1:ConfigMap", inputs, preview=True)
    assert provider.create(call).state == inputs
    with pytest.raises(PluginError, match=r"cluster is unreachable: kubeconfig: expected a file"):
        provider.create(calls.CreateCall(URN, call.type, inputs))
    with pytest.raises(PluginError, match="PULUMI_K8S_DELETE_UNREACHABLE"):
        provider.delete(calls.DeleteCall("n/x", URN, call.type, {}))
    provider.configure({"kubeconfig": "/nowhere", "deleteUnreachable": "true"})
    provider.delete(calls.DeleteCall("n/x", URN, call.type, {}))
    assert provider.read(calls.ReadCall("n/x", URN, call.type)).identifier == ""
