"""Asks a server with clients of the product, a line each: python -m tests.near_clients CONTEXT URL CLIENT…"""

import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import requests
import websocket

from bench.load import openloop
from bench.subject.cluster import Cluster
from bench.subject.predict import Answer, Prediction, predict
from stack import near
from stack.outputs import Endpoint

SECONDS = 20


class Echo(grpc.GenericRpcHandler):
    """Answers any call with what came."""

    def service(self, _: grpc.HandlerCallDetails) -> Any:
        return grpc.unary_unary_rpc_method_handler(lambda request, _: request)


def over_grpc() -> object:
    """As a Pulumi program asks its engine."""
    server = grpc.server(ThreadPoolExecutor(1), handlers=[Echo()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    call: Any = grpc.insecure_channel(f"127.0.0.1:{port}").unary_unary("/a/b")
    return call(b"hello", timeout=SECONDS)


def upgrade(url: str) -> object:
    """As the cluster is asked to run a command in a pod; this server has no websocket to offer."""
    try:
        return websocket.create_connection(url.replace("http", "ws"), timeout=SECONDS)
    except websocket.WebSocketBadStatusException as error:
        return error.status_code


def said(*command: str, text: str = "") -> str:
    """What a program prints."""
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, timeout=2 * SECONDS
    )
    return done.stdout + done.stderr


def k6(url: str) -> object:
    """An iteration whose request fails says so."""
    script = f"import http from 'k6/http'; export default () => console.log(http.get('{url}').status)"
    return said(
        "k6",
        "run",
        "--quiet",
        "--no-usage-report",
        "--summary-mode=disabled",
        "--address=",
        "--log-format=raw",
        "-",
        text=script,
    )[:3]


def label(found: Answer) -> str:
    """Of our own model's answer."""
    assert isinstance(found, Prediction)
    return found.label


def clients(context: str, url: str) -> Mapping[str, Callable[[], object]]:
    """Each by its name."""
    endpoint = Endpoint("tensorflow", "", "", url)
    return {
        "requests": lambda: requests.get(url, timeout=SECONDS).status_code,
        "urllib": lambda: urllib.request.urlopen(url, timeout=SECONDS).status,
        "predict": lambda: label(predict(endpoint, b"photo")),
        "kubernetes": lambda: Cluster(context).text("/version")[:1],
        "openloop": lambda: openloop.send(openloop.Load(1, 1), url, b"{}")[0].outcome,
        "websocket": lambda: upgrade(url),
        "grpc": over_grpc,
        "kubectl": lambda: said("kubectl", "--context", context, "get", "--raw", "/version")[:1],
        "k6": lambda: k6(url),
    }


def main(context: str, url: str, *names: str) -> None:
    """Ask with the clients of these names."""
    for name in names:
        try:
            print(name, clients(context, url)[name]())
        except Exception as error:
            print(name, "failed:", repr(error)[:200])


if __name__ == "__main__":
    near.keep()
    main(*sys.argv[1:])
