"""What a stack's settings mean for one pod: how many calls at a time, how large, on how many cores."""

import math
from dataclasses import dataclass

from stack.quantities import millicores
from stack.servers import SERVERS
from stack.servers.server import Concurrency
from stack.settings import Settings


@dataclass(frozen=True)
class Pod(Concurrency):
    """One serving pod; `quota`: cores that it may use."""

    quota: float


def of(settings: Settings, server: str, cores: float) -> Pod:
    """A pod of a stack on a machine with so many cores."""
    told, cpus = SERVERS[server], max(1, math.ceil(cores))
    quota = min(millicores(settings.resources.cpu_limit) / 1000, cores)
    return Pod(**vars(told.concurrency(settings.of(told), cpus)), quota=quota)


def count(settings: Settings) -> int:
    """The pods that carry the load; an autoscaled stack's most: what it can once it has scaled out."""
    return settings.horizontal.max_replicas if settings.horizontal else settings.replicas
