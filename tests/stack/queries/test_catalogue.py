"""The PromQL of the project."""

import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from stack.queries import DASHBOARD, Query, catalogue, everywhere, of_stack, resources, tf_serving, torchserve

STACK = of_stack("emotion-tf-default", 10)
SUBJECTS = tuple(catalogue.by_subject(STACK))


def shown(query: Query) -> str:
    needs = f", needs {' and '.join(query.needs)}" if query.needs else ""
    return f"{query.name} [{query.unit}{needs}]\n    {query.promql}\n"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_query_is_as_reviewed(subject: str, golden: Callable[[str, str], None]) -> None:
    golden(f"queries/{subject}.txt", "".join(map(shown, catalogue.by_subject(STACK)[subject])))


def test_names_tell_queries_apart() -> None:
    names = [query.name for query in catalogue.all_queries(STACK)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("query", catalogue.all_queries(STACK), ids=lambda query: query.name)
def test_a_query_of_a_stack_sees_no_other_stack(query: Query) -> None:
    if query in catalogue.by_subject(STACK)["node"]:
        assert "emotion-tf-default" not in query.promql
    else:
        selectors = re.findall(r"\{([^}]*)\}", query.promql)
        assert selectors
        assert all('namespace="emotion-tf-default"' in selector for selector in selectors)


def test_rates_are_taken_over_four_scrapes() -> None:
    windows = {
        window
        for query in catalogue.all_queries(everywhere(15))
        for window in re.findall(r"\[(.+?)\]", query.promql)
    }
    assert windows == {"60s"}


def test_dashboards_leave_namespace_pod_and_window_to_grafana() -> None:
    promql = tf_serving.latency_mean(DASHBOARD).promql
    assert 'namespace="$namespace",pod=~"$pod"' in promql
    assert "[$__rate_interval]" in promql


def test_probes_stay_out_of_tensorflow_latencies() -> None:
    latencies = [
        query.promql for query in catalogue.by_subject(STACK)["tensorflow"] if "latency" in query.name
    ]
    assert len(latencies) == 5
    for promql in latencies:
        assert promql.count("request_latency") == promql.count('API="predict"')


HERE = 'namespace="emotion-tf-default"'
TF_SERVING = f'{HERE},pod="a",job="serving"'
ANSWERED = f':tensorflow:serving:request_latency_count{{API="predict",{TF_SERVING}}}'
REFUSED = f':tensorflow:serving:request_count{{status="UNAVAILABLE",{TF_SERVING}}}'
MISTAKEN = f':tensorflow:serving:request_count{{status="INVALID_ARGUMENT",{TF_SERVING}}}'
TORCH_REQUESTS = f'ts_inference_requests_total{{{HERE},pod="a"}}'


def objection(promtool: str, folder: Path, query: Query, series: Mapping[str, str], result: object) -> str:
    """What promtool objects if `series`, a sample every 10 s, must give `result` after five minutes."""
    expected = {"expr": query.promql, "eval_time": "5m", "exp_samples": result}
    given = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "10s", "input_series": given, "promql_expr_test": [expected]}
    (folder / "test.yml").write_text(yaml.safe_dump({"tests": [test]}))
    done = subprocess.run(
        [promtool, "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr if done.returncode else ""


def sample(value: float, labels: str = "") -> dict[str, object]:
    return {"labels": f"{{{labels}}}", "value": value}


def test_every_query_is_promql_that_prometheus_reads(promtool: str, tmp_path: Path) -> None:
    for scope in (STACK, everywhere(10)):
        expressions = [query.promql for query in catalogue.all_queries(scope)]
        rules = [{"record": f"query:{index}", "expr": each} for index, each in enumerate(expressions)]
        (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))
        done = subprocess.run(
            [promtool, "check", "rules", tmp_path / "rules.yml"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_mean_latency_is_of_predictions_without_probes(promtool: str, tmp_path: Path) -> None:
    total = ":tensorflow:serving:request_latency_sum"
    series = {
        f'{total}{{API="predict",{TF_SERVING}}}': "0+100000x60",
        ANSWERED: "0+2x60",
        f'{total}{{API="",{TF_SERVING}}}': "0+50x60",
        f':tensorflow:serving:request_latency_count{{API="",{TF_SERVING}}}': "0+10x60",
    }
    query = tf_serving.latency_mean(STACK)
    assert not objection(promtool, tmp_path, query, series, [sample(50_000, 'pod="a"')])


def test_a_quantile_is_interpolated_within_its_bucket(promtool: str, tmp_path: Path) -> None:
    name = f':tensorflow:serving:request_latency_bucket{{API="predict",{TF_SERVING},le='
    series = {f'{name}"10000"}}': "0+10x60", f'{name}"18000"}}': "0+20x60", f'{name}"+Inf"}}': "0+20x60"}
    query = tf_serving.latency_quantile(STACK, 0.95)
    assert not objection(promtool, tmp_path, query, series, [sample(17_200)])


@pytest.mark.parametrize(
    ("series", "ratio"),
    [
        pytest.param({ANSWERED: "0+9x60"}, 0, id="no failure was ever counted"),
        pytest.param({ANSWERED: "0+9x60", MISTAKEN: "0+9x60"}, 0, id="the client's mistakes"),
        pytest.param({ANSWERED: "0+9x60", REFUSED: "0+3x60"}, 0.25, id="some fail"),
        pytest.param({REFUSED: "0+3x60"}, 1, id="all fail"),
    ],
)
def test_tensorflow_servings_error_ratio(
    series: Mapping[str, str], ratio: float, promtool: str, tmp_path: Path
) -> None:
    query = tf_serving.error_ratio(STACK)
    assert not objection(promtool, tmp_path, query, series, [sample(ratio, HERE)])


@pytest.mark.parametrize(
    ("series", "ratio"),
    [
        pytest.param({}, 0, id="no failure was ever counted"),
        pytest.param({f'Requests5XX{{{HERE},pod="a"}}': "0+2x60"}, 0.25, id="some fail"),
        pytest.param({f'Requests5XX{{{HERE},pod="a"}}': "0+9x60"}, 1, id="failed probes on top"),
    ],
)
def test_torchserves_error_ratio(
    series: Mapping[str, str], ratio: float, promtool: str, tmp_path: Path
) -> None:
    query = torchserve.error_ratio(STACK)
    every = {TORCH_REQUESTS: "0+8x60", **series}
    assert not objection(promtool, tmp_path, query, every, [sample(ratio, HERE)])


def test_torchserves_mean_weighs_pods_by_their_requests(promtool: str, tmp_path: Path) -> None:
    series = {
        TORCH_REQUESTS: "0+3x60",
        f'ts_inference_requests_total{{{HERE},pod="b"}}': "0+1x60",
        f'ts_inference_latency_microseconds{{{HERE},pod="a"}}': "0+30000x60",
        f'ts_inference_latency_microseconds{{{HERE},pod="b"}}': "0+50000x60",
    }
    query = torchserve.latency_mean(STACK)
    assert not objection(promtool, tmp_path, query, series, [sample(20_000, HERE)])


def test_throttling_is_a_share_of_periods(promtool: str, tmp_path: Path) -> None:
    labels = f'{HERE},pod="a",container="torchserve"'
    series = {
        f"container_cpu_cfs_throttled_periods_total{{{labels}}}": "0+25x60",
        f"container_cpu_cfs_periods_total{{{labels}}}": "0+100x60",
    }
    query = resources.throttled(STACK)
    assert not objection(promtool, tmp_path, query, series, [sample(0.25, 'pod="a"')])


def test_another_stacks_pods_are_not_summed_in(promtool: str, tmp_path: Path) -> None:
    other = TORCH_REQUESTS.replace("emotion-tf-default", "emotion-torch-tuned")
    query = torchserve.requests(STACK)
    series = {TORCH_REQUESTS: "0+30x60", other: "0+70x60"}
    assert not objection(promtool, tmp_path, query, series, [sample(3, 'pod="a"')])
