"""docs/summary.md names every field that is kept, and no other."""

import re
from dataclasses import fields

import pytest

from bench import profiles, records, steadiness, store, summary, timeline
from bench.analysis import analysis
from bench.load import samples
from bench.payloads import Sizes
from bench.statistics import Estimate
from stack.document import ROOT
from stack.settings import Slo

TEXT = (ROOT / "docs" / "summary.md").read_text()
KEPT = (
    *(summary.Summary, summary.Part, summary.Latency, summary.Generator, summary.Obtained, summary.PodUse),
    *(summary.Machine, steadiness.Little, timeline.Event, Estimate, Sizes, Slo),
    *(profiles.Open, profiles.Phase, profiles.Closed),
    *(records.Experiment, records.Arm, records.Budget, records.Step, records.Baseline),
    *(records.ServiceTime, records.Drawn, records.Line),
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
    for name in (*names, store.JOURNAL):
        assert name in TEXT
    flat = " ".join(TEXT.split())
    assert f"summary {summary.SCHEMA}, plan, journal and baseline {records.SCHEMA};" in flat
    assert f"`bench.analysis.analysis.Analysis` (schema {analysis.SCHEMA})" in flat


def test_every_part_of_an_experiment_is_named() -> None:
    for part in summary.PARTS:
        assert f"`{part}`" in TEXT
