"""Why objects that are being deleted are still there."""

import re
from collections.abc import Iterable, Mapping
from typing import cast

from stack.kube import KubeObject, name_of
from stack.recorded import part

METRICS_API = "v1beta1.metrics.k8s.io"
EXTERNAL_API = "v1beta1.external.metrics.k8s.io"
SERVERS = {METRICS_API: "metrics-server", EXTERNAL_API: "KEDA"}  # of the platform, by what they serve
DEPLOY_KEDA, DEPLOY_VPA = (
    f"deploy it: pulumi config set --path platform.{name}.enabled true --stack minikube && make up"
    for name in ("keda", "vpa")
)
FAILURES = (  # conditions of a namespace that keep it, the most fundamental first
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
)
REMAINS = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining")
STALE_API = re.compile(r"([a-z0-9-]+(?:\.[a-z0-9-]+)+)/(v\d\w*)")  # a group and its version


def is_ending(item: KubeObject) -> bool:
    """Whether an object is being deleted."""
    return bool(part(item, "metadata").get("deletionTimestamp"))


def obstacle(item: KubeObject) -> str:
    """What keeps an object that is being deleted, and the fix; empty while nothing is known to."""
    told = {str(each["type"]): str(each.get("message", "")) for each in _conditions(item)}
    for name in FAILURES:
        if name in told:
            stale = STALE_API.search(told[name])
            return f"{told[name]}; {way_out(f'{stale[2]}.{stale[1]}')}" if stale else told[name]
    return ""


def unavailable(services: Iterable[KubeObject]) -> list[str]:
    """The APIServices whose servers do not answer: while one is down, no namespace can be deleted."""
    down = ((each, _down(each)) for each in services)
    return [f"the API {name_of(each)} is down ({why}); {way_out(name_of(each))}" for each, why in down if why]


def way_out(api: str) -> str:
    """What to do about an API that is down."""
    ours = SERVERS.get(api)
    server = f"{ours} (pulumi up --refresh, on the stack of the platform)" if ours else "its server"
    return (
        f"no namespace can be deleted until it is back: bring back {server}, or take the API away: "
        f"kubectl delete apiservice {api}"
    )


def remains(item: KubeObject) -> str:
    """What of an object that is being deleted is still there."""
    told = {str(each["type"]): str(each.get("message", "")) for each in _conditions(item)}
    listed = "; ".join(told[name] for name in REMAINS if name in told)
    finalizers = cast("list[str]", part(item, "metadata").get("finalizers") or [])
    return listed or f"it waits for {', '.join(finalizers) or 'its end'}"


def _down(service: KubeObject) -> str:
    """Why the server of an API does not answer; empty where it does."""
    conditions = cast("list[Mapping[str, object]]", part(service, "status").get("conditions") or [])
    told = (each for each in conditions if each["type"] == "Available" and each["status"] != "True")
    return next((f"{each.get('reason')}: {each.get('message')}" for each in told), "")


def _conditions(item: KubeObject) -> list[Mapping[str, object]]:
    conditions = cast("list[Mapping[str, object]]", part(item, "status").get("conditions") or [])
    return [each for each in conditions if each.get("status") == "True"]
