"""Burn rates of every stack's error budget, recorded, and alerts on them over two windows each.

Google, The Site Reliability Workbook, chapter 5, "Alerting on SLOs", approach 6: the long window tells that
enough of the budget is gone, the short one that it still goes. Its rates are for a period of 30 days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infra.monitoring.alerts.alert import STACK, Alert
from stack.queries import Scope, gateway
from stack.queries.objectives import AVAILABILITY, BURN, FAST, LATENCY, SLOW, USED
from stack.rules import seconds
from stack.servers import SERVERS
from stack.settings import Settings, Slo

PERIOD = "30d"
SLOW_SHARE = 0.05  # of answers may take longer than the objective for p95
EVERY = "1m"  # rules over days look at many samples


@dataclass(frozen=True)
class Pair:
    """Two windows, the burn rate above which both must be, and how much of the budget is gone then."""

    name: str
    long: str
    short: str
    burn: float
    gone: str
    severity: str


PAIRS = (
    Pair("ErrorBudgetBurn1h", "1h", "5m", 14.4, "2 %", "critical"),
    Pair("ErrorBudgetBurn6h", "6h", "30m", 6, "5 %", "critical"),
    Pair("ErrorBudgetBurn3d", "3d", "6h", 1, "10 %", "warning"),
)


@dataclass(frozen=True)
class Record:
    """One recording rule."""

    name: str
    expression: str
    labels: Mapping[str, str]


def pairs(retention: str) -> tuple[Pair, ...]:
    """Those whose windows Prometheus keeps."""
    return tuple(pair for pair in PAIRS if seconds(pair.long) <= seconds(retention))


def period(retention: str) -> str:
    """Over which the budget is counted: 30 days, or what Prometheus keeps if that is less."""
    return min(PERIOD, retention, key=seconds)


def records(settings: Settings) -> tuple[Record, ...]:
    """Burn rates over every window that an alert or a panel looks at, and the budget that is used."""
    retention = settings.platform.prometheus.retention
    windows = dict.fromkeys(
        [FAST, SLOW, *(window for each in pairs(retention) for window in (each.short, each.long))]
    )
    named = {f"{BURN}{window}": window for window in windows} | {USED: period(retention)}
    through = settings.platform.gateway.enabled
    return tuple(
        record
        for name, window in named.items()
        for record in _over(name, window, settings.slo, through_gateway=through)
    )


def _over(name: str, window: str, slo: Slo, *, through_gateway: bool) -> Iterator[Record]:
    """By server and objective: the bad share of requests ÷ the share that may be bad.

    The gateway's histogram tells the latency of a server that has none.
    """
    scope = Scope(window)
    for server in SERVERS.values():
        if server.signals is None:
            continue
        labels = {"server": server.name, "objective": AVAILABILITY}
        bad = server.signals.errors(scope).promql
        yield Record(name, f"({bad}) / {slo.error_percent / 100:g}", labels)
        if server.signals.slower:
            slow = server.signals.slower(scope, 1000 * slo.p95_millis).promql
            yield Record(name, f"({slow}) / {SLOW_SHARE:g}", {**labels, "objective": LATENCY})
        elif through_gateway:
            slow = gateway.slower(scope, server.component, slo.p95_millis / 1000).promql
            yield Record(name, f"({slow}) / {SLOW_SHARE:g}", {**labels, "objective": LATENCY})


def alerts(retention: str) -> tuple[Alert, ...]:
    """One for each pair of windows; the short window, not a delay, keeps them from lasting."""
    return tuple(_alert(pair) for pair in pairs(retention))


def _alert(pair: Pair) -> Alert:
    both = (f"{BURN}{window} > {pair.burn:g}" for window in (pair.long, pair.short))
    return Alert(
        pair.name,
        " and ".join(both),
        pair.severity,
        f"{STACK}: {{{{ $labels.server }}}} spends its error budget for {{{{ $labels.objective }}}} "
        "{{ $value | humanize }} times as fast as allowed",
        f"In {pair.long} at {pair.burn:g} times, {pair.gone} of 30 days' budget are gone. The overview shows "
        "since when; the alerts of the server say what fails.",
        held="0s",
    )
