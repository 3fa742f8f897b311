"""Checks of the claims on two replicas. Pure."""

import math

from bench.report.words import percent
from bench.thesis import figures, words
from bench.thesis.claims import Claim
from bench.thesis.compare import capacity_of, capacity_ratio, over
from bench.thesis.gather import Seen
from bench.thesis.rules import HOLDS, MATTERS, Finding, differs, missing, within

TWO, ONE = "torch-replicas", "torch-1-10-workers"  # the latter is one pod with one worker
TWO_PODS = "run under the thesis's load with two pods that both answered"
EVEN = 0.55  # of the requests, by the busier of two pods
FULL, HALF = 0.8, 0.5  # of the machine's cores


def replicas_overlap(_claim: Claim, seen: Seen) -> Finding:
    """The mean latency of the slower pod against the faster one's."""
    found = over(seen.of(TWO), figures.slower_pod)
    if found is None:
        return missing(TWO_PODS)
    return Finding(
        f"slower ÷ faster pod = {words.figure(found)}",
        within(found, 0.0, MATTERS),
        f"Curves lie over each other if the pods' means differ by less than {percent(MATTERS - 1)}: "
        f"{words.runs(found)}.",
    )


def replicas_even(_claim: Claim, seen: Seen) -> Finding:
    """The share of the busier pod."""
    looks = seen.of(TWO)
    found = over(looks, figures.busier_pod)
    if found is None:
        return missing(TWO_PODS)
    split = ", ".join("/".join(str(pod.requests) for pod in look.summary.pods) for look in looks)
    users = max(look.summary.generator.connections for look in looks)
    return Finding(
        f"the busier pod took {words.percent(found)}: {split} requests",
        within(found, 0.0, EVEN),
        f"Even is at most {percent(EVEN)} for the busier of two pods. {users} connections that fall by "
        f"chance give {percent(0.5 + 0.4 / math.sqrt(users))} on average.",
    )


def replicas_full_use(_claim: Claim, seen: Seen) -> Finding:
    """How much of the machine both pods used."""
    looks = seen.of(TWO)
    found = over(looks, figures.machine_share)
    if found is None:
        return missing(TWO_PODS)
    verdict = within(found, FULL, math.inf)
    return Finding(
        f"{words.figure(over(looks, figures.cores), 'cores')}: {words.percent(found)} of the machine",
        verdict if verdict == HOLDS else within(found, HALF, math.inf),
        f"Full use is {percent(FULL)} of the machine's cores or more; less than {percent(HALF)} refutes it: "
        f"{words.runs(found)}.",
    )


def replicas_relieve(_claim: Claim, seen: Seen) -> Finding:
    """What two pods of one worker hold against one."""
    found = capacity_ratio(seen, TWO, ONE)
    if found is None:
        return missing(f"capacity of both `{TWO}` and `{ONE}` in one block")
    two, one = capacity_of(seen, TWO), capacity_of(seen, ONE)
    return Finding(
        f"two pods hold {words.figure(two, 'requests/s')}, one with one worker (`{ONE}`) "
        f"{words.figure(one, 'requests/s')}: {words.times(found)}",
        differs(found, MATTERS),
        f"They relieve each other if both together hold more, beyond the noise. Here: {found.word}, "
        f"{words.pairs(found)}.",
    )
