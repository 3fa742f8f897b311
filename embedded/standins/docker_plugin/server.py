"""The process around the plugin: one port on standard output, threads, signals, an end with the engine's."""

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from embedded.standins.docker_plugin.engine import CHANNEL_OPTIONS, EngineLog
from embedded.standins.docker_plugin.provider import Docker
from embedded.standins.docker_plugin.servicer import Servicer

THREADS = 64  # a build holds its thread, so there must be more than the engine's parallel operations
STOP_GRACE_SECONDS = 3.0
ORPHAN_CHECK_SECONDS = 0.5


def serve() -> NoReturn:
    """Run the plugin until the engine ends it, or is gone; the last argument is the engine's address."""
    if len(sys.argv) < 2 or ":" not in sys.argv[-1]:
        raise SystemExit("usage: pulumi-resource-docker ENGINE_ADDRESS (Pulumi's engine starts this program)")
    stop, cancelled = threading.Event(), threading.Event()

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a signal handler's form
        stop.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    parent = os.getppid()
    server = start(Servicer(Docker(EngineLog(sys.argv[-1]), cancelled), cancelled))
    while not stop.wait(ORPHAN_CHECK_SECONDS) and os.getppid() == parent:
        pass
    cancelled.set()
    server.stop(STOP_GRACE_SECONDS).wait()
    os._exit(0)  # a thread still waiting for a slow daemon must not hold the process


def start(servicer: Servicer) -> grpc.Server:
    """Serve on a free loopback port and print it, as the engine expects."""
    server = grpc.server(ThreadPoolExecutor(THREADS), options=CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    return server
