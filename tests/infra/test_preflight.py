"""What is refused before anything is declared, each by name and with its fix."""

from dataclasses import replace

import pytest

from infra import preflight
from infra import program as stack
from infra.capacity import Amount, Node, Pod
from infra.cluster_survey import Lease, Survey
from infra.gateway.checks import Known
from infra.preflight import Findings
from stack.settings import (
    Autoscaling,
    Gateway,
    GatewayPlatform,
    GrafanaSettings,
    KedaSettings,
    MetricsServerSettings,
    Platform,
    PrometheusSettings,
    Resources,
    ServiceSettings,
    Settings,
)
from tests.infra import example

NODE = Node("n", Amount(2000, 8192))
READY = Survey(
    nodes=(NODE,),
    pods=(Pod("kube-system", "n", Amount(100, 70)),),
    prometheus=True,
    metrics_api="emotion-metrics-server",
    storage_classes=frozenset({"standard"}),
    gateway_classes=frozenset({"traefik"}),
    gateways=(Known("emotion-other", "traefik", "taken.example.com"),),
    definitions={},
    namespaces={"default": "", "emotion-monitoring": "minikube"},
    leases=(),
    addressed=(),
)
VARIANT = Settings(servers=("torchserve",))
LOCAL = Settings(platform=Platform(enabled=True))
BALANCED = replace(VARIANT, service=ServiceSettings(type="LoadBalancer"))


def check(
    settings: Settings, cluster: Survey = READY, context: str = "embedded", host: str = "127.0.0.1"
) -> Findings:
    objects = stack.render(example.inputs(settings))
    return preflight.check(preflight.Stack("minikube", settings, objects, context, host), cluster)


def only(findings: Findings) -> str:
    (problem,) = findings.problems
    return problem


@pytest.mark.parametrize("settings", [VARIANT, LOCAL, replace(VARIANT, autoscaling=Autoscaling())])
def test_a_cluster_with_room_and_a_platform_is_fine(settings: Settings) -> None:
    assert check(settings) == Findings()


def test_a_variant_without_a_platform_names_the_command() -> None:
    problem = only(check(VARIANT, replace(READY, prometheus=False)))
    assert problem.startswith("platform.enabled: expected a platform in the cluster, got no")
    assert "pulumi up -s minikube" in problem


@pytest.mark.parametrize(
    "settings",
    [
        LOCAL,
        replace(
            VARIANT, platform=Platform(prometheus=PrometheusSettings(enabled=False, url="http://p:9090"))
        ),
    ],
    ids=["its own platform", "a Prometheus elsewhere"],
)
def test_a_stack_that_needs_no_platform_is_not_refused(settings: Settings) -> None:
    assert not check(settings, replace(READY, prometheus=False)).problems


def test_autoscaling_without_the_metrics_api_is_refused() -> None:
    problem = only(check(replace(VARIANT, autoscaling=Autoscaling()), replace(READY, metrics_api="")))
    assert problem.startswith("autoscaling: expected a cluster with the API metrics.k8s.io, got none;")


BY_KEDA = replace(
    VARIANT, autoscaling=Autoscaling(scaler="keda", metric="queueLength", target=2), platform=Platform()
)
WITH_KEDA = replace(LOCAL, platform=replace(LOCAL.platform, keda=KedaSettings(enabled=True)))


def test_scaling_by_keda_without_keda_names_the_commands() -> None:
    problem = only(check(BY_KEDA, replace(READY, keda=False)))
    assert problem.startswith(
        "autoscaling.scaler: expected a cluster with KEDA for keda, got none; deploy it:"
    )
    assert "pulumi config set --path platform.keda.enabled true --stack minikube" in problem
    assert "--stack minikube && make up" in problem
    assert not check(BY_KEDA, replace(READY, keda=True)).problems


def test_scaling_by_keda_needs_no_metrics_server() -> None:
    assert not check(BY_KEDA, replace(READY, keda=True, metrics_api="")).problems


def test_a_stack_that_declares_keda_may_scale_by_it() -> None:
    both = replace(WITH_KEDA, autoscaling=BY_KEDA.autoscaling, servers=("torchserve",))
    assert not check(both, replace(READY, keda=False, external_api="")).problems


def test_a_second_source_of_external_metrics_is_refused() -> None:
    problem = only(check(WITH_KEDA, replace(READY, external_api="datadog")))
    assert problem.startswith("platform.keda.enabled: expected false, got true;")
    assert "in datadog" in problem
    assert not check(WITH_KEDA, replace(READY, external_api="emotion-keda")).problems


def test_keda_cannot_go_while_a_stack_scales_by_it() -> None:
    """Its operator alone ends a ScaledObject."""
    used = replace(READY, namespaces={"emotion-keda": "minikube"}, scaled=("emotion-tf-keda",))
    problem = only(check(LOCAL, used))
    assert problem.startswith("platform.keda.enabled: expected true while emotion-tf-keda scale by KEDA")
    assert not check(WITH_KEDA, used).problems
    assert not check(LOCAL, replace(used, scaled=())).problems


def test_a_second_metrics_server_is_refused() -> None:
    problem = only(check(LOCAL, replace(READY, metrics_api="kube-system")))
    assert problem.startswith("platform.metricsServer.enabled: expected false, got true;")
    without = Platform(enabled=True, metrics_server=MetricsServerSettings(enabled=False))
    assert not check(replace(LOCAL, platform=without), replace(READY, metrics_api="kube-system")).problems


def test_a_second_platform_is_refused_and_the_first_is_left_to_its_stack() -> None:
    taken = replace(READY, namespaces={"emotion-monitoring": "first", "emotion-metrics-server": "first"})
    problem = only(check(LOCAL, taken))
    assert problem.startswith(
        "platform.enabled: expected false beside the platform of another stack, got true;"
    )
    assert "emotion-monitoring of stack first" in problem
    assert "pulumi config set --path platform.enabled false --stack minikube" in problem
    assert "destroy" not in problem
    assert not check(VARIANT, taken).problems


def test_a_storage_class_that_is_missing_is_named() -> None:
    wanted = Platform(enabled=True, prometheus=PrometheusSettings(storage_class="fast"))
    problem = only(check(replace(LOCAL, platform=wanted)))
    assert problem == (
        "platform.prometheus.storageClass: expected a class of the cluster (standard), "
        'got "fast"; name one of them'
    )


BEHIND = replace(VARIANT, service=ServiceSettings(gateway=Gateway()))


def test_a_gateway_needs_its_class_or_a_platform_of_the_same_stack() -> None:
    bare = replace(READY, gateway_classes=frozenset())
    problem = only(check(BEHIND, bare))
    assert problem.startswith("service.gateway.className: expected a GatewayClass of the cluster (none), got")
    assert "pulumi config set --path platform.gateway.enabled true --stack minikube && make up" in problem
    both = replace(BEHIND, platform=Platform(enabled=True, gateway=GatewayPlatform(enabled=True)))
    assert check(both, bare) == Findings()
    assert check(BEHIND) == Findings()


def test_two_stacks_behind_one_gateway_need_two_hosts() -> None:
    named = replace(VARIANT, service=ServiceSettings(gateway=Gateway(host="taken.example.com")))
    assert only(check(named)).startswith(
        "service.gateway.host: expected another host than that of the Gateway in emotion-other, got "
    )


@pytest.mark.parametrize(
    ("owners", "key"),
    [
        ({"gateways.gateway.networking.k8s.io": ""}, "platform.gateway.definitions"),
        ({"middlewares.traefik.io": "other"}, "platform.gateway.enabled"),
    ],
)
def test_kinds_that_are_somebody_elses_are_not_taken_over(owners: dict[str, str], key: str) -> None:
    wanted = replace(LOCAL, platform=Platform(enabled=True, gateway=GatewayPlatform(enabled=True)))
    problem = only(check(wanted, replace(READY, definitions=owners)))
    assert problem.startswith(f"{key}: expected false in a cluster that has")
    mine = dict.fromkeys(owners, "minikube")
    assert check(wanted, replace(READY, definitions=mine)) == Findings()


def test_a_load_balancer_without_a_provider_is_refused() -> None:
    problem = only(check(BALANCED))
    assert problem.startswith(
        "service.type: expected a cluster with a load balancer, got LoadBalancer; use NodePort"
    )


AWAY = replace(READY, nodes=(replace(NODE, address="192.168.49.2"),), node_here=False)


def test_ports_of_a_node_in_a_network_of_its_own_are_doubted_and_the_way_in_is_named() -> None:
    """minikube's Docker driver on macOS forwards the API server to this machine, and no port of a node."""
    (warning,) = check(VARIANT, AWAY, "minikube").warnings
    assert warning == (
        "service.type: expected a node that is reached at 127.0.0.1 as its API server is, got NodePort at "
        "192.168.49.2, whose ports may not be; set it to LoadBalancer and run minikube tunnel in another "
        "terminal"
    )
    assert not check(VARIANT, AWAY, "minikube").problems
    assert "platform.grafana.serviceType: " in check(LOCAL, AWAY, "kind-kind").warnings[1]


@pytest.mark.parametrize(
    ("settings", "cluster", "host"),
    [
        (VARIANT, AWAY, "192.168.49.2"),
        (VARIANT, replace(AWAY, node_here=True), "127.0.0.1"),
        (VARIANT, replace(AWAY, node_here=None), "127.0.0.1"),
        (replace(VARIANT, service=ServiceSettings(type="ClusterIP")), AWAY, "127.0.0.1"),
    ],
    ids=["its own address", "a node here", "nobody knows", "no port of a node"],
)
def test_a_node_that_is_reached_or_not_asked_is_not_doubted(
    settings: Settings, cluster: Survey, host: str
) -> None:
    assert check(settings, cluster, "minikube", host).warnings == ()


def test_minikube_is_told_of_its_tunnel() -> None:
    assert "minikube tunnel" in only(check(BALANCED, context="minikube"))


def test_a_balanced_grafana_needs_a_provider_too() -> None:
    wanted = Platform(enabled=True, grafana=GrafanaSettings(service_type="LoadBalancer"))
    assert only(check(replace(LOCAL, platform=wanted))).startswith("platform.grafana.serviceType: ")


@pytest.mark.parametrize(
    "cluster",
    [
        replace(READY, addressed=("n/other",)),
        replace(READY, nodes=(replace(NODE, provider_id="gce://p/z/n"),)),
        replace(READY, leases=(Lease("cloud-controller-manager", live=True),)),
        replace(READY, namespaces={"metallb-system": ""}),
        replace(READY, programs=("/usr/bin/minikube tunnel --cleanup",)),
    ],
    ids=["an address", "a cloud's node", "a controller's lease", "MetalLB", "minikube tunnel"],
)
def test_a_sign_of_a_provider_is_enough(cluster: Survey) -> None:
    assert not check(BALANCED, cluster).problems


def test_a_controller_that_has_died_is_no_provider() -> None:
    dead = replace(READY, leases=(Lease("cloud-controller-manager", live=False),))
    assert only(check(BALANCED, dead)).startswith("service.type")


def test_a_request_larger_than_every_node_is_refused() -> None:
    problem = only(check(replace(VARIANT, resources=Resources(cpu_request="4", cpu_limit="4"))))
    assert problem == (
        "resources.cpuRequest: expected at most 2000m, as the largest node has, got 4000m; "
        "lower it or add a larger node"
    )


def test_memory_larger_than_every_node_is_refused() -> None:
    wanted = Resources(memory_request="16Gi", memory_limit="16Gi")
    assert only(check(replace(VARIANT, resources=wanted))).startswith(
        "resources.memoryRequest: expected at most 8192Mi"
    )


def test_pods_that_do_not_fit_are_counted() -> None:
    wanted = replace(VARIANT, replicas=3, resources=Resources(cpu_request="600m"))
    problem = only(check(wanted))
    assert problem.startswith(
        "resources.cpuRequest: expected pods that fit into the free 1900m CPU and 8122Mi memory"
    )
    assert "got 3 × 600m/512Mi torchserve, 1 × 600m/512Mi for a rollout" in problem
    assert (
        "no room for 1 × 600m/512Mi for a rollout" in problem
        or "no room for 1 × 600m/512Mi torchserve" in problem
    )
    assert "lower it or replicas" in problem


def test_an_autoscaler_that_cannot_reach_its_most_names_them() -> None:
    wanted = replace(VARIANT, autoscaling=Autoscaling(1, 4), resources=Resources(cpu_request="500m"))
    assert "lower it or autoscaling.maxReplicas" in only(check(wanted))


def test_a_stack_that_is_up_already_still_fits() -> None:
    wanted = replace(VARIANT, replicas=2, resources=Resources(cpu_request="600m"))
    own = Pod("emotion-minikube", "n", Amount(600, 512))
    assert not check(wanted, replace(READY, pods=(own, own))).problems
    other = replace(own, namespace="emotion-other")
    assert check(wanted, replace(READY, pods=(other, other))).problems


@pytest.mark.parametrize(
    "cluster",
    [
        replace(READY, nodes=(replace(NODE, provider_id="aws:///z/i-1"),)),
        replace(READY, node_pools=frozenset({"default"})),
    ],
    ids=["a cloud", "Karpenter"],
)
def test_a_cluster_that_may_add_nodes_only_warns(cluster: Survey) -> None:
    findings = check(replace(VARIANT, replicas=9, resources=Resources(cpu_request="600m")), cluster)
    assert not findings.problems
    assert findings.warnings[0].endswith("unless the cluster adds nodes itself")


def test_a_cluster_whose_nodes_take_no_pods_is_refused() -> None:
    assert only(check(VARIANT, replace(READY, nodes=()))).startswith(
        "kubeContexts: expected a node that takes pods"
    )


def test_what_the_user_may_not_ask_is_not_checked() -> None:
    wanted = replace(
        VARIANT,
        autoscaling=Autoscaling(1, 20),
        service=ServiceSettings(gateway=Gateway()),
    )
    assert check(wanted, Survey()) == Findings()


def test_all_problems_come_at_once() -> None:
    wanted = replace(BALANCED, autoscaling=Autoscaling(1, 9))
    bare = replace(READY, prometheus=False, metrics_api="")
    assert [problem.partition(":")[0] for problem in check(wanted, bare).problems] == [
        "platform.enabled",
        "autoscaling",
        "service.type",
        "resources.cpuRequest",
    ]
