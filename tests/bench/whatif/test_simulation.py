"""A load played on pods: nothing is lost, the same seed plays the same, times are those of the rules."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bench.queueing.limit import Floats
from bench.whatif.hpa import CpuLoop, Tolerance, scaler
from bench.whatif.keda import Keda
from bench.whatif.keda import scaler as keda
from bench.whatif.pace import Pace, Policy, Rules
from bench.whatif.seen import Scaler
from bench.whatif.serving import Model
from bench.whatif.simulation import LEAD_SECONDS, RECONNECT_SECONDS, Played, Scene, World, play
from bench.whatif.vpa import Recommender, Updater
from bench.whatif.vpa import scaler as vpa

MODEL = Model(100.0, 0.005, ((1.0, 0.005), (90.0, 0.005)), (0.002, 0.006), (4.0,))
CPU = scaler(CpuLoop(0.25, 80.0, (1, 4), Pace()))  # a pod uses 200 % of its request at most
USUAL = World()
FIXED = Scaler("none", (), 2, 2, 0.0, "")


def steady(rate: float, begin: float, end: float) -> Floats:
    """Requests at equal distances."""
    return np.arange(begin, end, 1 / rate)


def step(high: float, at: float = 60.0, end: float = 240.0) -> Floats:
    """20 requests/s, then `high`."""
    return np.concatenate([steady(20, -LEAD_SECONDS, at), steady(high, at, end)])


def played(
    due: Floats, scaler_: Scaler = CPU, seed: int = 0, world: World = USUAL, seconds: float = 240
) -> Played:
    return play(due, seconds, Scene(MODEL, scaler_, world), seed)


def test_every_request_since_the_start_has_a_latency_or_failed() -> None:
    due = step(150)
    made = played(due)
    assert len(made.due) == len(made.latency) == np.count_nonzero(due >= 0)
    assert sum(each.offered for each in made.moments) == len(made.due)
    assert sum(each.served for each in made.moments) == np.count_nonzero(~np.isnan(made.latency))
    assert float(np.nanmin(made.latency)) >= 0.005


def test_one_seed_plays_the_same_and_another_does_not() -> None:
    one, same, other = (played(step(150), seed=seed) for seed in (3, 3, 4))
    assert one.moments == same.moments
    assert np.array_equal(one.latency, same.latency, equal_nan=True)
    assert one.moments != other.moments


def test_without_an_autoscaler_the_pods_stay_and_cost_their_time() -> None:
    made = played(steady(50, -LEAD_SECONDS, 100), FIXED, seconds=100)
    assert {(each.wanted, each.ready) for each in made.moments} == {(2, 2)}
    assert made.pod_seconds == 200.0


@pytest.mark.parametrize("seed", range(8))
def test_a_step_is_seen_by_the_next_looks_and_the_pod_is_there_after_its_start(seed: int) -> None:
    made = played(step(150), seed=seed)
    wanted = next(each.at for each in made.moments if each.wanted > 1) - 60
    ready = next(each.at for each in made.moments if each.ready > 1) - 60
    assert 2 <= wanted <= 15 + 10 + 15 + 2, "metrics-server, the kubelet, the autoscaler"
    assert 4 <= ready - wanted <= 6


def test_the_queue_of_the_first_pod_stays_its_own_until_it_is_done() -> None:
    made = played(step(150))
    ready = next(each.at for each in made.moments if each.ready > 1)
    queued = {each.at: each.queued for each in made.moments}
    assert queued[ready] > 300
    assert 0 < queued[ready + 4] < queued[ready]
    late = 1000 * made.latency[(made.due > ready + 2) & (made.due < ready + 4)]
    assert float(np.nanmin(late)) < 20, "one pod is free"
    assert float(np.nanmax(late)) > 1000, "the other is not"


def test_over_few_connections_the_queue_is_with_the_clients_and_a_new_pod_takes_of_it() -> None:
    bounded, own = (played(step(150), world=World(connections=each)) for each in (75, None))
    ready = next(each.at for each in bounded.moments if each.ready > 1)
    assert bounded.moments[int(ready)].queued > 300
    over = [
        next(each.at for each in made.moments if each.at > ready and each.queued < 20)
        for made in (bounded, own)
    ]
    assert over[0] < over[1], "both pods work at it"
    assert not np.isnan(bounded.latency).any()


def test_requests_that_clients_hold_to_the_end_fail_and_none_of_them_times_out() -> None:
    alone = replace(FIXED, least=1, most=1)
    made = played(step(150), alone, world=World(connections=75), seconds=240)
    failed = np.isnan(made.latency)
    assert failed.any()
    assert made.due[failed].min() > made.due[~failed].max(), "they are the last"
    assert float(np.nanmax(made.latency)) > 30, "nobody gives up what was not sent"
    assert sum(each.served for each in made.moments[60:]) == pytest.approx(100 * 180, rel=0.02)


def test_pods_that_share_a_node_are_each_slower() -> None:
    def sized(_: float, pods: int) -> Model:
        return replace(MODEL, rate=MODEL.rate / pods)

    scene = Scene(MODEL, FIXED, World(connections=75), sized)
    made = play(step(150), 240, scene, 0)
    assert sum(each.served for each in made.moments[60:]) == pytest.approx(100 * 180, rel=0.02)


def test_kept_connections_never_reach_a_new_pod() -> None:
    made = played(step(150, end=200), world=World(reconnect=1e6), seconds=200)
    assert made.moments[-1].ready > 1
    assert made.moments[-1].queued > 900


def test_pods_go_after_the_calm_of_the_window_and_drain() -> None:
    down = Rules((Policy("Pods", 4, 15.0),), stabilization=60.0)
    calm = scaler(CpuLoop(0.25, 80.0, (1, 4), Pace(down=down)))
    load = np.concatenate([step(150, end=150), steady(20, 150, 300)])
    made = played(load, calm, seconds=300)
    went = next(each.at for each in made.moments if each.at > 150 and each.wanted == 1)
    assert 150 + 60 - 15 <= went <= 150 + 60 + 45
    assert not np.isnan(made.latency[made.due > 150]).any(), "a pod that ends answers what it has"


def test_scaled_to_nothing_requests_fail_until_the_first_pod_is_there() -> None:
    told = Keda(
        target=5.0, metric="rate", min_replicas=0, max_replicas=3, polling_seconds=10, cooldown_seconds=20
    )
    made = played(steady(30, 60, 240), keda(told, (0, 3), Pace(), Tolerance()), seconds=240)
    failed = made.due[np.isnan(made.latency)]
    assert made.moments[30].wanted == 0
    assert 60 <= failed.min() <= 61
    assert 60 + 4 <= failed.max() <= 60 + 10 + 10 + 10 + 5, (
        "a scrape for the rate, one more, a poll, the start"
    )


def test_more_pods_are_never_slower() -> None:
    load = np.sort(np.random.default_rng(1).uniform(-LEAD_SECONDS, 240, 90 * 360))
    few, many = (
        played(load, replace(FIXED, least=pods, most=pods), world=World(reconnect=RECONNECT_SECONDS))
        for pods in (1, 3)
    )
    assert np.nanmean(many.latency) < np.nanmean(few.latency)


def vertical(high: float) -> Played:
    """One pod of 0.35 cores that VPA may give so much; as many requests/s as it has cores."""
    wanted = vpa(Recommender(60.0, (0.35, 0.7), 15.0), Updater(60.0, 15.0), 1, 0.35)
    own = replace(MODEL, rate=80.0, cpu_seconds=0.7 / 80)

    def sized(request: float, _: int) -> Model:
        return replace(own, rate=80.0 * request / 0.35)

    return play(step(high), 240, Scene(own, wanted, USUAL, sized), 0)


def test_a_pod_that_is_short_of_cpu_is_given_more_in_place_and_works_off_its_queue() -> None:
    made = vertical(120.0)
    assert {each.ready for each in made.moments} == {1}
    assert [made.moments[at].request for at in (59, 239)] == [0.35, 0.7]
    grown = [now.at for before, now in pairwise(made.moments) if now.request > before.request]
    assert 60 < grown[0] < 60 + 15 + 10 + 15 + 15, "a look of metrics-server, a kubelet's, two loops"
    assert made.moments[-1].queued == 0
    assert max(each.queued for each in made.moments) > 100
    assert made.core_seconds == pytest.approx(sum(each.request for each in made.moments))


def test_a_pod_that_has_enough_keeps_what_it_has() -> None:
    assert {each.request for each in vertical(30.0).moments} == {0.35}
