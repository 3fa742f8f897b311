"""Who listens on a port is found with its process."""

import os
import socket

from embedded.machine.ports import Listener, listeners, listening_inodes

TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode
   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1
   1: 0100007F:192B 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4343 1
   2: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4444 1
"""


def test_only_listening_sockets_on_our_ports_count() -> None:
    assert listening_inodes(TCP, frozenset({5000, 6443})) == {"4242": 5000}


def test_a_listener_is_named_with_its_command_and_a_client_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            (found,) = listeners([port])
        assert found == Listener(port, os.getpid())
        assert "python" in found.command[0]
    assert listeners([port]) == ()
