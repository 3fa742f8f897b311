"""Our drawing for each of the thesis's plots and k6 tables, by the id of the claim that it belongs to."""

from collections.abc import Callable, Mapping

from bench.report.document import Plot
from bench.thesis.claims import Claim
from bench.thesis.drawings import series, users
from bench.thesis.gather import Seen

# Takes all claims by id, for the thesis's figures; None where these runs have nothing to draw.
Drawing = Callable[[Seen, Mapping[str, Claim]], Plot | None]

DRAWINGS: Mapping[str, Drawing] = {
    "closed-load": users.rates,
    "k6-latency": users.waits,
    "default-unsteady": series.server_latency,
    "batch-10ms": series.batches,
    "workers-10-latency": series.workers,
    "replicas-overlap": series.replicas,
    "hpa-scales-out": series.autoscaler,
}
