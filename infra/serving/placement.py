"""Where a stack's serving objects live."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Placement:
    """A stack and the namespace of its serving objects."""

    stack: str
    namespace: str
