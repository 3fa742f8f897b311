"""A capacity as it was predicted before it was searched."""

from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True)
class Expected:
    """SLO capacity of an arm's server in one block, in requests/s, written down before that block's search.

    `made` is when (ISO 8601). It stands on what was known then of the experiment's times in process
    (`baselines` of them) and runs with one request in flight (`serials`, of this arm); no figure under load.
    """

    schema: int
    arm: str
    server: str
    block: int
    made: str
    rate: float
    baselines: int
    serials: int
