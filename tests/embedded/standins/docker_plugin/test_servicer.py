"""The engine's calls through the servicer, without an engine."""

import threading
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from embedded.standins.docker_plugin.provider import INPUTS, Docker
from embedded.standins.docker_plugin.servicer import Servicer, stand_in_version
from embedded.standins.docker_plugin.values import UNKNOWN, Object, Secret, from_struct, to_struct
from tests.embedded.standins.docker_plugin.examples import RecordedLog

URN = "urn:pulumi:dev::p::my:component$docker:index/image:Image::app"


class AbortedError(Exception):
    """What a context raises when a call is aborted."""


@dataclass
class Context:
    """A call's context that remembers how it ended."""

    code: grpc.StatusCode | None = None

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        self.code = code
        raise AbortedError(details)


def servicer(log: RecordedLog | None = None, cancelled: threading.Event | None = None) -> Servicer:
    cancelled = cancelled or threading.Event()
    return Servicer(Docker(log or RecordedLog(), cancelled), cancelled)


@pytest.fixture
def inputs(tmp_path: Path) -> Object:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    build: Object = {"context": str(tmp_path)}
    return {"imageName": "localhost:5000/app:1", "build": build}


def test_a_preview_has_no_id_yet_and_leaves_the_digest_open(inputs: Object) -> None:
    request = provider_pb2.CreateRequest(urn=URN, properties=to_struct(inputs), preview=True)
    answer = servicer().Create(request, Context())  # type: ignore[arg-type]
    assert answer.id == ""
    assert from_struct(answer.properties)["repoDigest"] == UNKNOWN


def test_a_failed_call_shows_its_message_and_no_traceback(
    inputs: Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    context = Context()
    with pytest.raises(AbortedError, match=r"^the docker command is not on PATH"):
        request = provider_pb2.CreateRequest(urn=URN, properties=to_struct(inputs))
        servicer().Create(request, context)  # type: ignore[arg-type]
    assert context.code is grpc.StatusCode.UNKNOWN


def test_an_unexpected_failure_names_itself_in_one_line() -> None:
    request = provider_pb2.CheckRequest(urn="not a URN")
    with pytest.raises(
        AbortedError, match=r"^the embedded docker plugin failed in Check: IndexError: [^\n]*$"
    ):
        servicer().Check(request, Context())  # type: ignore[arg-type]


def test_a_difference_is_told_in_detail() -> None:
    olds: Object = {INPUTS: {"a": 1, "b": 1, "same": 1, "ignored": 1}}
    news: Object = {"b": 2, "c": 1, "same": 1, "ignored": 2}
    request = provider_pb2.DiffRequest(
        urn=URN, olds=to_struct(olds), news=to_struct(news), ignoreChanges=["ignored.x[0]"]
    )
    answer = servicer().Diff(request, Context())  # type: ignore[arg-type]
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert {path: diff.kind for path, diff in answer.detailedDiff.items()} == {
        "a": provider_pb2.PropertyDiff.DELETE,
        "b": provider_pb2.PropertyDiff.UPDATE,
        "c": provider_pb2.PropertyDiff.ADD,
    }
    assert list(answer.diffs) == ["a", "b", "c"] and answer.hasDetailedDiff


def test_no_change_is_said_plainly() -> None:
    answer = servicer().Diff(provider_pb2.DiffRequest(urn=URN), Context())  # type: ignore[arg-type]
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_new_version_of_the_plugin_is_no_change_of_its_configuration() -> None:
    olds, news = to_struct({"host": "h", "version": "1"}), to_struct({"host": "h", "version": "2"})
    answer = servicer().DiffConfig(provider_pb2.DiffRequest(olds=olds, news=news), Context())  # type: ignore[arg-type]
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_reading_echoes_the_state_with_its_inputs_secret_and_deleting_keeps_the_image() -> None:
    state: Object = {INPUTS: {"a": 1}, "repoDigest": "sha256:x"}
    request = provider_pb2.ReadRequest(
        id="i", urn=URN, properties=to_struct(state), inputs=to_struct({"a": 1})
    )
    answer = servicer().Read(request, Context())  # type: ignore[arg-type]
    assert (answer.id, from_struct(answer.inputs)) == ("i", {"a": 1})
    assert from_struct(answer.properties) == {**state, INPUTS: Secret({"a": 1})}
    servicer().Delete(provider_pb2.DeleteRequest(id="i", urn=URN), Context())  # type: ignore[arg-type]


def test_configure_says_that_a_stand_in_is_in_use() -> None:
    log = RecordedLog()
    answer = servicer(log).Configure(provider_pb2.ConfigureRequest(), Context())  # type: ignore[arg-type]
    assert log.lines == [
        "the embedded stand-in for Pulumi's docker plugin is in use; it serves docker.Image only"
    ]
    assert answer.supportsPreview and not answer.acceptSecrets


def test_the_version_names_the_stand_in() -> None:
    info = servicer().GetPluginInfo(empty_pb2.Empty(), Context())  # type: ignore[arg-type]
    assert info.version == stand_in_version()
    assert info.version.endswith("+embedded.1")
    schema = servicer().GetSchema(provider_pb2.GetSchemaRequest(), Context())  # type: ignore[arg-type]
    assert "embedded stand-in" in schema.schema


def test_cancel_reaches_every_build() -> None:
    cancelled = threading.Event()
    servicer(cancelled=cancelled).Cancel(empty_pb2.Empty(), Context())  # type: ignore[arg-type]
    assert cancelled.is_set()


def test_functions_and_other_resources_are_refused_by_name() -> None:
    with pytest.raises(
        AbortedError, match=r"the function docker:index/x:x is not served.*docker\.Image only"
    ):
        servicer().Invoke(provider_pb2.InvokeRequest(tok="docker:index/x:x"), Context())  # type: ignore[arg-type]
    token = "docker:index/container:Container"
    with pytest.raises(AbortedError, match=f"{token} is not served by the embedded docker plugin"):
        request = provider_pb2.CheckRequest(urn=f"urn:pulumi:dev::p::{token}::x")
        servicer().Check(request, Context())  # type: ignore[arg-type]
