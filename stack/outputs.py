"""What a stack tells others: the only thing that the bench knows of it."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from stack.servers.model import OURS, Model

KEY = "serving"
GATEWAY_KEY = "gatewayKey"  # the output of its own, a secret, that a gateway's key is
USER = "key"  # as whom HTTP's basic authentication sends it


@dataclass(frozen=True)
class Door:
    """The gateway before a server: the `certificate` (PEM) to trust, None for one that is trusted anyway.

    `keyed`: it asks for a key. `key` is no part of the outputs: who may read secrets fills it in.
    """

    certificate: str | None = None
    keyed: bool = False
    key: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries (RFC 7617)."""
        if not self.key:
            return {}
        return {"Authorization": "Basic " + base64.b64encode(f"{USER}:{self.key}".encode()).decode()}


OPEN = Door()


@dataclass(frozen=True)
class Endpoint:
    """One model server of a stack.

    `url` takes predictions; None where only the cluster reaches it. `replicas` is None where a
    HorizontalPodAutoscaler, named by `autoscaler`, owns their number. `model` is the one that is served,
    `door` what stands before it.
    """

    server: str
    deployment: str
    image: str
    url: str | None
    replicas: int | None = 1
    autoscaler: str | None = None
    model: Model = OURS
    door: Door = OPEN


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


def encode(outputs: StackOutputs) -> dict[str, object]:
    """The inverse of `decode`. Our own model and an open door are not told, as before there were others."""
    endpoints = [_told(each) for each in outputs.endpoints]
    return {**asdict(outputs), "endpoints": endpoints}


def _told(endpoint: Endpoint) -> dict[str, object]:
    fields = asdict(endpoint)
    if endpoint.model == OURS:
        del fields["model"]
    door = fields.pop("door")
    del door["key"]
    return fields if endpoint.door == OPEN else {**fields, "door": door}


def decode(raw: object) -> StackOutputs:
    """The outputs from JSON data, as `pulumi stack output serving --json` prints it. Raises ValueError."""
    try:
        data = cast("Mapping[str, object]", raw)
        endpoints = cast("list[Mapping[str, Any]]", data["endpoints"])
        dashboards = data.get("dashboards")
        return StackOutputs(
            stack=str(data["stack"]),
            context=str(data["context"]),
            namespace=str(data["namespace"]),
            endpoints=tuple(map(_endpoint, endpoints)),
            monitoring=Monitoring(**cast("dict[str, object]", data["monitoring"])),  # type: ignore[arg-type]
            dashboards=str(dashboards) if dashboards else None,
            settings=_without_prose(cast("Mapping[str, object]", data["settings"])),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"the stack's output {KEY!r} lacks {error}; run pulumi up again") from error


def _endpoint(fields: Mapping[str, Any]) -> Endpoint:
    model = Model(**fields["model"]) if "model" in fields else OURS
    door = Door(**fields["door"]) if "door" in fields else OPEN
    return Endpoint(**{**fields, "model": model, "door": door})


def _without_prose(settings: Mapping[str, object]) -> dict[str, object]:
    """`variant` tells readers of the stack file what it is; nobody else asks."""
    return {key: value for key, value in settings.items() if key != "variant"}
