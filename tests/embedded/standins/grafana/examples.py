"""A dashboard with everything that the viewer draws, and one panel that it does not."""

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, text
from grafana_foundation_sdk.builders import timeseries as series
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import GraphThresholdsStyleMode, LegendDisplayMode
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableOption,
)

UID = "example"
SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
NUMBERS = (
    ("Up", "short", "demo_up"),
    ("CPU share", "percentunit", "demo_share"),
    ("Batch", "rows", "demo_rows"),
    ("Memory", "bytes", "demo_bytes"),
)
WHERE = '{namespace=~"$namespace",pod=~"$pod"}'


def as_json() -> str:
    """The dashboard's file."""
    return JSONEncoder(sort_keys=True).encode(_dashboard().build())


def _dashboard() -> dashboard.Dashboard:
    board = dashboard.Dashboard("Example overview").uid(UID).tags(["example"]).time("now-15m", "now")
    board = (
        board.refresh("30s")
        .with_variable(_namespace())
        .with_variable(_pod())
        .with_row(dashboard.Row("Service"))
    )
    board = board.with_panel(_latency()).with_panel(_requests())
    for each in NUMBERS:
        board = board.with_panel(_number(*each))
    board = board.with_row(dashboard.Row("Trouble"))
    board = board.with_panel(
        series.Panel().title("Broken").datasource(SOURCE).span(8).height(5).with_target(_ask("broken"))
    )
    board = board.with_panel(
        series.Panel().title("Nothing").datasource(SOURCE).span(8).height(5).with_target(_ask("nothing"))
    )
    return board.with_panel(text.Panel().title("Words").content("Variant **$namespace**").span(8).height(5))


def _ask(metric: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(f"{metric}{WHERE}").legend_format("{{pod}}").datasource(SOURCE)


def _number(title: str, unit: str, metric: str) -> stat.Panel:
    return stat.Panel().title(title).unit(unit).datasource(SOURCE).span(6).height(5).with_target(_ask(metric))


def _latency() -> series.Panel:
    limits = dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE)
    names = (
        common.VizLegendOptions()
        .display_mode(LegendDisplayMode.TABLE)
        .show_legend(True)
        .calcs(["mean", "max"])
    )
    rate = (
        prometheus.Dataquery().expr(f"rate(demo_seconds{WHERE}[$__rate_interval])").legend_format("{{pod}}")
    )
    return (
        series.Panel()
        .title("Latency of $namespace")
        .description("Mean time in the server.")
        .datasource(SOURCE)
        .unit("s")
        .min(0)
        .span(12)
        .height(8)
        .fill_opacity(12)
        .thresholds(limits.steps([Threshold(None, "green"), Threshold(0.05, "red")]))
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
        .legend(names)
        .with_target(rate.datasource(SOURCE))
    )


def _requests() -> series.Panel:
    panel = (
        series.Panel().title("Requests").datasource(SOURCE).unit("reqps").span(12).height(8).fill_opacity(25)
    )
    return panel.with_target(_ask("demo_requests"))


def _namespace() -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable("namespace")
        .label("Variant")
        .query("label_values(up, namespace)")
        .datasource(SOURCE)
    )


def _pod() -> dashboard.QueryVariable:
    chosen = VariableOption(selected=True, text="All", value="$__all")
    pods = 'label_values(up{namespace=~"$namespace"}, pod)'
    return (
        dashboard.QueryVariable("pod")
        .label("Pod")
        .query(pods)
        .datasource(SOURCE)
        .multi(True)
        .include_all(True)
        .current(chosen)
    )
