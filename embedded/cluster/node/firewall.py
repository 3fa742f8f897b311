"""Our iptables chains as text, and the taking away of every chain that the cluster brought. Pure.

- EMB-GUARD: nobody outside this machine reaches loopback, pods or Services through us (kube-proxy opens
  loopback to routed packets, so that NodePorts work on 127.0.0.1).
- EMB-API: 127.0.0.1:6443 is the API server, which listens on the bridge's address alone.
- EMB-LEAK: what still has a Service's address after DNAT has no rule yet; it must not leave by the default
  route.
- EMB-FORWARD, EMB-INPUT: pods talk to pods and to the bridge's address, to nothing else.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from embedded.cluster import layout

OURS = re.compile(r"(KUBE|EMB)-")
_CHAIN = re.compile(r":(\S+) ")


@dataclass(frozen=True)
class Hook:
    """A jump at the top of a built-in chain."""

    table: str
    builtin: str
    chain: str


HOOKS = (
    Hook("raw", "PREROUTING", "EMB-GUARD"),
    Hook("nat", "OUTPUT", "EMB-API"),
    Hook("filter", "OUTPUT", "EMB-LEAK"),
    Hook("filter", "FORWARD", "EMB-FORWARD"),
    Hook("filter", "INPUT", "EMB-INPUT"),
)


def rules() -> str:
    """Input of `iptables-restore --noflush`: declares and fills our chains in one transaction a table."""
    bridge, pods, services = layout.BRIDGE, layout.POD_CIDR, layout.SERVICE_CIDR
    return f"""*raw
:EMB-GUARD - [0:0]
-A EMB-GUARD -i lo -j RETURN
-A EMB-GUARD -i {bridge} -j RETURN
-A EMB-GUARD -d 127.0.0.0/8 -j DROP
-A EMB-GUARD -d {pods} -j DROP
-A EMB-GUARD -d {services} -j DROP
COMMIT
*nat
:EMB-API - [0:0]
-A EMB-API -d 127.0.0.1/32 -p tcp --dport {layout.API_PORT} -j DNAT --to-destination \
{layout.NODE_IP}:{layout.API_PORT}
COMMIT
*filter
:EMB-LEAK - [0:0]
:EMB-FORWARD - [0:0]
:EMB-INPUT - [0:0]
-A EMB-LEAK -d {services} -j REJECT
-A EMB-FORWARD -d {services} -j REJECT
-A EMB-FORWARD -i {bridge} -o {bridge} -j ACCEPT
-A EMB-FORWARD -i {bridge} -j REJECT
-A EMB-FORWARD -o {bridge} -j REJECT
-A EMB-INPUT -i {bridge} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A EMB-INPUT -i {bridge} -d {layout.NODE_POD_CIDR} -j ACCEPT
-A EMB-INPUT -i {bridge} -j REJECT
COMMIT
"""


def removal(saved: str) -> str:
    """From `iptables-save` output, the `iptables-restore --noflush` input that removes the cluster's chains.

    Jumps to them from foreign chains go first, then all their rules, then the chains. Empty if there is none.
    """
    return "".join(
        f"*{table}\n" + "".join(f"{line}\n" for line in lines) + "COMMIT\n"
        for table, lines in _removals(saved)
        if lines
    )


def _removals(saved: str) -> list[tuple[str, list[str]]]:
    tables: list[tuple[str, list[str]]] = []
    for block in re.split(r"^\*", saved, flags=re.MULTILINE)[1:]:
        table, *lines = block.splitlines()
        chains = [match[1] for line in lines if (match := _CHAIN.match(line)) and OURS.match(match[1])]
        jumps = [line for line in lines if _is_foreign_jump(line)]
        removals = [line.replace("-A ", "-D ", 1) for line in jumps]
        removals += [f"-F {chain}" for chain in chains] + [f"-X {chain}" for chain in chains]
        tables.append((table, removals))
    return tables


def _is_foreign_jump(line: str) -> bool:
    """A rule in a chain that is not the cluster's, jumping to one that is."""
    words = line.split()
    if len(words) < 3 or words[0] != "-A" or OURS.match(words[1]):
        return False
    return any(flag in {"-j", "-g"} and OURS.match(target) for flag, target in pairwise(words))
