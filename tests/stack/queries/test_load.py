"""Loads by which a scaler decides: a value, 0 before the first request, and nothing where it is not known."""

import subprocess
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from stack.queries import load, of_stack, tf_serving, torchserve, triton
from stack.servers import SERVERS

SCOPE = of_stack("emotion-x", 10)
HERE = 'namespace="emotion-x"'
SPENT = f':tensorflow:serving:request_latency_sum{{API="predict",{HERE},pod="%s"}}'
UP = f'up{{job="serving",server="tensorflow-serving",{HERE},pod="%s"}}'
# µs a scrape of 10 s, in the two pods: 1.5 and 0.5 requests at a time
BUSY = {SPENT % "a": "0+15000000x60", SPENT % "b": "0+5000000x60", UP % "a": "1x60", UP % "b": "1x60"}
CASES: dict[str, tuple[dict[str, str], float | None]] = {
    "two pods": (BUSY, 2.0),
    "one pod unreached for long": ({**BUSY, SPENT % "b": "0+5000000x20 _x40", UP % "b": "1x20 0x40"}, 1.5),
    "no request yet": ({UP % "a": "1x60"}, 0.0),
    "idle": ({SPENT % "a": "7x60", UP % "a": "1x60"}, 0.0),
    "one sample after a gap": ({SPENT % "a": "_x30 7x30", UP % "a": "_x30 1x30"}, None),
    "no pod reached": ({UP % "a": "0x60"}, None),
    "Prometheus knows no pod": ({}, None),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_known_does_not_look_like_no_load(case: str, promtool: str, tmp_path: Path) -> None:
    series, value = CASES[case]
    samples = [] if value is None else [{"labels": f"{{{HERE}}}", "value": value}]
    expected = {"expr": tf_serving.in_flight(SCOPE).promql, "eval_time": "5m", "exp_samples": samples}
    given = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "10s", "input_series": given, "promql_expr_test": [expected]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"tests": [test]}))
    done = subprocess.run(
        [promtool, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", [tf_serving, torchserve, triton], ids=lambda module: module.__name__)
def test_every_server_tells_every_load(module: ModuleType) -> None:
    assert tuple(module.LOADS) == (load.IN_FLIGHT, load.QUEUE, load.RATE)


@pytest.mark.parametrize("name", SERVERS)
def test_a_load_looks_at_the_pods_of_its_server(name: str) -> None:
    signals = SERVERS[name].signals
    assert signals
    for told in signals.loads.values():
        assert f'server="{SERVERS[name].component}"' in told(SCOPE).promql
