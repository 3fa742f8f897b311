"""Netfilter accounting objects, which kube-proxy makes and nobody takes away.

No program that is sure to be there can remove them, so we speak netlink: linux/netfilter/nfnetlink_acct.h.
"""

import os
import socket
import struct

KUBE_PROXY_COUNTERS = ("ct_state_invalid_dropped_pkts", "localhost_nps_accepted_pkts")

_NETLINK_NETFILTER = 12
_SUBSYSTEM_ACCT = 7
_GET, _DELETE = 1, 3
_REQUEST, _ACK, _DUMP = 0x1, 0x4, 0x300
_NAME_ATTRIBUTE = 1
_HEADER = struct.Struct("=IHHII")


def remove(names: tuple[str, ...] = KUBE_PROXY_COUNTERS) -> None:
    """Remove these counters; one that is missing or still used by a rule is passed over."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as link:
        link.settimeout(2)
        for name in names:
            link.send(delete_message(name))
            link.recv(4096)


def dump() -> bytes:
    """The kernel's list of counters, as it sends it."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as link:
        link.settimeout(2)
        body = struct.pack("=BBH", socket.AF_UNSPEC, 0, 0)
        kind = _SUBSYSTEM_ACCT << 8 | _GET
        link.send(_HEADER.pack(_HEADER.size + len(body), kind, _REQUEST | _DUMP, 0, 0) + body)
        return link.recv(1 << 16)


def delete_message(name: str) -> bytes:
    """Pure: the netlink message that removes one counter and asks for an answer."""
    value = name.encode() + b"\0"
    attribute = struct.pack("=HH", 4 + len(value), _NAME_ATTRIBUTE) + value
    padding = b"\0" * (-len(attribute) % 4)
    family = struct.pack("=BBH", socket.AF_UNSPEC, 0, 0)
    body = family + attribute + padding
    kind = _SUBSYSTEM_ACCT << 8 | _DELETE
    return _HEADER.pack(_HEADER.size + len(body), kind, _REQUEST | _ACK, os.getpid() & 0xFFFF, 0) + body
