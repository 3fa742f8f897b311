"""Every server with a model of another name: in its URLs, command line and files; ours stays as it was."""

from typing import Any, cast

import pytest

from stack.outputs import Endpoint, Monitoring, StackOutputs, decode, encode
from stack.servers import MAKERS, SERVERS, serving
from stack.servers.model import OURS, Model
from stack.servers.server import ModelServer
from stack.settings import Settings

IRIS = Model("iris", "application/json", 'input [ { name: "x" } ]')


def text(server: ModelServer) -> str:
    """All that a container of the server gets, and how it is asked and looked at."""
    wanted = Settings().of(server)
    parts = (server.predict_path, server.probes, server.command(wanted), server.files(wanted), server.look)
    return "\n".join(map(str, (*parts, server.config_folder)))


@pytest.mark.parametrize("name", SERVERS)
def test_the_models_name_is_wherever_ours_is(name: str) -> None:
    ours, other = text(SERVERS[name]), text(serving(IRIS)[name])
    assert "emotions" in ours
    assert "emotions" not in other
    assert other.count("iris") == ours.count("emotions")


@pytest.mark.parametrize("name", SERVERS)
def test_an_adopted_model_is_sent_whole_requests_and_runs_in_its_server_only(name: str) -> None:
    server = serving(IRIS)[name]
    assert server.dialect.body(b"as it is") == b"as it is"
    assert server.dialect.answer({"any": "JSON"}) == {"any": "JSON"}
    assert server.dialect.headers == {"Content-Type": "application/json"}
    assert server.in_process is None
    assert server.model == IRIS


def test_tritons_configuration_has_the_tensors_of_an_adopted_model() -> None:
    wanted = Settings().of(SERVERS["triton"])
    assert 'input [ { name: "x" } ]\ninstance_group' in serving(IRIS)["triton"].files(wanted)["stack.pbtxt"]


def test_our_model_is_the_default() -> None:
    assert serving(OURS) is SERVERS
    assert [make(OURS).name for make in MAKERS] == list(SERVERS)


def test_outputs_tell_the_model_and_say_nothing_of_ours() -> None:
    endpoints = tuple(Endpoint("triton", "triton", "image", "http://x/", model=each) for each in (OURS, IRIS))
    told = StackOutputs("s", "c", "n", endpoints, Monitoring("m", "p", 1))
    first, second = cast("list[dict[str, Any]]", encode(told)["endpoints"])
    assert "model" not in first
    assert second["model"]["name"] == "iris"
    assert decode(encode(told)) == told
