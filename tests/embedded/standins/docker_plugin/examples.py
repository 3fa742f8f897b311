"""What several tests of the docker stand-in need."""

from dataclasses import dataclass, field


@dataclass
class RecordedLog:
    """Keeps messages in place of the engine."""

    lines: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)

    def info(self, message: str) -> None:
        self.lines.append(message)

    def status(self, message: str, urn: str) -> None:  # noqa: ARG002 - the protocol's form
        self.statuses.append(message)
