"""Figures of a pod come from experiments or from the user, and from nowhere else."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis import cost
from bench.analysis.loads import Load
from bench.errors import EvidenceError, OptionError
from bench.whatif.measured import (
    MEASURED,
    Given,
    Measured,
    Source,
    capacity,
    figures,
    model,
    model_error,
    read,
)
from stack import settings
from stack.files import path, stack_settings
from stack.settings import Settings

PRICES = cost.read(cost.DEFAULT)


@pytest.fixture(scope="module")
def sources() -> tuple[Source, ...]:
    return tuple(read(each, PRICES) for each in MEASURED)


def of(stack: str) -> Settings:
    return settings.read(stack_settings(path(stack)))


def known(sources: tuple[Source, ...], stack: str, server: str, given: Given = Given()) -> Measured:  # noqa: B008
    return figures(sources, stack, of(stack), server, given)


def test_a_stacks_own_figures_come_first(sources: tuple[Source, ...]) -> None:
    made = known(sources, "torch-hpa", "torchserve")
    row = sources[0].found.row("torch-hpa")
    usage = next(load.usage for load in row.loads if load.label == "at the SLO capacity")
    assert usage is not None
    assert made.cpu_millis == usage.cpu_per_1000
    assert made.starts == (6.1,), "of the step in the same experiment"
    assert made.origins["request's CPU"] == "torch-hpa in docs/results/full, at the SLO capacity"


def test_else_those_of_the_same_servers_settings_and_the_nearest_limit(sources: tuple[Source, ...]) -> None:
    assert known(sources, "tf-hpa-plain", "tensorflow").origins["request alone"].startswith("tf-hpa in")
    assert known(sources, "minikube", "tensorflow").origins["request alone"].startswith("tf-default in")


def test_what_the_user_says_counts_instead(sources: tuple[Source, ...]) -> None:
    made = known(sources, "tf-hpa", "tensorflow", Given(2.5, 3.0, 20.0, 8.0))
    assert (made.cpu_millis, made.alone, made.starts, made.cores) == (2.5, (3.0, 3.0, 3.0), (20.0,), 8.0)
    assert set(made.origins.values()) == {
        f"as given by --{name}" for name in ("request-cpu", "service-time", "start-time", "cores")
    }


def test_what_was_not_measured_is_named_with_what_measures_it(sources: tuple[Source, ...]) -> None:
    with pytest.raises(EvidenceError) as refused:
        known(sources, "triton-default", "triton", Given(request_cpu=3.0, cores=2.0))
    said = str(refused.value)
    assert said.startswith("triton: not measured in docs/results/full, docs/results/steps")
    assert "CPU of a request" not in said, "it was given"
    assert "the time of a request alone (or give --service-time)" in said
    assert said.endswith("; run: python -m bench all triton-default --short")


def test_a_server_that_was_never_measured_can_be_given_whole() -> None:
    made = figures((), "mine", of("triton-default"), "triton", Given(2.0, 3.0, 9.0, 2.0))
    pod = model(made, of("triton-default"))
    assert 0 < pod.rate <= 1000
    assert pod.median(1.0) == pytest.approx(0.003, rel=0.01)
    with pytest.raises(EvidenceError, match="--cores"):
        figures((), "mine", of("triton-default"), "triton", Given(2.0, 3.0, 9.0))


def test_a_pod_of_half_the_limit_serves_half_as_much(sources: tuple[Source, ...]) -> None:
    made, whole = known(sources, "tf-hpa", "tensorflow"), of("tf-hpa")
    half = replace(whole, resources=replace(whole.resources, cpu_limit="500m"))
    assert model(made, half).rate == pytest.approx(model(made, whole).rate / 2)
    assert model(made, whole).rate == pytest.approx(1000 / made.cpu_millis, rel=0.01), "a core's worth"
    assert 0 < capacity(made, half) < capacity(made, whole) < model(made, whole).rate


def test_the_models_error_is_told_where_it_was_seen(sources: tuple[Source, ...]) -> None:
    assert model_error(sources) == pytest.approx(0.12, abs=0.01)
    assert model_error(sources[1:]) is None


def test_raw_results_are_read_as_their_report_is(results: Path) -> None:
    source = read(results / "made", PRICES)
    assert {row.server for row in source.found.rows} == {"tensorflow", "torchserve"}
    assert source.baselines


def test_a_pods_start_is_that_of_any_pod_where_no_step_was_measured_and_first_of_the_same_experiment(
    sources: tuple[Source, ...],
) -> None:
    full, *others = sources
    rows = tuple(replace(row, starts=(12.0, 13.0)) for row in full.found.rows if row.arm == "tf-default")
    slow = replace(full, found=replace(full.found, rows=rows, recoveries=()))
    made = known((*others, slow), "tf-default", "tensorflow")
    assert made.starts == (12.0, 13.0)
    assert made.origins["pod's start"] == "pods in docs/results/full"
    assert (
        known(
            (*others, replace(slow, found=replace(slow.found, rows=full.found.rows))),
            "tf-default",
            "tensorflow",
        )
        .origins["pod's start"]
        .startswith("steps of tf-hpa-plain in docs/results/steps")
    )


def test_what_holds_no_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"--measured: expected a folder of results or a report\.json"):
        read(tmp_path / "none", PRICES)
    with pytest.raises(EvidenceError, match="--measured: expected a folder with finished runs"):
        read(tmp_path, PRICES)


def test_a_pods_cpu_limit_is_played_where_it_is_what_bounds_its_rate(sources: tuple[Source, ...]) -> None:
    limit = model(known(sources, "tf-hpa-plain", "tensorflow"), of("tf-hpa-plain")).limit
    assert limit
    assert (limit.quota, limit.busy) == (0.7, 2.0)
    assert model(known(sources, "tf-default", "tensorflow"), of("tf-default")).limit is None, "all cores"


def test_pods_that_share_a_node_have_the_cpu_of_a_request_that_goes_with_their_number(
    sources: tuple[Source, ...],
) -> None:
    full = sources[0]
    two = full.found.row("torch-replicas")
    one = replace(
        two,
        cell="one",
        arm="one",
        differs={key: value for key, value in two.differs.items() if key != "replicas"},
        loads=tuple(cheaper(each) for each in two.loads),
    )
    both = replace(full, found=replace(full.found, rows=(*full.found.rows, one)))
    made = known((both,), "torch-replicas", "torchserve")
    assert dict(made.crowded) == pytest.approx({1: made.cpu_millis / 2, 2: made.cpu_millis})
    assert [made.among(pods).cpu_millis for pods in (1, 2, 7)] == [
        cpu for _, cpu in (*made.crowded, made.crowded[-1])
    ]
    assert f"({made.cpu_millis:.3g} among 2 pods)" in made.cpu
    wanted = of("torch-replicas")
    assert model(made, wanted, 1).cpu_seconds == pytest.approx(model(made, wanted, 2).cpu_seconds / 2)
    assert model(made, wanted, 1).rate >= model(made, wanted, 2).rate
    given = known((both,), "torch-replicas", "torchserve", Given(request_cpu=5.0))
    assert given.among(2).cpu_millis == 5.0, "what the user says counts instead"


def cheaper(load: Load) -> Load:
    """With half the CPU of a request."""
    usage = load.usage
    if usage is None or usage.cpu_per_1000 is None:
        return load
    return replace(load, usage=replace(usage, cpu_per_1000=usage.cpu_per_1000 / 2))
