"""The state of every VerticalPodAutoscaler: what it recommends, when it last resized, and why it does not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.subject import local
from bench.subject.cluster import Cluster
from bench.subject.deployed import SERVING, Deployed
from bench.subject.objects import Condition, Deployment, conditions, deployments
from bench.subject.unknown import no_metrics_api
from bench.subject.vertical import Bounds, Sized, Vertical, sized, verticals
from stack import namespaces
from stack.endings import DEPLOY_VPA, METRICS_API
from stack.quantities import millicores

TITLE = "Vertical autoscalers"
HEADER = ("namespace", "pod", "request / limit", "recommended", "bounds", "resized", "state")
NEAR = 0.1  # the updater's --pod-update-threshold
VERTICALS = "/apis/autoscaling.k8s.io/v1/verticalpodautoscalers"


@dataclass(frozen=True)
class Scene:
    """What decides whether a pod is resized.

    `programs` are VPA's own Deployments, where they are ours; `metrics` is the condition Available of the
    APIService of metrics-server, if any.
    """

    autoscalers: tuple[Vertical, ...]
    pods: tuple[Sized, ...]
    programs: tuple[Deployment, ...]
    metrics: Condition | None
    now: datetime


def state(found: Vertical, pod: Sized, scene: Scene) -> str:
    """Why a pod has the CPU that it has. The most fundamental cause wins."""
    return (
        _down(scene.programs)
        or _blind(scene.metrics)
        or _no_recommendation(found)
        or _pending(pod)
        or _as_recommended(found.recommended, pod)
    )


def _down(programs: Sequence[Deployment]) -> str:
    """Nobody recommends, or nobody resizes, without these; other installations are not looked for."""
    lacking = [each.name for each in programs if not each.ready]
    return f"{', '.join(lacking)}: no pod of it is ready; see namespace {namespaces.VPA}" if lacking else ""


def _blind(available: Condition | None) -> str:
    """What is recommended is old while usage cannot be seen."""
    why = no_metrics_api(available)
    return f"usage is not seen, {why}" if why else ""


def _no_recommendation(found: Vertical) -> str:
    if found.recommended is not None:
        return ""
    told = found.conditions.get("RecommendationProvided") or found.conditions.get("NoPodsMatched")
    if told is None:
        return f"nobody looks at it; {DEPLOY_VPA}"
    why = f": {told.message}" if told.message else ""
    return f"no recommendation yet, the first takes two samples of metrics-server{why}"


def _pending(pod: Sized) -> str:
    return f"not resized yet: {pod.pending}" if pod.pending else ""


def _as_recommended(bounds: Bounds | None, pod: Sized) -> str:
    assert bounds is not None
    has, wanted = millicores(pod.request or "0"), millicores(bounds.target)
    if abs(wanted - has) < NEAR * max(has, 1):
        return "as recommended"
    if millicores(bounds.lower) <= has <= millicores(bounds.upper):
        return "within the bounds: resized once it is older than platform.vpa.patienceMinutes"
    return "outside of the bounds: resized at the updater's next look"


def render(scene: Scene) -> str:
    """A line for each pod; nothing where nobody scales like this."""
    rows = [row for each in scene.autoscalers for row in _rows(each, scene)]
    return local.table(TITLE, [HEADER, *rows]) if rows else ""


def _rows(found: Vertical, scene: Scene) -> list[tuple[str, ...]]:
    own = [each for each in scene.pods if (each.namespace, each.component) == (found.namespace, found.name)]
    bounds = found.recommended
    told = (bounds.target, f"{bounds.lower}–{bounds.upper}") if bounds else ("none", "–")
    if not own:
        return [(found.namespace, "none", "–", *told, "–", f"{found.name}: there is no pod")]
    return [
        (
            found.namespace,
            pod.name,
            f"{pod.request or '–'} / {pod.limit or '–'}",
            *told,
            _ago(pod.resized, scene.now),
            state(found, pod, scene),
        )
        for pod in own
    ]


def _ago(then: datetime | None, now: datetime) -> str:
    return "never" if then is None else f"{(now - then).total_seconds():.0f} s ago"


def report(stack: Deployed) -> str:
    """Those of one stack. Raises ClusterError if its cluster does not answer."""
    return render(look(stack.cluster, (stack.outputs.namespace,)))


def local_report(known: Sequence[str], connect: Callable[[str], Cluster] = Cluster) -> str:
    """Those of all stacks on the local cluster, of the contexts that are known; a sentence without one."""
    return local.report(TITLE, lambda cluster: render(look(cluster, None)), known, connect)


def look(cluster: Cluster, spaces: Sequence[str] | None) -> Scene:
    """What decides the pods' sizes in some namespaces; default: all of the project's. Raises ClusterError."""
    found = verticals(cluster.find(VERTICALS))
    wanted = tuple(each for each in found if local.ours(each.namespace, spaces))
    if not wanted:
        return Scene((), (), (), None, datetime.now(UTC))
    programs = cluster.get(f"/apis/apps/v1/namespaces/{namespaces.VPA}/deployments")
    pods = sized(cluster.get(f"/api/v1/pods?labelSelector={SERVING}"))
    service = cluster.find(f"/apis/apiregistration.k8s.io/v1/apiservices/{METRICS_API}")
    metrics = conditions(service).get("Available") if service else None
    return Scene(wanted, pods, deployments(programs), metrics, datetime.now(UTC))
