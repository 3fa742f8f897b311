"""The page as HTML and Markdown, from an experiment on disk."""

import re
from pathlib import Path

import pytest

from bench.errors import ReadError
from bench.records import store
from bench.records.store import SAMPLES, WARM_UP, Evidence
from bench.thesis.gather import gather
from bench.thesis.page import Pages, pages
from bench.thesis.rules import UNTESTED, UNTOLD
from tests.bench.evidence import ALL, SMALL, make
from tests.bench.thesis.made import CLAIMS

pytestmark = pytest.mark.slow

STACKS = ("tf-default", "tf-batch-10ms", "torch-replicas")
SPECS = [spec for spec in ALL if spec.arm.stack in STACKS]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("results"), SPECS, SMALL)


@pytest.fixture(scope="module")
def made(kept: Path) -> Pages:
    return pages(store.read(kept))


def test_it_is_the_same_bytes_every_time(kept: Path, made: Pages) -> None:
    assert pages(store.read(kept)) == made


def test_every_claim_stands_in_both_forms(made: Pages) -> None:
    for claim in CLAIMS.values():
        assert f'id="{claim.id}"' in made.html
        assert f"### {claim.title}" in made.markdown


def test_html_asks_nobody_for_anything(made: Pages) -> None:
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"|url\((?!#)|@import', made.html)


def test_every_plot_is_in_the_page_and_named_in_markdown(made: Pages) -> None:
    names = [plot.name for plot in made.plots]
    assert {"thesis-rates", "thesis-waits", "thesis-server-latency", "thesis-replicas"} <= set(names)
    for plot in made.plots:
        assert f'id="plot-{plot.name}"' in made.html
        assert f"(plots/{plot.name}.png)" in made.markdown
        assert plot.png.startswith(b"\x89PNG")


def test_verdicts_are_counted_first(made: Pages) -> None:
    counted = re.search(rf"Of {len(CLAIMS)} statements of the thesis on scaling (.*)\.", made.markdown)
    assert counted is not None
    assert sum(map(int, re.findall(r"\b\d+\b", counted[1]))) == len(CLAIMS)


def test_it_says_how_it_was_obtained(made: Pages) -> None:
    for word in ("25 users, 20 s, sleep 1 s", "one of 50 photos", "in 3 blocks", "Poisson", "stand-in"):
        assert word in made.markdown


def test_nothing_measured_is_a_page_without_claims() -> None:
    empty = pages(Evidence(None, (), (), ()))
    assert not empty.plots
    verdicts = set(re.findall(r"^\S+ \*\*(.+?)\*\* ·", empty.markdown, re.MULTILINE))
    assert verdicts == {UNTOLD, UNTESTED}


def test_summaries_alone_are_enough(kept: Path, tmp_path: Path) -> None:
    for file in kept.rglob("*.json"):
        copy = tmp_path / file.relative_to(kept)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    assert "thesis-rates" in [plot.name for plot in pages(store.read(tmp_path)).plots]


def test_series_samples_and_warm_ups_are_gathered_where_they_were_kept(kept: Path) -> None:
    evidence = store.read(kept)
    run = next(run for run in evidence.runs if run.summary.part == "thesis")
    (run.folder / WARM_UP).write_bytes((run.folder / SAMPLES).read_bytes())
    looks = gather(evidence).of(run.summary.arm)
    assert any(look.warm_up_longest for look in looks)
    assert all(look.series for look in looks)


def test_a_warm_up_that_is_cut_off_is_one_line(kept: Path) -> None:
    run = next(run for run in store.read(kept).runs if run.summary.part == "thesis")
    file = run.folder / WARM_UP
    file.write_bytes(b"\x1f\x8b")
    with pytest.raises(ReadError, match=r"unreadable: .*; measure this run again"):
        gather(store.read(kept))
    file.unlink()
