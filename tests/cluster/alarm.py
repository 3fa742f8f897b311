"""Alerts on the live platform, waited for; and the queries that a stack can answer."""

import time
from collections.abc import Collection, Mapping

from stack import settings
from stack.outputs import StackOutputs
from stack.queries import catalogue, of_stack
from tests.cluster import prometheus
from tests.cluster.conftest import eventually
from tests.cluster.prometheus import Labels

LONGEST = 540  # seconds from fault to alert on a slow machine, less than a load is held
CALM = 420  # until a burn rate's short window, 5 minutes, has forgotten what was before


def quiet(outputs: StackOutputs, *wanted: Labels) -> None:
    """Wait until none of these alerts is pending or firing: a server that starts is throttled for a while."""

    def absent() -> bool:
        active = [labels for labels in prometheus.states(outputs) if any(each <= labels for each in wanted)]
        assert not active, f"before its fault: {active}"
        return True

    eventually(absent, CALM)


def until_firing(outputs: StackOutputs, wanted: Collection[Labels], began: float) -> None:
    """Wait for every alert, and tell how long after the faults (at a `time.monotonic()`) it fired."""
    seconds: dict[Labels, float] = {}

    def all_fire() -> bool:
        states = prometheus.states(outputs)
        for each in set(wanted) - seconds.keys():
            if any(each <= labels and state == "firing" for labels, state in states.items()):
                seconds[each] = time.monotonic() - began
        missing = {named(each): state_of(states, each) for each in set(wanted) - seconds.keys()}
        assert not missing, f"not firing: {missing}"
        return True

    eventually(all_fire, LONGEST)
    for each, taken in sorted(seconds.items(), key=lambda each: each[1]):
        print(f"{named(each):36}{taken:6.0f} s from fault to firing")


def named(wanted: Labels) -> str:
    return dict(wanted)["alertname"]


def state_of(states: Mapping[Labels, str], wanted: Labels) -> str:
    return next((state for labels, state in states.items() if wanted <= labels), "inactive")


def complete(outputs: StackOutputs, failed: str) -> None:
    """Every query that the stack can answer, failed requests of this kind among them, has a value."""
    intended = settings.read(outputs.settings)
    scope, there = of_stack(outputs.namespace, 10), catalogue.features(intended) | {failed}
    wanted = [query for query in catalogue.all_queries(scope) if set(query.needs) <= there]

    def answered() -> bool:
        series = {query.name: len(prometheus.values(outputs, query)) for query in wanted}
        empty = [name for name, count in series.items() if not count]
        assert not empty, f"{outputs.stack}: no value: {', '.join(empty)}"
        print("\n".join(f"{count:3} {name}" for name, count in series.items()))
        return True

    eventually(answered)


def calm(outputs: StackOutputs) -> bool:
    """Prometheus answers and has scraped everything at least once."""
    data = prometheus.page(outputs, "targets?state=active")
    assert isinstance(data, dict)
    return {each["health"] for each in data["activeTargets"]} == {"up"}
