"""One load at work in the cluster: brought to its pods, begun at one moment, followed to its end."""

import io
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench.errors import ClusterError
from bench.load import k6
from bench.load.k6 import POLL_SECONDS, Watch
from bench.load.outcome import Outcome
from bench.load.plan import Plan, write
from bench.records.samples import Tail
from bench.segments import merge, told
from bench.segments.kubectl import Kubectl
from bench.segments.merge import Heard
from bench.segments.objects import HOME, Size
from bench.segments.placement import Node
from bench.segments.told import Place
from bench.subject.cluster import Cluster

READY_SECONDS = 120.0  # for a node to be found, and the image to be there
MARGIN_SECONDS, USER_SECONDS = 4.0, 0.015  # until k6 has begun, and made each of its virtual users
ENDING_SECONDS = 20.0
BRINGING_SECONDS = 300.0
T = TypeVar("T")
MOST_OFFSET = 1.0  # s, of a pod's clock from this machine's
# Tells the time just as a second begins: not every `date` knows less than seconds.
UNPACK = 'tar -xf - && now=$(date +%s) && until [ "$(date +%s)" != "$now" ]; do :; done && date +%s'


@dataclass(frozen=True)
class Job:
    """The pods of one Job. `serving`: the nodes of the server's own pods."""

    cluster: Cluster
    kubectl: Kubectl
    name: str
    size: Size
    nodes: Mapping[str, Node]
    serving: frozenset[str]

    def send(self, plan: Plan, watch: Watch) -> Outcome:
        """Send the load to its end, until `watch` ends it, or until Ctrl-C. Raises ClusterError."""
        places = self._running()
        with tempfile.TemporaryDirectory(prefix="emotion-bench-") as name:
            offsets = self._bring(plan, places, Path(name))
            print(_line(places, offsets), file=sys.stderr, flush=True)
            start = self._begin(places)
            heard = self._follow(plan, places, watch, Path(name))
        ended = self._ended(places)
        placed = [
            merge.Placed(each, self.nodes.get(each.node), each.node in self.serving, offset)
            for each, offset in zip(ended, offsets, strict=True)
        ]
        return merge.together(plan, placed, heard, start)

    def places(self) -> tuple[Place, ...]:
        """Its pods. Raises ClusterError."""
        where = f"/api/v1/namespaces/{self.kubectl.namespace}/pods"
        return told.places(self.cluster.get(f"{where}?labelSelector=job-name%3D{self.name}"))

    def _running(self) -> tuple[Place, ...]:
        """All of them, once they run. Raises ClusterError for one that will not, or does not in time."""
        end, found = time.monotonic() + READY_SECONDS, self.places()
        while not (len(found) == self.size.count and all(each.running for each in found)):
            for each in found:
                if why := each.obstacle or (f"it ended: {each.ended.said}" if each.ended else ""):
                    raise ClusterError(f"generator {each.index + 1} of {self.size.count}: {why}")
            if time.monotonic() > end:
                raise ClusterError(self._late(found))
            time.sleep(POLL_SECONDS)
            found = self.places()
        return found

    def _late(self, found: Sequence[Place]) -> str:
        running = sum(each.running for each in found)
        why = next((each.waits for each in found if not each.running), "the Job made no pod")
        return (
            f"{running} of {self.size.count} generators run after {READY_SECONDS:g} s: {why}; "
            "take fewer --generators, or give the cluster room"
        )

    def _bring(self, plan: Plan, places: Sequence[Place], folder: Path) -> tuple[float, ...]:
        """Give each pod the plan; returns how far its clock is ahead of ours, in s, to some 0.05 s."""
        write(plan, plan.schedule(), folder, HOME)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for file in (*sorted(folder.iterdir()), k6.SCRIPT):
                tar.add(file, file.name)
        return tuple(_at_once(partial(self._offset, packed.getvalue()), places))

    def _offset(self, packed: bytes, place: Place) -> float:
        line = self.kubectl.execute(place.name, f"cd {HOME} && {UNPACK}", packed, BRINGING_SECONDS)
        offset = float(line) - time.time()
        if abs(offset) > MOST_OFFSET:
            raise ClusterError(
                f"the clock of node {place.node} is {offset:+.1f} s from this machine's, so that segments "
                "cannot begin together; let both follow one time server"
            )
        return offset

    def _begin(self, places: Sequence[Place]) -> float:
        """Tell each pod when the load's time begins: Unix time, s."""
        start = round(time.time() + MARGIN_SECONDS + self.size.users * USER_SECONDS, 3)
        _at_once(
            lambda place: self.kubectl.execute(place.name, f"echo {start * 1000:.0f} >{HOME}/start"), places
        )
        return start

    def _follow(self, plan: Plan, places: Sequence[Place], watch: Watch, folder: Path) -> Heard:
        files = [folder / f"samples-{each.index}" for each in places]
        followers = [self.kubectl.follow(each.name, file) for each, file in zip(places, files, strict=True)]
        heard = Heard([Tail(file, plan.check.judge if plan.check else None) for file in files])
        try:
            while any(each.poll() is None for each in followers) and not heard.stopped:
                heard.listen()
                heard.stopped = watch(heard.samples)
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            heard.interrupted = True
        if heard.stopped or heard.interrupted:
            _at_once(self._stop, places)
        for each in followers:
            _await(each)
        heard.listen()
        return heard

    def _stop(self, place: Place) -> None:
        """The pod's shell passes it on to k6; one that has ended needs no telling."""
        with suppress(ClusterError):
            self.kubectl.execute(place.name, "kill 1")

    def _ended(self, places: Sequence[Place]) -> tuple[Place, ...]:
        """The same pods, once their containers have ended; one that is gone is as it was."""
        known = {each.name: each for each in places}

        def all_ended() -> bool:
            known.update({each.name: each for each in self.places()})
            return all(each.ended for each in known.values())

        until(all_ended, ENDING_SECONDS)
        return tuple(known[each.name] for each in places)


def _line(places: Sequence[Place], offsets: Sequence[float]) -> str:
    nodes = ", ".join(sorted({each.node for each in places}))
    furthest = max(map(abs, offsets))
    return f"{len(places)} generators on {nodes}; clocks within {furthest * 1000:.0f} ms of this machine's"


def _await(follower: subprocess.Popen[bytes]) -> None:
    """Until it has read all that a pod printed."""
    try:
        follower.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        follower.kill()
        follower.wait()


def _at_once(do: Callable[[Place], T], places: Sequence[Place]) -> list[T]:
    with ThreadPoolExecutor(len(places)) as pool:
        return list(pool.map(do, places))


def until(true: Callable[[], bool], seconds: float) -> bool:
    """Wait at most so long until something is true; whether it is."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True
