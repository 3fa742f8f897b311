"""Burn rates on promtool's bench: over both windows of each pair, of every server and objective."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from infra.monitoring import alerts
from infra.monitoring.alerts import objectives
from infra.monitoring.alerts.objectives import PAIRS, Pair
from stack.queries.gateway import DURATION
from stack.queries.objectives import BURN, LATENCY, USED
from stack.rules import seconds
from stack.settings import Platform, PrometheusSettings, Settings, Slo

HERE = 'namespace="emotion-x",pod="p",job="serving"'
TF = ":tensorflow:serving:"
ANSWERED, REFUSED = (
    f'{TF}request_latency_count{{API="predict",{HERE}}}',
    (f'{TF}request_count{{status="UNAVAILABLE",{HERE}}}'),
)
Series = Mapping[str, str]


def keeping(retention: str, slo: Slo | None = None) -> Settings:
    wanted = Settings(platform=Platform(prometheus=PrometheusSettings(retention=retention, storage="1Ti")))
    return replace(wanted, slo=slo or Slo())


def objection(
    promtool: str,
    folder: Path,
    settings: Settings,
    series: Series,
    checks: Sequence[Mapping[str, object]],
    *,
    step: int = 1,
) -> str:
    """What promtool objects; empty if all `checks` hold. Samples and evaluations are `step` minutes apart.

    In the order of the file (recorded first): promtool takes any other, and a sample of the
    step before is stale after five minutes.
    """
    every = f"interval: {objectives.EVERY}\n"
    rules = alerts.rules(settings)
    assert every in rules
    (folder / "alerts.yml").write_text(rules.replace(every, f"interval: {step}m\n"))
    given = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": f"{step}m", "input_series": given, "promql_expr_test": list(checks)}
    groups = [each["name"] for each in yaml.safe_load(rules)["groups"]]
    whole = {
        "rule_files": ["alerts.yml"],
        "evaluation_interval": f"{step}m",
        "group_eval_order": groups,
        "tests": [test],
    }
    (folder / "test.yml").write_text(yaml.safe_dump(whole))
    done = subprocess.run(
        [promtool, "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def fires(name: str, at: str, *, expected: bool, labels: str = "") -> Mapping[str, object]:
    samples = [{"labels": "{}", "value": 1}] if expected else []
    query = f'count(ALERTS{{alertname="{name}",alertstate="firing"{labels}}})'
    return {"expr": query, "eval_time": at, "exp_samples": samples}


def failing(percent: float, steps: int, then: int = 0) -> Series:
    """1,000 requests a step of which some fail, then `then` steps in which none does."""
    bad = 10 * percent
    calm = f" {bad * steps:g}+0x{then}" if then else ""
    return {ANSWERED: f"0+{1000 - bad:g}x{steps + then}", REFUSED: f"0+{bad:g}x{steps}{calm}"}


@pytest.mark.parametrize(
    ("retention", "names"),
    [
        ("30m", []),
        ("2h", ["ErrorBudgetBurn1h"]),
        ("6h", ["ErrorBudgetBurn1h", "ErrorBudgetBurn6h"]),
        ("15d", ["ErrorBudgetBurn1h", "ErrorBudgetBurn6h", "ErrorBudgetBurn3d"]),
    ],
)
def test_a_pair_of_windows_needs_them_to_be_kept(retention: str, names: list[str]) -> None:
    assert [each.name for each in objectives.alerts(retention)] == names


@pytest.mark.parametrize(("retention", "period"), [("2h", "2h"), ("15d", "15d"), ("90d", "30d")])
def test_the_budget_is_that_of_30_days_or_of_what_is_kept(retention: str, period: str) -> None:
    recorded = [each for each in objectives.records(keeping(retention)) if each.name == USED]
    assert recorded
    assert all(f"[{period}]" in each.expression for each in recorded)


def test_every_window_that_an_alert_or_a_panel_looks_at_is_recorded() -> None:
    for retention in ("30m", "2h", "15d"):
        names = {each.name for each in objectives.records(keeping(retention))}
        looked = {window for pair in objectives.pairs(retention) for window in (pair.long, pair.short)}
        assert names == {USED, *(f"{BURN}{window}" for window in looked | {"5m", "1h"})}


def steps(pair: Pair) -> tuple[int, int, int]:
    """Minutes between samples, so that days take no longer to test than hours; samples of both windows."""
    long, short = (seconds(window) // 60 for window in (pair.long, pair.short))
    step = max(1, long // 120)
    return step, long // step, short // step


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
@pytest.mark.parametrize(("factor", "expected"), [(1.1, True), (0.9, False)])
def test_a_pair_fires_above_its_burn_rate_and_keeps_quiet_below(
    pair: Pair, factor: float, expected: bool, promtool: str, tmp_path: Path
) -> None:
    step, long, _ = steps(pair)
    check = fires(pair.name, f"{step * (long + 3)}m", expected=expected)
    series = failing(0.1 * pair.burn * factor, long + 5)
    assert not objection(promtool, tmp_path, keeping("15d"), series, [check], step=step)


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_pair_keeps_quiet_once_its_short_window_is_calm(pair: Pair, promtool: str, tmp_path: Path) -> None:
    step, long, short = steps(pair)
    series = failing(0.1 * pair.burn * 2, long, then=short + 5)
    checks = [
        fires(pair.name, f"{step * long}m", expected=True),
        fires(pair.name, f"{step * (long + short + 3)}m", expected=False),
    ]
    assert not objection(promtool, tmp_path, keeping("15d"), series, checks, step=step)


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_pair_keeps_quiet_while_its_long_window_is_calm(pair: Pair, promtool: str, tmp_path: Path) -> None:
    """A short window at three times the rate says little of the long one, twelve times as long."""
    step, long, short = steps(pair)
    bad = 10 * 0.1 * pair.burn * 3
    series = {
        ANSWERED: f"0+1000x{long} {1000 * long}+{1000 - bad:g}x{short}",
        REFUSED: f"0x{long} {bad:g}+{bad:g}x{short}",
    }
    at = f"{step * (long + short)}m"
    only = f"{BURN}{pair.short}{{objective='availability'}} > bool {pair.burn:g}"
    labels = '{namespace="emotion-x",objective="availability",server="tensorflow"}'
    checks = [
        fires(pair.name, at, expected=False),
        {"expr": only, "eval_time": at, "exp_samples": [{"labels": labels, "value": 1}]},
    ]
    assert not objection(promtool, tmp_path, keeping("15d"), series, checks, step=step)


SERVERS: Mapping[str, Series] = {
    "tensorflow": failing(3, 70),
    "torchserve": {
        f"Requests5XX{{{HERE}}}": "0+30x70",
        f"ts_inference_requests_total{{{HERE}}}": "0+1000x70",
    },
    "triton": {
        f'nv_inference_request_failure{{reason="BACKEND",{HERE}}}': "0+30x70",
        f"nv_inference_request_success{{{HERE}}}": "0+970x70",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS)
def test_every_server_has_an_availability_and_its_own_budget(
    server: str, promtool: str, tmp_path: Path
) -> None:
    labels = f'namespace="emotion-x",objective="availability",server="{server}"'
    check = {
        "expr": f"round({BURN}1h, 0.001)",
        "eval_time": "65m",
        "exp_samples": [{"labels": f"{{{labels}}}", "value": 30}],
    }
    mine = f',server="{server}",objective="availability",namespace="emotion-x"'
    fire = fires("ErrorBudgetBurn1h", "65m", expected=True, labels=mine)
    assert not objection(promtool, tmp_path, keeping("2h"), SERVERS[server], [check, fire])


def buckets(slow: int) -> Series:
    """100 predictions a minute, of which some take more than 67 ms and the others less than 37."""
    bucket = f'{TF}request_latency_bucket{{API="predict",{HERE},le='
    return {
        f'{bucket}"37481.3"}}': f"0+{100 - slow}x70",
        f'{bucket}"67466.4"}}': f"0+{100 - slow}x70",
        f'{bucket}"+Inf"}}': "0+100x70",
        ANSWERED: "0+100x70",
    }


@pytest.mark.slow
@pytest.mark.parametrize(("slow", "burn", "expected"), [(80, 16, True), (60, 12, False), (0, 0, False)])
def test_latency_has_a_budget_where_the_server_has_a_histogram(
    slow: int, burn: int, expected: bool, promtool: str, tmp_path: Path
) -> None:
    labels = 'namespace="emotion-x",objective="latency",server="tensorflow"'
    recorded = {
        "expr": f'round({BURN}1h{{objective="latency"}}, 0.001)',
        "eval_time": "65m",
        "exp_samples": [{"labels": f"{{{labels}}}", "value": burn}],
    }
    fire = fires("ErrorBudgetBurn1h", "65m", expected=expected, labels=',objective="latency"')
    assert not objection(promtool, tmp_path, keeping("2h"), buckets(slow), [recorded, fire])


@pytest.mark.slow
def test_the_share_of_slow_answers_is_interpolated_within_a_bucket(promtool: str, tmp_path: Path) -> None:
    series = {**buckets(0), f'{TF}request_latency_bucket{{API="predict",{HERE},le="37481.3"}}': "0+0x70"}
    middle = Slo(p95_millis=52, p99_millis=100)  # 48 % of the way from 37.5 to 67.5 ms
    check = {
        "expr": f'round({BURN}1h{{objective="latency"}}, 0.01)',
        "eval_time": "65m",
        "exp_samples": [
            {
                "labels": '{namespace="emotion-x",objective="latency",server="tensorflow"}',
                "value": round((1 - (52_000 - 37_481.3) / (67_466.4 - 37_481.3)) / 0.05, 2),
            }
        ],
    }
    assert not objection(promtool, tmp_path, keeping("2h", middle), series, [check])


@pytest.mark.slow
def test_the_objective_is_the_settings_own(promtool: str, tmp_path: Path) -> None:
    series = failing(3, 70)
    for slo, expected in ((Slo(error_percent=0.2), True), (Slo(error_percent=1), False)):
        check = fires("ErrorBudgetBurn1h", "65m", expected=expected)
        assert not objection(promtool, tmp_path, keeping("2h", slo), series, [check])


@pytest.mark.slow
def test_a_budget_that_is_used_up_says_by_how_much(promtool: str, tmp_path: Path) -> None:
    check = {
        "expr": f"round({USED}, 0.01)",
        "eval_time": "110m",
        "exp_samples": [
            {
                "labels": '{namespace="emotion-x",objective="availability",server="tensorflow"}',
                "value": 0.5,
            }
        ],
    }
    assert not objection(promtool, tmp_path, keeping("2h"), failing(0.05, 115), [check])


GATED = replace(Platform().gateway, enabled=True)


def test_the_gateway_tells_the_latency_of_servers_without_a_histogram() -> None:
    def latencies(settings: Settings) -> set[str]:
        recorded = objectives.records(settings)
        return {each.labels["server"] for each in recorded if each.labels["objective"] == LATENCY}

    plain = keeping("2h")
    behind = replace(plain, platform=replace(plain.platform, gateway=GATED))
    assert latencies(behind) - latencies(plain) == {"torchserve", "triton"}


@pytest.mark.slow
@pytest.mark.parametrize(("slow", "expected"), [(1000, True), (100, False)])
def test_slow_answers_through_the_gateway_burn_the_budget(
    slow: int, expected: bool, promtool: str, tmp_path: Path
) -> None:
    labels, name = 'namespace="emotion-x",server="torchserve",job="gateway"', DURATION
    series = {
        f'{name}_bucket{{le="0.05",{labels}}}': f"0+{1000 - slow}x70",
        f"{name}_count{{{labels}}}": "0+1000x70",
    }
    plain = keeping("2h")
    behind = replace(plain, platform=replace(plain.platform, gateway=GATED))
    check = fires("ErrorBudgetBurn1h", "65m", expected=expected, labels=',server="torchserve"')
    assert not objection(promtool, tmp_path, behind, series, [check])
