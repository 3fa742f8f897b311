"""Monitoring of the deployed stack: everything is scraped, every query has a value, Grafana has a lock."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from stack import settings
from stack.outputs import Endpoint, StackOutputs
from stack.queries import Scope, catalogue, of_stack, resources
from stack.queries.query import ERRORS
from tests.cluster import prometheus
from tests.cluster.conftest import STACK, eventually, run
from tests.cluster.prometheus import values

pytestmark = pytest.mark.cluster

GOOD_AND_BAD = 20  # one request in so many is wrong


def scope(outputs: StackOutputs) -> Scope:
    intended = settings.read(outputs.settings)
    return of_stack(outputs.namespace, intended.platform.prometheus.scrape_seconds)


def serving_pods(outputs: StackOutputs) -> set[str]:
    listed = run(
        "kubectl", "--context", outputs.context, "-n", outputs.namespace, "get", "pods", "-o", "json"
    )
    return {
        pod["metadata"]["name"]
        for pod in json.loads(listed)["items"]
        if not pod["metadata"].get("deletionTimestamp")
    }


@contextmanager
def load(endpoints: dict[str, Endpoint], photo: str) -> Iterator[None]:
    """Both servers get requests, some of them wrong, until the block ends."""
    good = {"tensorflow": {"instances": [{"b64": photo}]}, "torchserve": {"data": photo}}
    bad = {"tensorflow": {"instances": [1]}, "torchserve": {"data": "*"}}
    over, surprises = threading.Event(), list[str]()

    def ask(server: str) -> None:
        count = 0
        while not over.wait(0.05):
            count += 1
            wrong = count % GOOD_AND_BAD == 0
            body = bad[server] if wrong else good[server]
            answer = requests.post(str(endpoints[server].url), json=body, timeout=30)
            if answer.status_code != (400 if wrong else 200):
                surprises.append(f"{server}: {answer.status_code} {answer.text[:200]}")

    threads = [threading.Thread(target=ask, args=(server,)) for server in endpoints]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not surprises


def test_every_scrape_target_answers(outputs: StackOutputs) -> None:
    def all_up() -> bool:
        data = prometheus.page(outputs, "targets?state=active")
        assert isinstance(data, dict)
        targets = data["activeTargets"]
        down = [f"{each['scrapePool']}: {each['lastError']}" for each in targets if each["health"] != "up"]
        assert not down
        jobs = {each["scrapePool"] for each in targets}
        return jobs == {"prometheus", "serving", "kubelet", "cadvisor", "kube-state-metrics"}

    eventually(all_up)


def test_every_serving_pod_is_up_in_prometheus(outputs: StackOutputs) -> None:
    query = resources.targets_up(scope(outputs))

    def found() -> bool:
        up = {json.loads(labels)["pod"]: value for labels, value in values(outputs, query).items()}
        return up == dict.fromkeys(serving_pods(outputs), 1.0)

    eventually(found)


def test_under_load_every_query_of_every_dashboard_has_a_value(
    outputs: StackOutputs, endpoints: dict[str, Endpoint], photo: str
) -> None:
    there = catalogue.features(settings.read(outputs.settings)) | {ERRORS}
    wanted = [query for query in catalogue.all_queries(scope(outputs)) if set(query.needs) <= there]
    series: dict[str, int] = {}

    def complete() -> bool:
        series.update({query.name: len(values(outputs, query)) for query in wanted})
        empty = [name for name, count in series.items() if not count]
        assert not empty, f"no value: {', '.join(empty)}"
        return True

    with load(endpoints, photo):
        eventually(complete, seconds=180)
    print("\n".join(f"{count:3} {name}" for name, count in series.items()))


def test_every_alert_rule_is_loaded_and_can_be_evaluated(outputs: StackOutputs) -> None:
    def healthy() -> bool:
        data = prometheus.page(outputs, "rules?type=alert")
        assert isinstance(data, dict)
        rules = [rule for group in data["groups"] for rule in group["rules"]]
        assert not [f"{rule['name']}: {rule.get('lastError')}" for rule in rules if rule["health"] == "err"]
        return bool(rules) and {rule["health"] for rule in rules} == {"ok"}

    eventually(healthy)


def grafana_password(outputs: StackOutputs) -> str:
    place = ("--context", outputs.context, "-n", outputs.monitoring.namespace)
    encoded = run("kubectl", *place, "get", "secret", "grafana-admin", "-o", "jsonpath={.data.password}")
    return base64.b64decode(encoded).decode()


def test_grafana_refuses_strangers_and_shows_the_admin_every_dashboard(outputs: StackOutputs) -> None:
    assert outputs.dashboards
    search = f"{outputs.dashboards}/api/search?type=dash-db"
    assert requests.get(search, timeout=10).status_code == 401
    assert requests.get(search, auth=("admin", "admin"), timeout=10).status_code == 401
    answer = requests.get(search, auth=("admin", grafana_password(outputs)), timeout=10)
    assert answer.status_code == 200
    boards = {"overview", "tensorflow-serving", "torchserve", "triton", "autoscaling", "node"}
    assert {each["uid"] for each in answer.json()} == boards


def test_the_password_is_not_in_the_state_in_clear(outputs: StackOutputs) -> None:
    password = grafana_password(outputs)
    assert len(password) >= 32
    state = run("pulumi", "stack", "export", "--stack", STACK)
    assert password not in state
    assert base64.b64encode(password.encode()).decode() not in state


def test_kubectl_top_knows_the_pods(outputs: StackOutputs) -> None:
    def listed() -> bool:
        text = run(
            "kubectl", "--context", outputs.context, "-n", outputs.namespace, "top", "pods", "--no-headers"
        )
        return serving_pods(outputs) <= {line.split()[0] for line in text.splitlines()}

    eventually(listed)
