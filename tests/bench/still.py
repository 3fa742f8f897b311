"""A stack in which nothing happens but work."""

from bench.collect.following import NotFollowed
from bench.collect.pods import CpuCounts, Look, PodCounts
from bench.records.events import Event
from bench.subject.counters import Counted

LOOK: Look = {"pod-1": PodCounts(CpuCounts(1.0), Counted(10))}


class Still(NotFollowed):
    """One pod that works for 1.5 CPU seconds and answers 60 requests."""

    @property
    def looks(self) -> tuple[Look, Look]:
        return LOOK, {"pod-1": PodCounts(CpuCounts(2.5), Counted(70))}

    def events(self, _: float) -> tuple[Event, ...]:
        return (Event(1.0, "torchserve", "pod ready", "pod-1"),)
