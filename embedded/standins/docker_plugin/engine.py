"""Messages to the user: a plugin's own output is shown at debug level only, so they go to the engine."""

from typing import Protocol

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
    ("grpc.enable_http_proxy", 0),  # the engine is on loopback, which gRPC would ask a proxy for
)


class Log(Protocol):
    """What the plugin may tell the user."""

    def info(self, message: str) -> None:
        """A line of the operation's output."""

    def status(self, message: str, urn: str) -> None:
        """A passing message in the status column of the resource `urn`; an empty one clears it."""


class EngineLog:
    """Sends messages to the engine that started this plugin."""

    def __init__(self, address: str) -> None:
        """Open a lazy channel to `address`, the `host:port` given on the plugin's command line."""
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address, options=CHANNEL_OPTIONS))

    def info(self, message: str) -> None:
        self._send(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message))

    def status(self, message: str, urn: str) -> None:
        self._send(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message, urn=urn, ephemeral=True))

    def _send(self, request: engine_pb2.LogRequest) -> None:
        try:
            self._stub.Log(request, timeout=5)
        except grpc.RpcError:
            return  # the engine is going away: the operation itself will say so
