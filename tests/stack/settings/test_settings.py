"""Settings: what is accepted, and what every single wrong value answers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stack import schema, settings
from stack.schema import SettingsError
from tests.stack.settings import strategies

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
PATHS = sorted({entry.path for entry in schema.entries(settings.Settings)})


def problems(**raw: object) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        settings.read({key: as_pulumi_hands_over(value) for key, value in raw.items()})
    return caught.value.problems


def at(path: str, value: object) -> dict[str, object]:
    """`a.b` → {"a": {"b": value}}"""
    head, _, rest = path.partition(".")
    return {head: at(rest, value) if rest else value}


def test_no_configuration_means_the_defaults() -> None:
    assert settings.read({}) == settings.Settings()


def test_values_arrive_as_pulumi_writes_them() -> None:
    read = settings.read(
        {
            "replicas": "2",
            "servers": '["torchserve"]',
            "tensorflow": '{"batching": {"maxBatchSize": 10, "timeoutMicros": "10000"}}',
        }
    )
    assert read.replicas == 2
    assert read.servers == ("torchserve",)
    assert read.tensorflow.batching == settings.Batching(max_batch_size=10, timeout_micros=10000)


def test_a_text_that_looks_like_a_number_stays_a_text() -> None:
    assert settings.read(at("platform.prometheus.storageClass", "1")).platform.prometheus.storage_class == "1"


def test_one_key_of_a_group_leaves_the_others_at_their_defaults() -> None:
    scaling = settings.read(at("autoscaling.behavior.scaleDown.pods", 3)).autoscaling
    assert scaling
    assert scaling.behavior.scale_down == settings.ScalingPace(stabilization_seconds=300, pods=3)


def test_a_dockers_config_is_a_pull_secret_as_text_and_as_pulumi_decodes_it() -> None:
    text = '{"auths": {"registry.example.com": {"auth": "eDp5"}}}'
    read = settings.read({"registry": "registry.example.com/team", "imagePullSecret": text})
    assert read.image_pull_secret == text
    assert "eDp5" not in repr(read)


BAD = [  # path, value, what the message says of both, its fix
    ("replicas", 0, "integer 1–5000, got 0", "choose a value from 1 to 5000"),
    ("replicas", -1, "integer 1–5000, got -1", "choose a value from 1 to 5000"),
    ("replicas", 5001, "integer 1–5000, got 5001", "choose a value from 1 to 5000"),
    ("replicas", 1.5, "integer 1–5000, got 1.5", "write a whole number"),
    ("replicas", "two", 'integer 1–5000, got "two"', "write a whole number"),
    ("replicas", True, "integer 1–5000, got true", "write a whole number"),
    ("replicas", "", 'integer 1–5000, got ""', "write a whole number"),
    ("replcas", 2, "got an unknown key", "did you mean replicas?"),
    ("xyzzy", 2, "got an unknown key", "remove it"),
    ("torchserve.minWorker", 2, "got an unknown key", "did you mean torchserve.minWorkers?"),
    ("tensorflow.maxBatchSize", 1, "unknown", "config set --path tensorflow.batching.maxBatchSize 1"),
    (
        "cpuLimit",
        "1",
        "got an unknown key",
        "did you mean resources.cpuLimit? Type: pulumi config rm --path cpuLimit "
        "&& pulumi config set --path resources.cpuLimit 1",
    ),
    ("image", "emotions:latest", "got an unknown key", "exported models and named by their content"),
    ("namespace", "kube-system", "got an unknown key", "is emotion-STACK, so name the stack as you like"),
    ("platform.grafana.adminPassword", "admin", "unknown", "is generated and kept as a secret"),
    ("servers", ["tensorflwo"], "a list of tensorflow, torchserve, triton", "tensorflwo is not among them"),
    (
        "servers",
        [],
        "a list of tensorflow, torchserve, triton, got []",
        "write a list with at least one name",
    ),
    (
        "servers",
        ["torchserve", "torchserve"],
        "a list of tensorflow, torchserve, triton",
        "name each only once",
    ),
    ("kubeContexts", [], "a list of names, got []", "write a list with at least one name"),
    (
        "autoscaling",
        True,
        "a group of settings (minReplicas, ",
        "pulumi config set --path autoscaling.minReplicas VALUE",
    ),
    ("autoscaling.minReplicas", 0, "integer 1–5000, got 0", "choose a value from 1 to 5000"),
    ("autoscaling.maxReplicas", 0, "integer 1–5000, got 0", "choose a value from 1 to 5000"),
    ("autoscaling.targetCpuUtilization", 0, "integer 1–400, got 0", "choose a value from 1 to 400"),
    ("resources.cpuLimit", "1 core", 'such as 500m or 1.5, got "1 core"', "write 1"),
    ("resources.cpuLimit", "1,5", 'such as 500m or 1.5, got "1,5"', "write 1.5"),
    ("resources.cpuLimit", "500 m", 'such as 500m or 1.5, got "500 m"', "write 500m"),
    ("resources.cpuLimit", ".5", 'such as 500m or 1.5, got ".5"', "write 0.5"),
    ("resources.cpuLimit", "1.5Gi", 'such as 500m or 1.5, got "1.5Gi"', "of a core (1500m)"),
    ("resources.cpuLimit", True, "such as 500m or 1.5, got true", "of a core (1500m)"),
    ("resources.cpuRequest", "0", 'a CPU quantity such as 500m or 1.5, got "0"', "of a core (1500m)"),
    ("resources.cpuRequest", None, "a CPU quantity such as 500m or 1.5, got null", "of a core (1500m)"),
    ("resources.cpuRequest", "", 'a CPU quantity such as 500m or 1.5, got ""', "of a core (1500m)"),
    ("resources.memoryLimit", "512", 'with a unit, such as 512Mi, got "512"', "write 512Mi"),
    ("resources.memoryLimit", 512, "with a unit, such as 512Mi, got 512", "write 512Mi"),
    ("resources.memoryLimit", 2**29, "with a unit, such as 512Mi, got 536870912", "write 512Mi"),
    ("resources.memoryLimit", 1.5, "with a unit, such as 512Mi, got 1.5", "write 1.5Gi"),
    ("resources.memoryLimit", "2GB", 'with a unit, such as 512Mi, got "2GB"', "write 2Gi"),
    ("resources.memoryLimit", "1,5 Gi", 'with a unit, such as 512Mi, got "1,5 Gi"', "write 1536Mi"),
    ("resources.memoryLimit", "1.3Gi", 'with a unit, such as 512Mi, got "1.3Gi"', "write 1332Mi"),
    ("resources.memoryLimit", "much", 'with a unit, such as 512Mi, got "much"', "add the unit: Mi or Gi"),
    ("tensorflow.intraOpThreads", -1, "integer 0–256, got -1", "choose a value from 0 to 256"),
    ("tensorflow.batching", 5, "a group of settings (maxBatchSize, ", "batching.maxBatchSize VALUE"),
    ("tensorflow.batching.maxBatchSize", 0, "integer 1–4096, got 0", "a value from 1 to 4096"),
    ("tensorflow.batching.timeoutMicros", -1, "integer 0–10000000, got -1", "from 0 to 10000000"),
    ("tensorflow.batching.maxEnqueuedBatches", 0, "integer 1–10000, got 0", "from 1 to 10000"),
    ("torchserve.batchSize", 0, "integer 1–1024, got 0", "choose a value from 1 to 1024"),
    ("torchserve.maxBatchDelayMillis", -1, "integer 0–10000, got -1", "from 0 to 10000"),
    ("torchserve.ompWaitPolicy", "sleep", 'one of active, passive, got "sleep"', "use active or passive"),
    ("service.type", "Loadbalancer", 'got "Loadbalancer"', "use ClusterIP or NodePort or LoadBalancer"),
    ("service.annotations", {"a b": "c"}, "texts by name", "write names like example.com/name"),
    ("service.annotations", "a", "texts by name", """config set --path 'PATH["NAME"]' TEXT"""),
    ("service.annotations", {"a": ["b"]}, "texts by name", """config set --path 'PATH["NAME"]' TEXT"""),
    ("placement.nodeSelector", {"pool": "a b"}, "labels by name", "at most 63 letters, digits, - _ and ."),
    (
        "placement.tolerations",
        "a=b:Never",
        "a list of taints",
        ":NoSchedule or :PreferNoSchedule or :NoExecute at its end",
    ),
    ("placement.maxZoneSkew", 0, "integer 1–100", "choose a value from 1 to 100"),
    ("service.gateway", "on", "a group of settings (className, ", "service.gateway.className VALUE"),
    ("service.gateway.key", "hunter2", "letters, digits, - and _, got something else", "rand -hex 32"),
    ("service.ingress", {"host": "a.example.com"}, "got an unknown key", "docs/gateway.md"),
    ("registry", "UPPER CASE", 'registry.example.com/team, got "UPPER CASE"', "in small letters"),
    ("registry", "r.example.com/team:latest", "a registry and path", "made from its content"),
    ("registry", "r.example.com/team@sha256:12", "a registry and path", "made from its content"),
    ("imagePullSecret", "hunter2", "JSON text of a Docker config.json", '{"REGISTRY": {"auth": "…"}}}'),
    ("imagePullSecret", "{}", "the JSON text of a Docker config.json", '{"REGISTRY": {"auth": "…"}}}'),
    ("platform.enabled", "yes", 'true or false, got "yes"', "write true"),
    ("platform.enabled", "Off", 'true or false, got "Off"', "write false"),
    ("platform.enabled", "maybe", 'true or false, got "maybe"', "write true or false"),
    ("platform.prometheus.retention", 90, "a duration such as 2h or 7d, got 90", ": 90s, 90m or 90h"),
    ("platform.prometheus.retention", "2 hours", 'a duration such as 2h or 7d, got "2 hours"', "d or w"),
    ("platform.prometheus.retention", "0h", 'a duration such as 2h or 7d, got "0h"', "d or w"),
    ("platform.prometheus.scrapeSeconds", 300, "integer 5–60, got 300", "a value from 5 to 60"),
    ("platform.grafana.serviceType", "Ingress", 'got "Ingress"', "NodePort or LoadBalancer"),
    ("slo.p99Millis", 0, "integer 1–60000, got 0", "choose a value from 1 to 60000"),
    ("slo.p99Millis", 2.5, "integer 1–60000, got 2.5", "write a whole number"),
    ("slo.p99Milis", 100, "got an unknown key", "did you mean slo.p99Millis?"),
    ("slo.errorPercent", "none", 'number 0.001–100, got "none"', "write a number"),
]


@pytest.mark.parametrize(("path", "value", "said", "fix"), BAD, ids=str)
def test_a_bad_setting_is_refused_by_name(path: str, value: object, said: str, fix: str) -> None:
    (problem,) = problems(**at(path, value))
    assert problem.startswith(path)
    assert said in problem.partition(": expected ")[2]
    assert problem.endswith(fix)


def test_a_path_given_as_a_key_is_taken_as_the_path() -> None:
    """`pulumi config set resources.cpuLimit 1`, without --path, is what everybody types first."""
    typed = {
        "resources.cpuLimit": "1",
        "resources": '{"memoryLimit":"1.5Gi"}',
        "autoscaling.maxReplicas": "3",
    }
    read = settings.read(typed)
    assert read.resources == settings.Resources(cpu_limit="1", memory_limit="1536Mi")
    assert read.autoscaling == settings.Autoscaling(max_replicas=3)
    named = settings.read({"service.annotations.service.beta.kubernetes.io/type": "nlb"}).service.annotations
    assert named == (("service.beta.kubernetes.io/type", "nlb"),)


def test_a_wrong_path_given_as_a_key_is_told_by_its_name() -> None:
    (problem,) = problems(**{"torchserve.minWorker": 2})
    assert problem.endswith("did you mean torchserve.minWorkers?")
    (problem,) = problems(**{"replicas.least": 2})
    assert problem.startswith("replicas: expected integer 1–5000, got ")


def test_a_setting_given_both_ways_is_to_be_set_once() -> None:
    (problem,) = problems(**{"resources.cpuLimit": "1", "resources": {"cpuLimit": "2"}})
    assert problem == (
        'resources.cpuLimit: expected to be set once, got it twice, here to "1"; '
        "type: pulumi config rm resources.cpuLimit"
    )
    (problem, _) = problems(**{"autoscaling": True, "autoscaling.minReplicas": 1})
    assert problem.startswith("autoscaling: expected a group of settings")


def test_texts_and_names_are_read_as_pulumis_path_keeps_them() -> None:
    """It makes numbers and truth values of texts, and a path of a name's dots."""
    kept = {"service": {"beta": {"kubernetes": {"io/internal": True}}}, "example.com/idle": 60, "a": "1.10"}
    read = settings.read({"service": json.dumps({"annotations": kept})})
    assert read.service.annotations == (
        ("a", "1.10"),
        ("example.com/idle", "60"),
        ("service.beta.kubernetes.io/internal", "true"),
    )
    assert settings.read(at("platform.prometheus.storageClass", 1)).platform.prometheus.storage_class == "1"


@pytest.mark.parametrize(
    ("typed", "kept"), [("1.5Gi", "1536Mi"), ("0.5Gi", "512Mi"), ("1.5G", "1500M"), ("3.0Gi", "3Gi")]
)
def test_a_fraction_of_memory_is_kept_in_kubernetes_own_form(typed: str, kept: str) -> None:
    assert settings.read(at("resources.memoryLimit", typed)).resources.memory_limit == kept


def test_all_problems_come_at_once() -> None:
    found = problems(replicas=0, servers=[], torchserve={"batchSize": 0, "workers": 2})
    assert [problem.split(":")[0] for problem in found] == [
        "servers",
        "replicas",
        "torchserve.workers",
        "torchserve.batchSize",
    ]


def test_a_wrong_pull_secret_is_never_shown() -> None:
    (problem,) = problems(imagePullSecret='{"auth": "hunter2"}', registry="registry.example.com")
    assert "hunter2" not in problem


@given(st.dictionaries(st.sampled_from(PATHS) | st.text(max_size=12), JSON, max_size=4))
def test_whatever_is_set_either_reads_or_is_refused_by_name(values: dict[str, object]) -> None:
    raw: dict[str, object] = {}
    for path, value in values.items():
        raw |= at(path, value)
    try:
        assert isinstance(settings.read(raw), settings.Settings)
    except SettingsError as error:
        assert all(": expected " in problem for problem in error.problems)


@given(st.dictionaries(st.sampled_from(schema.keys(settings.Settings)), st.text(max_size=40)))
def test_whatever_text_pulumi_hands_over_either_reads_or_is_refused(raw: dict[str, str]) -> None:
    try:
        assert isinstance(settings.read(raw), settings.Settings)
    except SettingsError as error:
        assert error.problems


@given(strategies.settings())
def test_keys_and_settings_turn_into_each_other(accepted: settings.Settings) -> None:
    keys = schema.as_keys(accepted)
    assert settings.read(keys) == accepted
    assert settings.read({key: as_pulumi_hands_over(value) for key, value in keys.items()}) == accepted


def as_pulumi_hands_over(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def test_the_defaults_need_no_keys() -> None:
    assert schema.as_keys(settings.Settings()) == {}
