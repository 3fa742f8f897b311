"""The thesis's claims as data."""

from bench.thesis.claims import VARIANTS
from stack import files, settings
from stack.files import stack_settings
from tests.bench.thesis.made import CLAIMS


def test_each_variant_is_the_stack_of_its_number() -> None:
    numbers = [settings.read(stack_settings(files.path(arm))).variant.thesis for arm in VARIANTS]
    assert numbers == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_every_variant_has_a_claim_of_its_own() -> None:
    assert set(VARIANTS) <= {arm for claim in CLAIMS.values() for arm in claim.arms}


def test_a_claim_names_stacks_that_there_are() -> None:
    stacks = {*files.stacks()}
    assert {arm for claim in CLAIMS.values() for arm in claim.arms} <= stacks


def test_a_claim_says_where_it_stands_what_it_says_and_what_would_explain_it() -> None:
    for claim in CLAIMS.values():
        assert claim.where.startswith(("Fig", "§")), claim.id
        assert claim.says.endswith((".", ".)")) and claim.cause.endswith("."), claim.id


def test_the_thesis_own_k6_report_obeys_littles_law() -> None:
    load, rate = CLAIMS["closed-load"], CLAIMS["k6-rate"].number("rate")
    latency = CLAIMS["client-and-server"].number("mean at the client") / 1000
    assert abs(rate * (load.number("sleep") + latency) / load.number("users") - 1) < 0.01
