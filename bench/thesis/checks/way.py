"""Checks of the claims on what lies between the client and the server. Pure."""

from bench.analysis.cells import Cell
from bench.report.words import percent
from bench.thesis import figures, words
from bench.thesis.claims import Claim
from bench.thesis.compare import over, ratio
from bench.thesis.gather import Seen
from bench.thesis.rules import (
    DOES_NOT,
    HOLDS,
    MATTERS,
    THESIS_RUNS,
    UNTOLD,
    Finding,
    differs,
    missing,
    opposite,
    untested,
    within,
)

MOSTLY = 0.8  # of the whole


def client_and_server(claim: Claim, seen: Seen) -> Finding:
    """The server's share of the wait, by the thesis's route where it was measured."""
    own, forwarded = seen.of("tf-default"), _forwarded(seen)
    direct = over(own, figures.server_share)
    around = over(seen.of(forwarded.arm.name), figures.server_share) if forwarded else None
    if direct is None:
        return missing(THESIS_RUNS)
    thesis = claim.number("middle of the server's curve") / claim.number("mean at the client")
    verdict = within(around or direct, MOSTLY, 1 / MOSTLY)
    inside, outside = (words.figure(over(own, figure), "ms") for figure in (figures.service, figures.mean))
    through = f"; through kubectl port-forward {words.percent(around)}" if around else ""
    return Finding(
        f"{inside} in the server, {outside} at the client: {words.percent(direct)} of the wait{through}",
        verdict if around or verdict == DOES_NOT else UNTOLD,
        f"The server's clock must see at least {percent(MOSTLY)} of the client's wait; the thesis's saw "
        f"{percent(thesis)}."
        + ("" if around else " The thesis's way, kubectl port-forward, was not measured."),
    )


def port_forward(_claim: Claim, seen: Seen) -> Finding:
    """The same stack through kubectl port-forward and at its Service's address."""
    forwarded = _forwarded(seen)
    if forwarded is None:
        return missing("arm that is measured through kubectl port-forward")
    name, direct = forwarded.arm.name, forwarded.arm.stack
    middle, high = (ratio(seen, name, direct, figure) for figure in (figures.p50, figures.p95))
    there, here = over(seen.of(name), figures.p50), over(seen.of(direct), figures.p50)
    if there is None or here is None:
        return missing("pair of runs through kubectl port-forward and at the Service")
    return Finding(
        f"`{direct}`: p50 {words.figure(there, 'ms')} through it, {words.figure(here, 'ms')} at the Service: "
        f"{words.times(middle)}; p95 {words.times(high)}",
        opposite(differs(middle, MATTERS)),
        "It is a good way to test if it does not make the median wait longer, beyond the noise.",
    )


def port_forward_one_pod(_claim: Claim, seen: Seen) -> Finding:
    """Only an arm that forwards to a stack of several pods tells."""
    looks = [look for cell in seen.cells if cell.arm.through_port_forward for look in seen.of(cell.arm.name)]
    found = over(looks, figures.busier_pod)
    if found is None:
        return untested("No arm goes through kubectl port-forward to a stack of several pods.")
    return Finding(
        f"the busiest pod took {words.percent(found)} of the requests",
        HOLDS if found.value.value > 0.99 else DOES_NOT,
        f"All requests must reach one pod, over {words.runs(found)}.",
    )


def metrics_needed(_claim: Claim, _seen: Seen) -> Finding:
    """A judgement on method."""
    return untested("A judgement on method, which no run can decide.")


def _forwarded(seen: Seen) -> Cell | None:
    """The arm through port-forward whose stack was measured at its Service too."""
    found = [cell for cell in seen.cells if cell.arm.through_port_forward and seen.of(cell.arm.stack)]
    return min(found, key=lambda cell: cell.arm.stack != "tf-default", default=None)


def practice(_claim: Claim, _seen: Seen) -> Finding:
    """One node is no large company."""
    return untested("One small cluster cannot decide what holds in large ones.")
