"""Messages to the user: a plugin's own output is shown at debug level only, so they go to the engine."""

from dataclasses import dataclass, field
from typing import Protocol

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
)


class Log(Protocol):
    """What a provider may tell the user about the resource `urn` (empty: about no resource)."""

    def info(self, message: str, urn: str = "") -> None: ...

    def warning(self, message: str, urn: str = "") -> None: ...

    def status(self, message: str, urn: str, *, warning: bool = False) -> None:
        """A passing message in the resource's status column; an empty one clears it."""


class EngineLog:
    """Sends messages to the engine that started this plugin."""

    def __init__(self, address: str) -> None:
        """Open a lazy channel to `address`, the `host:port` given on the plugin's command line."""
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address, options=CHANNEL_OPTIONS))

    def info(self, message: str, urn: str = "") -> None:
        self._send(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message, urn=urn))

    def warning(self, message: str, urn: str = "") -> None:
        self._send(engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=urn))

    def status(self, message: str, urn: str, *, warning: bool = False) -> None:
        severity = engine_pb2.WARNING if warning else engine_pb2.INFO
        self._send(engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=True))

    def _send(self, request: engine_pb2.LogRequest) -> None:
        try:
            self._stub.Log(request, timeout=5)
        except grpc.RpcError:
            return  # the engine is going away: the operation itself will say so


@dataclass
class SwitchableLog:
    """Passes messages on to `target`, which the engine may replace while the plugin runs (`Attach`)."""

    target: Log

    def info(self, message: str, urn: str = "") -> None:
        self.target.info(message, urn)

    def warning(self, message: str, urn: str = "") -> None:
        self.target.warning(message, urn)

    def status(self, message: str, urn: str, *, warning: bool = False) -> None:
        self.target.status(message, urn, warning=warning)


@dataclass
class RecordedLog:
    """Keeps messages instead of sending them; what tests and a plugin without an engine use."""

    lines: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)

    def info(self, message: str, urn: str = "") -> None:
        self.lines.append(f"info {urn}: {message}")

    def warning(self, message: str, urn: str = "") -> None:
        self.lines.append(f"warning {urn}: {message}")

    def status(self, message: str, urn: str, *, warning: bool = False) -> None:  # noqa: ARG002 - the protocol's form
        self.statuses.append(message)
