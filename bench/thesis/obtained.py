"""How the page's figures came about, in sentences. Pure."""

from collections.abc import Iterator

from bench.records.parts import TRIALS
from bench.records.profile import Closed, Profile
from bench.records.run import SERVICE
from bench.report.words import count, number
from bench.thesis.claims import VARIANTS
from bench.thesis.gather import Seen

BODY_KB = 184_000 / 2801  # data_sent ÷ requests in the thesis's k6 report, fig. 4.32


def sentences(seen: Seen) -> tuple[str, ...]:
    """Of the thesis's runs, of ours, of the machine, of the servers and of the verdicts."""
    return (
        "**The thesis**: one run for each variant on a laptop of four cores that also ran minikube, "
        "Prometheus, Grafana and the load generator; through `kubectl port-forward`, without warm-up.",
        *_closed(seen),
        *_open(seen),
        *_machine(seen),
        "**Verdicts** follow from these runs by the rule beside each. Figures are medians over runs with "
        "95 % intervals (capacities: means over blocks), ratios are of pairs in one block; a difference "
        "counts if its interval excludes 1 and it exceeds the noise, by which two identical stacks differ. "
        "One run has no interval, so it decides little. Milliseconds of two machines are not compared, only "
        "what the thesis concludes from them.",
    )


def _closed(seen: Seen) -> Iterator[str]:
    looks = [look for arm in VARIANTS for look in seen.of(arm)]
    if not looks:
        yield f"**The thesis's load, again**: no run that may be used; void: {count(seen.voided, 'run')}."
        return
    made = looks[0].summary
    arms, blocks = ({getattr(look.summary, key) for look in looks} for key in ("arm", "block"))
    photos, size = sum(made.payloads.formats.values()), made.payloads.mean_bytes / 1000
    yield (
        f"**The thesis's load, again**: closed, {_users(made.profile)}, a random one of {photos} "
        f"photos ({number(size)} kB each; the thesis's {number(BODY_KB)} kB); {count(len(looks), 'run')} "
        f"of {count(len(arms), 'variant')} in {count(len(blocks), 'block')}, fresh pods in each, after a "
        f"warm-up, at {SERVICE}. Void and not used: {count(seen.voided, 'run')} of the experiment."
    )


def _users(profile: Profile) -> str:
    if not isinstance(profile, Closed):
        return "of another profile"
    return f"{profile.users} users, {profile.seconds:g} s, sleep {profile.think_seconds:g} s"


def _open(seen: Seen) -> Iterator[str]:
    trials = [look for looks in seen.looks.values() for look in looks if look.summary.part in TRIALS]
    if not trials:
        yield "**Open load**: no trial of a capacity that may be used."
        return
    slo = trials[0].summary.slo
    yield (
        f"**Open load**: {count(len(trials), 'trial')} of Poisson arrivals. A stack's capacity is the "
        f"highest confirmed rate with p95 ≤ {slo.p95_millis} ms, p99 ≤ {slo.p99_millis} ms and errors below "
        f"{slo.error_percent:g} %."
    )


def _machine(seen: Seen) -> Iterator[str]:
    if not seen.cells:
        return
    made = seen.cells[0].latest.obtained
    place = "on the same machine" if made.same_machine else "elsewhere"
    says = sorted({(cell.server, cell.latest.obtained.server_says) for cell in seen.cells})
    yield (
        f"**Machine**: {count(made.cpus, 'core')}; the load generator ran {place}. By their header Server: "
        + "; ".join(f"{server} is `{name}`" for server, name in says)
        + "."
        + (
            " Of a stand-in compare shapes, not numbers."
            if any(cell.is_stand_in for cell in seen.cells)
            else ""
        )
    )
