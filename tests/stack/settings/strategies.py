"""Settings that are accepted, drawn from the rules of the fields."""

from dataclasses import MISSING, fields, replace
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from stack import quantities, rules, schema
from stack.schema import Section, SettingsError
from stack.settings import (
    Autoscaling,
    Keda,
    Platform,
    Resources,
    ServiceSettings,
    Settings,
    Vpa,
    placement,
    read,
    scaling,
)
from stack.settings.gateway import TRAEFIK

T = TypeVar("T")
DNS_LABEL = r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?"
PROSE = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, categories=["L", "N", "P", "Zs"]), min_size=1
)
TEXTS = {  # by the words of their rule, where the pattern alone says too little
    "a host name such as emotions.example.com": st.just("emotions.example.com"),
    "a URL such as http://prometheus.monitoring:9090": st.just("http://prometheus.monitoring:9090"),
    "a sentence": PROSE,
}
LABELS = st.dictionaries(st.sampled_from(["a", "example.com/b"]), PROSE)
EXAMPLES: dict[type, SearchStrategy[object]] = {
    rules.Labels: LABELS.map(lambda labels: tuple(sorted(labels.items()))),
    placement.NodeLabels: st.sampled_from([(("pool", "serving"),), (("a", ""), ("example.com/b", "1"))]),
    placement.Taints: st.sampled_from([("gpu",), ("pool=serving:NoSchedule", "a:NoExecute")]),
    rules.Registry: st.sampled_from(
        ["127.0.0.1:5000", "registry.example.com/team", "registry.example.com/a/b_c"]
    ),
    rules.Secret: st.just("0123456789abcdef"),
    rules.DockerConfig: st.just('{"auths": {"registry.example.com": {"auth": "eDp5"}}}'),
}


def settings() -> SearchStrategy[Settings]:
    """Accepted settings of a stack."""
    return section(Settings).map(_settled).filter(_accepted)


def section(cls: type[T]) -> SearchStrategy[T]:
    """A group of settings: each field keeps its default or takes any value of its rule."""
    return st.builds(cls, **{f.name: _field(schema.rule_of(f), f.default) for f in fields(cls)})  # type: ignore[arg-type]  # a dataclass


def _field(rule: schema.Rule | Section, default: object) -> SearchStrategy[object]:
    if isinstance(rule, Section):
        return st.none() | section(rule.cls) if default is None else section(rule.cls)
    return _value(rule) if default is MISSING else st.just(default) | _value(rule)


def _value(rule: schema.Rule) -> SearchStrategy[object]:
    match rule:
        case rules.Whole(low, high):
            return st.integers(low, high)
        case rules.Real(low, high):
            return st.floats(low, high)
        case rules.OneOf(words):
            return st.sampled_from(words)
        case rules.Words(choice):
            names = st.sampled_from(tuple(choice)) if choice else st.from_regex(DNS_LABEL, fullmatch=True)
            return st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
        case rules.Text(_, expected):
            return TEXTS.get(expected, st.from_regex(DNS_LABEL, fullmatch=True))
        case _:
            return _quantity(rule)


def _quantity(rule: schema.Rule) -> SearchStrategy[object]:
    match rule:
        case rules.Flag():
            return st.booleans()
        case quantities.Cpu():
            return st.integers(1, 64_000).map(lambda each: f"{each}m") | st.integers(1, 64).map(str)
        case quantities.Memory():
            return st.builds("{}{}".format, st.integers(1, 4096), st.sampled_from(["Mi", "Gi", "M"]))
        case rules.Duration():
            return st.builds("{}{}".format, st.integers(1, 99), st.sampled_from("mhdw"))
        case _:
            return EXAMPLES[type(rule)]


def _settled(drawn: Settings) -> Settings:
    """The settings without the contradictions that most drawn ones hold."""
    torch, triton, autoscaling = drawn.torchserve, drawn.triton, drawn.autoscaling
    low, high = sorted((torch.min_workers, torch.max_workers))
    delay = 10 if torch.batch_size == 1 else torch.max_batch_delay_millis
    return replace(
        drawn,
        replicas=1 if autoscaling else drawn.replicas,
        autoscaling=autoscaling and _settled_scaling(autoscaling),
        tensorflow=replace(drawn.tensorflow, rest_threads=0),
        torchserve=replace(torch, min_workers=low, max_workers=high, max_batch_delay_millis=delay),
        triton=replace(
            triton, queue_delay_micros=0 if triton.max_batch_size == 1 else triton.queue_delay_micros
        ),
        resources=_settled_resources(drawn.resources),
        service=_settled_service(drawn.service, drawn.servers),
        slo=replace(drawn.slo, p99_millis=max(drawn.slo.p95_millis, drawn.slo.p99_millis)),
        image_pull_secret=drawn.registry and drawn.image_pull_secret,
        platform=_settled_platform(drawn.platform),
    )


def _settled_scaling(drawn: Autoscaling) -> Autoscaling:
    low, high = sorted((drawn.min_replicas, drawn.max_replicas))
    bounded = replace(drawn, min_replicas=low, max_replicas=high, vpa=Vpa())
    if drawn.metric == scaling.CPU:
        return replace(bounded, scaler=scaling.HPA, target=None, keda=Keda())
    fewest = min(drawn.keda.fallback_replicas or high, high)
    return replace(
        bounded,
        scaler=scaling.KEDA,
        target=drawn.target or 1.0,
        target_cpu_utilization=50,
        keda=replace(drawn.keda, fallback_replicas=fewest, window_seconds=None),
    )


def _settled_resources(drawn: Resources) -> Resources:
    cpu = sorted((drawn.cpu_request, drawn.cpu_limit), key=quantities.millicores)
    memory = sorted((drawn.memory_request, drawn.memory_limit), key=quantities.mebibytes)
    return Resources(cpu[0], cpu[1], memory[0], memory[1])


def _settled_service(drawn: ServiceSettings, servers: tuple[str, ...]) -> ServiceSettings:
    return replace(
        drawn,
        type="ClusterIP" if drawn.gateway else drawn.type,
        publish_metrics=drawn.publish_metrics
        and drawn.gateway is None
        and bool({"torchserve", "triton"} & {*servers}),
        gateway=drawn.gateway and replace(drawn.gateway, class_name=TRAEFIK, key=None, timeout_seconds=None),
    )


def _settled_platform(drawn: Platform) -> Platform:
    url = None if drawn.prometheus.enabled else "http://prometheus.monitoring:9090"
    return replace(drawn, prometheus=replace(drawn.prometheus, url=url, retention="2h"))


def _accepted(drawn: Settings) -> bool:
    try:
        return bool(read(schema.as_keys(drawn)))
    except SettingsError:
        return False
