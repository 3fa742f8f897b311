"""The house style: every panel has a title, a description, a unit and a data source."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import common as style
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models

from stack.queries import Query

SOURCE_UID = "prometheus"
HEIGHT, HALF, THIRD = 8, 12, 8
TAG = "emotion-serving"

Panel = timeseries.Panel | stat.Panel


def curves(
    title: str, description: str, *queries: Query, limit: float | None = None, width: int = HALF
) -> timeseries.Panel:
    """Curves over time; `limit`, in the queries' unit, is drawn as a dashed line."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(_source())
        .unit(queries[0].unit)
        .min(0)
        .height(HEIGHT)
        .span(width)
        .line_width(1.5)
        .fill_opacity(8)
        .show_points(kinds.VisibilityMode.NEVER)
        .legend(_legend())
        .tooltip(
            style.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING)
        )
        .targets([_target(query, index) for index, query in enumerate(queries)])
    )
    return panel if limit is None else _with_limit(panel, limit)


def number(
    title: str, description: str, *queries: Query, limit: float | None = None, width: int = 4
) -> stat.Panel:
    """The latest value of each series; red above `limit`."""
    steps = [models.Threshold(None, "green")]
    steps += [] if limit is None else [models.Threshold(limit, "red")]
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(_source())
        .unit(queries[0].unit)
        .height(HEIGHT // 2)
        .span(width)
        .reduce_options(style.ReduceDataOptions().calcs(["lastNotNull"]))
        .color_mode(kinds.BigValueColorMode.VALUE)
        .graph_mode(kinds.BigValueGraphMode.AREA)
        .thresholds(_thresholds(steps))
        .targets([_target(query, index) for index, query in enumerate(queries)])
    )


def dashboard(
    uid: str,
    title: str,
    description: str,
    rows: Sequence[tuple[str, Sequence[Panel]]],
    *,
    by_variant: bool = True,
) -> models.Dashboard:
    """A dashboard of titled rows. `by_variant`: with the variables `namespace` and `pod`."""
    board = (
        builders.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .time("now-15m", "now")
        .refresh("10s")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .readonly()
        .link(_to_the_others())
    )
    for variable in _variables() if by_variant else ():
        board.with_variable(variable)
    identifier = 0
    for name, panels in rows:
        board.with_row(builders.Row(name).id(identifier := identifier + 1))
        for panel in panels:
            board.with_panel(panel.id(identifier := identifier + 1))
    return board.build()


def _source() -> models.DataSourceRef:
    return models.DataSourceRef("prometheus", SOURCE_UID)


def _target(query: Query, index: int) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .expr(query.promql)
        .legend_format(query.legend)
        .ref_id(chr(ord("A") + index))
        .datasource(_source())
        .range()
    )


def _legend() -> style.VizLegendOptions:
    return (
        style.VizLegendOptions()
        .show_legend(True)
        .display_mode(kinds.LegendDisplayMode.TABLE)
        .placement(kinds.LegendPlacement.BOTTOM)
        .calcs(["mean", "max", "lastNotNull"])
    )


def _thresholds(steps: list[models.Threshold]) -> builders.ThresholdsConfig:
    return builders.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def _with_limit(panel: timeseries.Panel, limit: float) -> timeseries.Panel:
    dashed = style.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED)
    steps = [models.Threshold(None, "transparent"), models.Threshold(limit, "red")]
    return panel.thresholds(_thresholds(steps)).thresholds_style(dashed)


def _to_the_others() -> builders.DashboardLink:
    return (
        builders.DashboardLink("Dashboards")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )


def _variables() -> tuple[builders.QueryVariable, builders.QueryVariable]:
    serving = 'up{job="serving"}'
    namespace = _variable("namespace", "variant", f"label_values({serving}, namespace)")
    of_namespace = 'up{job="serving",namespace="$namespace"}'
    everything = models.VariableOption(selected=True, text=["All"], value=["$__all"])
    pod = (
        _variable("pod", "pod", f"label_values({of_namespace}, pod)")
        .multi(True)
        .include_all(True)
        .all_value(".+")
        .current(everything)
    )
    return namespace, pod


def _variable(name: str, label: str, query: str) -> builders.QueryVariable:
    return (
        builders.QueryVariable(name)
        .label(label)
        .query(query)
        .datasource(_source())
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
    )
