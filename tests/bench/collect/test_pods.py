"""CPU of a pod by its cgroup, of either version, and what it used between two looks."""

import pytest

from bench.collect.pods import CpuCounts, PodCounts, cpu_counts, used
from bench.errors import ClusterError
from bench.subject.counters import Counted

V1 = "nr_periods 120\nnr_throttled 7\nthrottled_time 2500000000\nusage_ns 12500000000\n"
V2 = """\
usage_usec 12500000
user_usec 12000000
system_usec 500000
nr_periods 120
nr_throttled 7
throttled_usec 2500000
"""


@pytest.mark.parametrize("text", [V1, V2], ids=["cgroup v1", "cgroup v2"])
def test_both_cgroup_versions_are_read_in_seconds(text: str) -> None:
    assert cpu_counts(text) == CpuCounts(12.5, 120, 7, 2.5)


def test_a_cgroup_without_a_cpu_limit_has_no_periods() -> None:
    assert cpu_counts("usage_usec 1000000\nuser_usec 1\n") == CpuCounts(1.0)


def test_a_cgroup_that_cannot_be_read_is_said() -> None:
    with pytest.raises(ClusterError, match="the cgroup's CPU use cannot be read: 'nr_periods 1"):
        cpu_counts("nr_periods 1\n")


def test_a_pod_is_told_by_differences_and_a_new_one_from_0() -> None:
    old = PodCounts(CpuCounts(10, 100, 5, 1.0), Counted(100, 400_000, 50, 5_000, 20, 50))
    now = PodCounts(CpuCounts(13, 130, 8, 1.5), Counted(300, 1_400_000, 150, 25_000, 60, 150))
    first, second = used({"a": old}, {"a": now, "b": old})
    assert (first.pod, first.requests, first.cpu_seconds) == ("a", 200, 3)
    assert (first.cfs_periods, first.cfs_throttled, first.throttled_seconds) == (30, 3, 0.5)
    assert (first.service_millis, first.queue_millis) == (5.0, 0.2)
    assert (first.batches, first.batch_size) == (40, 2.5)
    assert (second.requests, second.cpu_seconds) == (100, 10)


def test_how_long_a_pod_took_to_start_is_kept_as_it_was_last_seen() -> None:
    before, after = PodCounts(CpuCounts(), Counted(), 4.0), PodCounts(CpuCounts(), Counted(), None)
    assert [each.start_seconds for each in used({}, {"a": before, "b": after})] == [4.0, None]


def test_a_server_that_counts_no_batches_has_no_batch_size() -> None:
    before, after = PodCounts(CpuCounts(), Counted()), PodCounts(CpuCounts(), Counted(requests=10))
    (only,) = used({"a": before}, {"a": after})
    assert only.batches is None
    assert only.batch_size is None
    assert only.queue_millis is None
