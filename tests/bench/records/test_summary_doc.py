"""docs/summary.md names every field that is kept, and no other."""

import re
from dataclasses import fields

import pytest

from bench.analysis import analysis
from bench.records import (
    baseline,
    events,
    expected,
    experiment,
    forecast,
    parts,
    profile,
    run,
    samples,
    series,
    store,
)
from bench.records.estimates import Estimate
from bench.records.run import Sizes
from stack.files import ROOT
from stack.settings import Slo

TEXT = (ROOT / "docs" / "summary.md").read_text()
KEPT = (
    *(run.Summary, run.Stretch, run.Latency, run.Generator, run.Segment, run.Obtained, run.PodUse),
    *(run.Machine, run.Little, events.Event, events.Held, Estimate, Sizes, Slo),
    *(profile.Open, profile.Phase, profile.Trace, profile.Closed),
    *(experiment.Experiment, experiment.Arm, experiment.Budget, experiment.Rule, experiment.Step),
    *(forecast.Forecast, forecast.Foretold, forecast.Left, baseline.Baseline, expected.Expected),
    *(baseline.ServiceTime, series.Drawn, series.Line),
)


def documented(name: str) -> list[str]:
    """The fields in the table below a heading."""
    _, _, rest = TEXT.partition(f"\n### {name}\n")
    table, _, _ = rest.partition("\n#")
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


@pytest.mark.parametrize("kind", KEPT, ids=lambda kind: str(kind.__name__))
def test_every_field_is_described_in_its_order_and_no_other(kind: type) -> None:
    assert documented(kind.__name__) == [field.name for field in fields(kind)]


def test_every_column_of_the_samples_is_described() -> None:
    assert documented("Sample") == list(samples.Sample._fields)
    assert f"`{samples.HEADER}`" in TEXT


def test_every_file_and_schema_is_named() -> None:
    names = (store.SUMMARY, store.SAMPLES, store.WARM_UP, store.SERIES, store.BASELINE, store.EXPERIMENT)
    for name in (*names, store.JOURNAL, store.FORECAST, store.EXPECTED):
        assert name in TEXT
    flat = " ".join(TEXT.split())
    assert (
        f"summary {run.SCHEMA}, plan, journal, forecast, expected and baseline {experiment.SCHEMA};" in flat
    )
    assert f"`bench.analysis.analysis.Analysis` (schema {analysis.SCHEMA})" in flat


def test_every_part_of_an_experiment_is_named() -> None:
    for part in parts.PARTS:
        assert f"`{part}`" in TEXT
