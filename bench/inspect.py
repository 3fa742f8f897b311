"""Read back what a deployed stack really does: its objects, and one probe in each serving pod."""

from dataclasses import dataclass
from urllib.parse import quote

from bench import effective
from bench.cluster import Cluster, ClusterError
from bench.objects import Autoscaler, Deployment, Pod, autoscalers, deployments, pods
from stack.kube import PROJECT
from stack.outputs import StackOutputs

SERVING = quote(f"app.kubernetes.io/part-of={PROJECT}")
# Only what the smallest of the images has: sh and coreutils, sed and grep; Python where TorchServe runs.
PROBE = r"""
for process in /proc/[0-9]*; do
    pid=${process#/proc/}
    [ "$pid" = "$$" ] && continue
    [ -r "$process/cmdline" ] || continue
    echo "@@ command $pid"; tr '\000' '\n' <"$process/cmdline"
    echo "@@ threads $pid"; sed -n 's/^Threads:[^0-9]*//p' "$process/status"
    echo "@@ openmp $pid"; tr '\000' '\n' <"$process/environ" | grep '^OMP_'
done 2>/dev/null
cgroup=/sys/fs/cgroup
echo "@@ cpu"
cat $cgroup/cpu.max 2>/dev/null || cat $cgroup/cpu/cpu.cfs_quota_us $cgroup/cpu/cpu.cfs_period_us 2>/dev/null
echo "@@ memory"
cat $cgroup/memory.max 2>/dev/null || cat $cgroup/memory/memory.limit_in_bytes 2>/dev/null
echo "@@ batching"
file=$(tr '\000' '\n' </proc/1/cmdline | sed -n 's/^--batching_parameters_file=//p' | tail -n 1)
[ -z "$file" ] || cat "$file" 2>/dev/null
echo
if tr '\000' ' ' </proc/1/cmdline | grep -q torchserve; then
    echo "@@ management"
    python3 -c 'from urllib.request import urlopen
print(urlopen("http://127.0.0.1:8081/models/emotions", timeout=5).read().decode())' 2>&1
fi
exit 0
"""


@dataclass(frozen=True)
class Unreadable:
    """Why a pod could not be probed."""

    reason: str


@dataclass(frozen=True)
class Observation:
    """All that was read of a stack. `probes` are by the pod's name."""

    deployments: tuple[Deployment, ...]
    autoscalers: tuple[Autoscaler, ...]
    pods: tuple[Pod, ...]
    probes: dict[str, effective.Probe | Unreadable]


def observe(outputs: StackOutputs) -> Observation:
    """Ask the API server and every serving pod of a stack. Raises ClusterError if the API does not answer."""
    cluster, namespace = Cluster(outputs.context), outputs.namespace
    found = pods(cluster.get(f"/api/v1/namespaces/{namespace}/pods?labelSelector={SERVING}"))
    running = tuple(pod for pod in found if not pod.ending)
    return Observation(
        deployments=deployments(cluster.get(f"/apis/apps/v1/namespaces/{namespace}/deployments")),
        autoscalers=autoscalers(
            cluster.get(f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers")
        ),
        pods=running,
        probes={pod.name: _probe(cluster, pod) for pod in running},
    )


def _probe(cluster: Cluster, pod: Pod) -> effective.Probe | Unreadable:
    try:
        output = cluster.execute(pod.namespace, pod.name, pod.component, ["sh", "-c", PROBE])
        return effective.parse(output)
    except (ClusterError, effective.UnreadableError) as error:
        return Unreadable(str(error))
