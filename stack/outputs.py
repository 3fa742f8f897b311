"""What a stack tells others: the only thing that the bench knows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

KEY = "serving"


@dataclass(frozen=True)
class Endpoint:
    """One model server of a stack.

    `url` takes predictions; None where only the cluster reaches it. `replicas` is None where a
    HorizontalPodAutoscaler, named by `autoscaler`, owns their number.
    """

    server: str
    deployment: str
    image: str
    url: str | None
    replicas: int | None = 1
    autoscaler: str | None = None


@dataclass(frozen=True)
class Monitoring:
    """The Service of the platform's Prometheus; reached through the API server's proxy."""

    namespace: str
    service: str
    port: int


@dataclass(frozen=True)
class StackOutputs:
    """A deployed stack.

    `dashboards` is Grafana's URL; None in a stack without Grafana. `settings` holds the intended settings by
    their keys, without secrets; `stack.settings.read` turns them back into `Settings`.
    """

    stack: str
    context: str
    namespace: str
    endpoints: tuple[Endpoint, ...]
    monitoring: Monitoring
    dashboards: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict)


def decode(raw: object) -> StackOutputs:
    """The outputs from JSON data, as `pulumi stack output serving --json` prints it. Raises ValueError."""
    try:
        data = cast("Mapping[str, object]", raw)
        endpoints = cast("list[dict[str, object]]", data["endpoints"])
        dashboards = data.get("dashboards")
        return StackOutputs(
            stack=str(data["stack"]),
            context=str(data["context"]),
            namespace=str(data["namespace"]),
            endpoints=tuple(Endpoint(**endpoint) for endpoint in endpoints),  # type: ignore[arg-type]
            monitoring=Monitoring(**cast("dict[str, object]", data["monitoring"])),  # type: ignore[arg-type]
            dashboards=str(dashboards) if dashboards else None,
            settings=_without_prose(cast("Mapping[str, object]", data["settings"])),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"the stack's output {KEY!r} lacks {error}; run pulumi up again") from error


def _without_prose(settings: Mapping[str, object]) -> dict[str, object]:
    """`variant` tells readers of the stack file what it is; nobody else asks."""
    return {key: value for key, value in settings.items() if key != "variant"}
