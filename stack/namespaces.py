"""Our namespaces: one for the servers of each stack, and those of the platform."""

import re
from dataclasses import dataclass

from stack.schema import Problem

PREFIX = "emotion-"
MONITORING = f"{PREFIX}monitoring"
PROMETHEUS, PROMETHEUS_PORT = "prometheus", 9090  # the Service of the platform's there
METRICS_SERVER = f"{PREFIX}metrics-server"
GATEWAY = f"{PREFIX}gateway"
KEDA, VPA = f"{PREFIX}keda", f"{PREFIX}vpa"
PLATFORM = (MONITORING, METRICS_SERVER, GATEWAY, KEDA, VPA)
TAKEN = tuple(name.removeprefix(PREFIX) for name in PLATFORM)


@dataclass(frozen=True)
class Placement:
    """Where a stack's serving objects live."""

    stack: str

    @property
    def namespace(self) -> str:
        """Theirs alone."""
        return f"{PREFIX}{self.stack}"


def problems_of_stack_name(name: str) -> list[str]:
    """Why a stack cannot have this name; its namespace is a DNS label (RFC 1123)."""
    fix = "create the stack anew: pulumi stack init NAME"
    if name in TAKEN:
        return [str(Problem("stack", f"a name other than {', '.join(TAKEN)}", f'"{name}"', fix))]
    if re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) and len(f"{PREFIX}{name}") <= 63:
        return []
    expected = f"at most {63 - len(PREFIX)} of a–z, 0–9 and inner hyphens, for the namespace {PREFIX}NAME"
    return [str(Problem("stack", expected, f'"{name}"', fix))]
