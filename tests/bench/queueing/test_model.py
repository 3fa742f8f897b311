"""The capacity model: its laws over all accepted settings, its approximations against simulated queues."""

import heapq
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from bench import queueing
from bench.errors import EvidenceError
from bench.queueing import Alone, Line, Prediction, ServiceCurve, Work
from bench.queueing.curve import fitted
from bench.queueing.station import Queue
from bench.records.baseline import Baseline, ServiceTime
from stack.servers import SERVERS
from stack.settings import Autoscaling, Batching, Resources, Settings, Slo, TensorFlow, TorchServe, Triton
from tests.stack.settings import strategies

CORES = 2.0
ROWS = (1, 2, 4, 8, 16, 32)
CURVE = ServiceCurve((Line(1, call_millis=2.0, row_millis=0.8),), shared_pool=True)
TORCH = ServiceCurve(
    (Line(1, call_millis=2.5, row_millis=2.0),),
    shared_pool=False,
    overhead_millis=2.0,
    work=Work(2.0, 2.0),
)
accepted = strategies.settings()
servers = st.sampled_from(tuple(SERVERS))
rates = st.floats(0.5, 5000)
curves = st.builds(
    lambda lines, shared, overhead: ServiceCurve(
        tuple(lines), shared, overhead, work=Work(overhead, overhead)
    ),
    st.lists(
        st.builds(Line, st.integers(1, 8), st.floats(0.01, 50), st.floats(0.01, 50)), min_size=1, max_size=2
    ).map(lambda lines: sorted(lines, key=lambda line: line.threads)),
    st.booleans(),
    st.floats(0, 5),
)


def baseline(server: str, threads: int, line: Line, rows: Sequence[int] = ROWS) -> Baseline:
    times = tuple(ServiceTime(each, 50, line.millis(each)) for each in rows)
    return Baseline(1, "e", "a", "s", server, 1, "runtime", threads, "a pod", times)


def tensorflow(
    threads: int = 2, rest: int = 1000, batching: Batching | None = None, limit: str = "2"
) -> Settings:
    return Settings(tensorflow=TensorFlow(1, threads, rest, batching), resources=Resources(cpu_limit=limit))


def torchserve(workers: int, batch: int = 1, delay: int = 10) -> Settings:
    return Settings(torchserve=TorchServe(workers, workers, batch, delay))


def at(settings: Settings, rate: float, curve: ServiceCurve = CURVE, cores: float = CORES) -> Prediction:
    return queueing.at_rate(settings, "tensorflow" if curve.shared_pool else "torchserve", curve, rate, cores)


def simulated(rate: float, timeout: float, most: int, lanes: int) -> tuple[float, float, float]:
    """Mean batch, p95 and p99 in ms. The open batch leaves, full or over time, once a lane is free."""
    draw, now, arrivals = random.Random(1), 0.0, list[float]()
    while len(arrivals) < 40_000:
        now += draw.expovariate(rate / 1000)
        arrivals.append(now)
    free, first = [0.0] * lanes, 0
    latencies, sizes = list[float](), list[int]()
    while first + most < len(arrivals):
        start = max(free[0], min(arrivals[first] + timeout, arrivals[first + most - 1]))
        size = 1 + sum(each <= start for each in arrivals[first + 1 : first + most])
        end = start + CURVE.lines[0].millis(size)
        heapq.heapreplace(free, end)
        latencies += [end - each for each in arrivals[first : first + size]]
        sizes.append(size)
        first += size
    ordered = sorted(latencies)
    return fmean(sizes), ordered[int(0.95 * len(ordered))], ordered[int(0.99 * len(ordered))]


@given(accepted, servers, curves, rates, st.floats(1.0, 3.0))
@profile(max_examples=60, deadline=None)
def test_any_accepted_settings_have_a_prediction_that_keeps_the_laws(
    settings: Settings, server: str, curve: ServiceCurve, rate: float, factor: float
) -> None:
    low = queueing.at_rate(settings, server, curve, rate, CORES)
    high = queueing.at_rate(settings, server, curve, rate * factor, CORES)
    window = SERVERS[server].window(settings.of(SERVERS[server]))
    most = window.limit if window else 1
    assert 1 <= low.mean_batch <= high.mean_batch <= most
    assert low.utilization <= high.utilization * (1 + 1e-9)
    for each in (low, high):
        assert 0 < each.p95_millis <= each.p99_millis
        assert each.utilization < 1 or most > 1 or math.isinf(each.p95_millis), "overload has no percentile"


@given(accepted, servers, curves, rates, st.floats(1.0, 3.0))
@profile(max_examples=40, deadline=None)
def test_without_a_batch_timeout_latency_grows_with_the_rate(
    settings: Settings, server: str, curve: ServiceCurve, rate: float, factor: float
) -> None:
    batching = settings.tensorflow.batching
    eager = replace(
        settings,
        tensorflow=replace(settings.tensorflow, batching=batching and replace(batching, timeout_micros=0)),
        torchserve=replace(settings.torchserve, max_batch_delay_millis=0),
        triton=replace(settings.triton, queue_delay_micros=0),
    )
    low = queueing.at_rate(eager, server, curve, rate, CORES)
    high = queueing.at_rate(eager, server, curve, rate * factor, CORES)
    assert low.p95_millis <= high.p95_millis * (1 + 1e-9)
    assert low.p99_millis <= high.p99_millis * (1 + 1e-9)


@given(accepted, servers, curves, st.floats(1.0, 3.0))
@profile(max_examples=25, deadline=None)
def test_a_slower_model_never_has_more_capacity(
    settings: Settings, server: str, curve: ServiceCurve, factor: float
) -> None:
    lines = tuple(
        Line(each.threads, factor * each.call_millis, factor * each.row_millis) for each in curve.lines
    )
    slower = queueing.capacity(settings, server, replace(curve, lines=lines), CORES)
    assert slower <= queueing.capacity(settings, server, curve, CORES)


@given(accepted, servers, curves)
@profile(max_examples=25, deadline=None)
def test_the_capacity_meets_the_objective_and_a_little_more_does_not(
    settings: Settings, server: str, curve: ServiceCurve
) -> None:
    held = queueing.capacity(settings, server, curve, CORES)
    for rate, meets in ((held, True), (held * queueing.STEP, False)):
        if held:
            made = queueing.at_rate(settings, server, curve, rate, CORES)
            slo = settings.slo
            assert (made.p95_millis <= slo.p95_millis and made.p99_millis <= slo.p99_millis) is meets


@pytest.mark.parametrize("lanes", [1, 2])
@pytest.mark.parametrize("load", [0.3, 0.6, 0.85])
def test_waits_are_those_of_simulated_lanes(lanes: int, load: float) -> None:
    rate = 1000 * load * lanes / CURVE.lines[0].millis(1)
    one_row = tensorflow(batching=Batching(1, 0, lanes, 10), threads=lanes, limit="8")
    _, p95, p99 = simulated(rate, 0, 1, lanes)
    made = at(one_row, rate, cores=8)
    assert made.p95_millis == pytest.approx(p95, rel=0.15)
    assert made.p99_millis == pytest.approx(p99, rel=0.2)
    assert made.utilization == pytest.approx(load)


@pytest.mark.parametrize("timeout", [0, 1, 10, 100])
@pytest.mark.parametrize("rate", [23, 200, 600, 1000])
def test_batches_are_those_of_a_simulated_queue(timeout: int, rate: float) -> None:
    batch, p95, p99 = simulated(rate, timeout, 16, 2)
    made = at(tensorflow(batching=Batching(16, 1000 * timeout, 2, 10), limit="8"), rate, cores=8)
    assert made.mean_batch == pytest.approx(batch, rel=0.15)
    assert made.p95_millis == pytest.approx(p95, rel=0.3)
    assert made.p99_millis == pytest.approx(p99, rel=0.3)


def test_the_wait_of_shared_cores_is_that_of_m_m_1() -> None:
    queue = Queue(servers=1, hold_millis=10, load=0.8, full_load=0.8, variability=1)
    assert queue.wait(0.95) == pytest.approx(10 / (1 - 0.8) * math.log(0.8 / 0.05))
    assert queue.wait(0.1) == 0, "a fifth of the calls find the server free"


def test_the_thesis_batches_are_one_plus_rate_times_timeout() -> None:
    batches = [
        at(tensorflow(rest=21, batching=Batching(10, micros, 2, 10)), 23).mean_batch
        for micros in (10_000, 100_000)
    ]
    assert batches == [pytest.approx(1.23, abs=0.02), pytest.approx(3.3, abs=0.02)]


def test_a_batch_is_never_larger_than_the_requests_that_rest_threads_let_in() -> None:
    by_default = at(tensorflow(rest=0, batching=Batching(10, 100_000, 2, 10)), 500)
    assert by_default.mean_batch == 7, "four threads a CPU on two CPUs, one of them the event loop's"
    assert math.isinf(by_default.p95_millis), "7 requests in 100 ms and more are 70 requests/s at most"
    assert at(tensorflow(rest=21, batching=Batching(10, 100_000, 2, 10)), 500).mean_batch == 10


def test_ten_workers_on_two_cores_hold_less_than_two() -> None:
    two, ten = (queueing.capacity(torchserve(each), "torchserve", TORCH, CORES) for each in (2, 10))
    assert 0.7 * two < ten < two
    assert at(torchserve(10), 150, TORCH).p95_millis > at(torchserve(2), 150, TORCH).p95_millis


def test_one_worker_cannot_use_a_second_core() -> None:
    one, two = (queueing.capacity(torchserve(each), "torchserve", TORCH, CORES) for each in (1, 2))
    assert one < 1000 / TORCH.line(1).millis(1) < two


def test_workers_that_all_take_every_core_get_in_each_others_way() -> None:
    busy = ServiceCurve((Line(2, 1.5, 1.2),), shared_pool=False)
    greedy = Settings(torchserve=TorchServe(2, 2, threads_per_worker=2))
    assert queueing.capacity(greedy, "torchserve", busy, CORES) < 1000 / busy.lines[0].millis(1)
    assert at(greedy, 100, busy).utilization == pytest.approx(0.1 * busy.lines[0].millis(1))


def test_a_second_pod_helps_only_where_the_limit_was_what_was_scarce() -> None:
    def held(limit: str, replicas: int) -> float:
        settings = replace(tensorflow(limit=limit), replicas=replicas)
        return queueing.capacity(settings, "tensorflow", CURVE, CORES)

    assert held("1", 2) > 1.7 * held("1", 1)
    assert held("2", 2) <= held("2", 1)
    assert held("500m", 1) < 0.5 * held("1", 1)


def test_an_autoscaled_stack_counts_with_its_most_pods() -> None:
    scaled = replace(tensorflow(limit="1"), autoscaling=Autoscaling(min_replicas=1, max_replicas=2))
    assert at(scaled, 200) == at(replace(tensorflow(limit="1"), replicas=2), 200)


def test_batching_carries_what_single_rows_cannot() -> None:
    single, batched = (
        queueing.capacity(tensorflow(batching=batching), "tensorflow", CURVE, CORES)
        for batching in (None, Batching(32, 1000, 2, 10))
    )
    assert batched > 1.5 * single


def test_a_batch_timeout_beyond_the_objective_leaves_no_capacity() -> None:
    late = replace(torchserve(1, batch=1000, delay=100), slo=Slo(p95_millis=50))
    assert queueing.capacity(late, "torchserve", TORCH, CORES) == 0


def test_a_call_that_needs_more_cpu_than_a_period_holds_goes_at_the_limits_pace() -> None:
    slow = ServiceCurve((Line(1, 80.0, 0.001),), shared_pool=True)
    assert at(tensorflow(limit="250m"), 0.05, slow).p95_millis == pytest.approx(80 / 0.25 - 100, rel=0.1)
    assert at(tensorflow(limit="1"), 0.05, slow).p95_millis == pytest.approx(80, rel=0.1)


def test_a_curve_goes_through_what_was_measured() -> None:
    lines = (Line(1, 1.8, 0.85), Line(2, 1.9, 0.65))
    made = queueing.curve([baseline("tensorflow", each.threads, each) for each in reversed(lines)], 0.5)
    assert (made.shared_pool, made.overhead_millis) == (True, 0.5)
    for found, line in zip(made.lines, lines, strict=True):
        assert [found.millis(each) for each in ROWS] == pytest.approx([line.millis(each) for each in ROWS])
    assert [made.line(threads) for threads in (1, 2, 8)] == [made.lines[0], made.lines[1], made.lines[1]]


def test_one_number_of_rows_tells_nothing_of_what_batching_saves() -> None:
    assert fitted(1, [ServiceTime(4, 9, 8.0)]) == Line(1, 0.0, 2.0)


@given(st.lists(st.builds(ServiceTime, st.integers(1, 64), st.just(9), st.floats(0, 500)), min_size=1))
@profile(deadline=None)
def test_noise_never_makes_a_term_of_a_line_negative(times: list[ServiceTime]) -> None:
    line = fitted(1, times)
    assert line.call_millis >= 0
    assert line.row_millis >= 0
    assert line.millis(1) > 0


def test_the_overhead_is_what_one_request_in_flight_takes_beside_timeout_and_call() -> None:
    call = CURVE.lines[0].millis(1)
    batching = tensorflow(batching=Batching(32, 5000, 2, 10))
    shown = [
        queueing.with_overhead(
            CURVE, settings, "tensorflow", Alone(serial, serial, serial), CORES
        ).overhead_millis
        for settings, serial in ((tensorflow(), call + 3), (batching, call + 5 + 3), (batching, call))
    ]
    assert shown == pytest.approx([3, 3, 0])


def test_what_photos_differ_by_is_added_to_the_percentiles() -> None:
    call = CURVE.lines[0].millis(1)
    alone = Alone(call + 3, call + 5, call + 9)
    known = queueing.with_overhead(CURVE, tensorflow(), "tensorflow", alone, CORES)
    plain, spread = at(tensorflow(), 1, replace(known, spread_millis=(0.0, 0.0))), at(tensorflow(), 1, known)
    assert spread.p95_millis - plain.p95_millis == pytest.approx(2)
    assert spread.p99_millis - plain.p99_millis == pytest.approx(6)


def test_what_a_cpu_limit_adds_to_requests_that_follow_one_another_is_not_how_photos_differ() -> None:
    alone = Alone(11.24, 38.59, 43.35, pod_cpu_millis=11.02, machine_cpu_millis=12)
    known = queueing.with_overhead(CURVE, tensorflow(limit="700m"), "tensorflow", alone, CORES)
    assert known.spread_millis == pytest.approx((0, 3.5), abs=0.1)


def test_the_work_is_the_cpu_that_one_request_takes_beside_the_call() -> None:
    call = CURVE.lines[0].millis(1)
    alone = Alone(20, 20, 20, pod_cpu_millis=call + 3, machine_cpu_millis=call + 4)
    work = queueing.with_overhead(CURVE, tensorflow(), "tensorflow", alone, CORES).work
    assert (work.pod_millis, work.machine_millis) == pytest.approx((3, 4))


def test_torchserves_worker_is_kept_by_all_that_a_request_takes() -> None:
    bare = replace(TORCH, overhead_millis=0.0)
    call = bare.line(1).millis(1)
    alone = Alone(call + 3, call + 3, call + 3, pod_cpu_millis=call + 5, machine_cpu_millis=call + 6)
    known = queueing.with_overhead(bare, torchserve(1), "torchserve", alone, CORES)
    assert known.line(1).millis(1) == pytest.approx(call + 3)
    assert known.beside_millis == 0
    assert (known.work.pod_millis, known.work.machine_millis) == pytest.approx((2, 3))


def test_a_call_that_waits_more_than_it_computes_uses_no_more_of_a_limit_than_it_does() -> None:
    bare = replace(TORCH, overhead_millis=0.0)
    call = bare.line(1).millis(1)
    waiting = Alone(call + 8, call + 8, call + 8, pod_cpu_millis=call, machine_cpu_millis=call)
    settings = replace(torchserve(4), resources=Resources(cpu_limit="500m"))
    known = queueing.with_overhead(bare, settings, "torchserve", waiting, CORES)
    assert known.work.share == pytest.approx(call / (call + 8))
    assert known.work.pod_millis == 0
    assert queueing.saturation(settings, "torchserve", known, CORES) == pytest.approx(500 / call, rel=0.01)


def test_what_handing_a_batch_over_takes_is_shared_by_its_rows() -> None:
    """Triton, one instance with one thread and 500m, measured: 5.05, 3.97 and 2.98 ms of CPU a request."""
    told = Triton(instances=1, threads=1, max_batch_size=8)
    settings = Settings(triton=told, resources=Resources("250m", "500m"))
    alone = Alone(5.52, 44.4, 50.5, pod_cpu_millis=5.05, machine_cpu_millis=5.6)
    plain = queueing.of_server("triton", (Line(1, 1.6, 1.36),))
    line = queueing.with_overhead(plain, settings, "triton", alone, CORES).line(1)
    shown = [line.millis(rows) / rows for rows in (1, 1.585, 2.717)]
    assert shown == pytest.approx([5.05, 3.97, 2.98], rel=0.1)
    assert line.row_millis == 1.36


def test_what_parts_add_is_less_likely_to_come_together() -> None:
    load, known = 300, replace(CURVE, spread_millis=(10.0, 20.0))
    queue = at(tensorflow(), load).p95_millis - at(tensorflow(), 1).p95_millis
    both = at(tensorflow(), load, known).p95_millis - at(tensorflow(), 1).p95_millis
    assert max(queue, 10.0) < both < queue + 10.0


def test_overhead_costs_latency() -> None:
    front = replace(CURVE, overhead_millis=2)
    assert at(tensorflow(), 10, front).p95_millis == pytest.approx(
        at(tensorflow(), 10).p95_millis + 2, abs=0.5
    )


def test_work_costs_capacity() -> None:
    plain = queueing.capacity(tensorflow(), "tensorflow", CURVE, CORES)
    for work in (Work(machine_millis=2), Work(pod_millis=2)):
        assert queueing.capacity(tensorflow(), "tensorflow", replace(CURVE, work=work), CORES) < 0.7 * plain


def test_records_of_two_servers_or_of_none_are_no_curve() -> None:
    of_all = [baseline(server, 1, CURVE.lines[0]) for server in SERVERS]
    for records, got in ((of_all, ", ".join(SERVERS)), ([], "none")):
        with pytest.raises(EvidenceError, match=rf"^baselines: expected .* one server, got {got}; run: "):
            queueing.curve(records)


@pytest.mark.parametrize(("rate", "cores"), [(0.0, 2.0), (math.nan, 2.0), (10.0, 0.0)])
def test_a_rate_or_cores_of_nothing_are_refused(rate: float, cores: float) -> None:
    with pytest.raises(ValueError, match="expected a rate and cores above 0"):
        at(tensorflow(), rate, cores=cores)
