"""What a trial of a plan says, from the record that is kept of one."""

import json
from dataclasses import replace

import cattrs
import pytest

from bench.records.fleet import Fleet
from bench.report.fleet import as_json, as_text
from stack.files import ROOT

FILE = ROOT / "docs" / "results" / "fleet" / "50000.json"


@pytest.fixture(scope="module")
def found() -> Fleet:
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
    return converter.structure(json.loads(FILE.read_text()), Fleet)


def test_the_kept_record_is_whole(found: Fleet) -> None:
    assert json.loads(as_json(found)) == json.loads(FILE.read_text())


def test_nodes_and_cost_stand_beside_the_plans(found: Fleet) -> None:
    lines = as_text(found).splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.startswith(("  planned", "  came"))}
    assert rows == {"planned": ["27", "7,569"], "came": ["27", "7,569"]}


def test_simulated_nodes_are_said_to_show_no_latency(found: Fleet) -> None:
    assert "The nodes were simulated (kwok)" in as_text(found)
    assert "No latency" in as_text(found)
    assert "simulated" not in as_text(replace(found, simulated=False))


def test_what_is_not_known_is_no_figure(found: Fleet) -> None:
    """Another cluster may have no Prometheus of ours, and nodes that others use too."""
    told = as_text(replace(found, seen=None, nodes_gone=None, api_mebibytes=None, shrunk=None))
    assert "Prometheus" not in told
    assert "some nodes stay" in told
    assert "API server: – before" in told
