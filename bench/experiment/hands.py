"""What an experiment does to the world, in one place, so that it can be carried out without one."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bench.experiment import baseline
from bench.experiment.baseline import Wish
from bench.load import k6
from bench.records.baseline import Baseline
from bench.records.profile import Profile
from bench.records.run import Summary
from bench.subject import pulumi
from bench.subject.deployed import Deployed, connect
from bench.subject.payloads import Photo
from bench.subject.target import Target, aim, forwarded, mismatches
from bench.trial.capacity import Start
from bench.trial.measure import Request, Setup, Warm, measure, warm_up
from bench.trial.search import Bounds, search
from stack.outputs import Endpoint


@dataclass(frozen=True)
class Hands:
    """By default those that really do it."""

    locate: Callable[[], str] = k6.obtain
    initialised: Callable[[str], AbstractContextManager[None]] = pulumi.initialised
    clean: Callable[[str], None] = pulumi.destroy
    up: Callable[[str], None] = pulumi.up
    destroy: Callable[[str], None] = pulumi.destroy
    connect: Callable[[str], Deployed] = connect
    aim: Callable[[Deployed, Endpoint, tuple[Photo, ...], str], Target] = aim
    forwarded: Callable[[Deployed, Endpoint], AbstractContextManager[Endpoint]] = forwarded
    mismatches: Callable[[Target], tuple[str, ...]] = mismatches
    pause: Callable[[float], object] = time.sleep
    warm_up: Callable[[Target, Profile, int], Warm] = warm_up
    measure: Callable[[Setup, Request], Summary] = measure
    search: Callable[[Setup, Request, Start, Bounds, Sequence[Summary]], tuple[Summary, ...]] = search
    baseline: Callable[[Deployed, Endpoint, Sequence[Photo], Wish], Baseline] = baseline.measure


REAL = Hands()
