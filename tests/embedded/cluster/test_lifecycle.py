"""Nothing is started where someone else listens, unless only for a moment more."""

import os
import socket
import threading
from pathlib import Path

import pytest

from embedded.cluster import lifecycle
from embedded.cluster.errors import ClusterError
from embedded.cluster.layout import Layout
from embedded.cluster.processes.component import Component
from embedded.cluster.processes.probes import Command


def test_a_foreign_port_owner_is_named(tmp_path: Path) -> None:
    where = Layout(tmp_path / "cache", tmp_path / "state")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        wanting = Component("wanting", ("true",), Command(("true",)), ports=(port,))
        with pytest.raises(ClusterError, match=rf"port {port}: .*pid {os.getpid()} \(.*\); end that program"):
            lifecycle.require_ports(where, (wanting,), 0.2)
    lifecycle.require_ports(where, (wanting,))


def test_a_port_whose_holder_is_just_ending_is_waited_for(tmp_path: Path) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    wanting = Component("wanting", ("true",), Command(("true",)), ports=(server.getsockname()[1],))
    threading.Timer(0.3, server.close).start()
    lifecycle.require_ports(Layout(tmp_path / "cache", tmp_path / "state"), (wanting,))
    assert server.fileno() == -1
