"""The pages' pure functions, asked in the browser that runs them."""

import pytest

from tests.embedded.standins.grafana.browser import Browser

VARIABLES = {
    "one": {"values": ["a.b"], "options": ["a.b"], "multi": False, "includeAll": False, "allValue": None},
    "some": {
        "values": ["a.b", "c"],
        "options": ["a.b", "c", "d"],
        "multi": True,
        "includeAll": True,
        "allValue": None,
    },
    "all": {"values": ["$__all"], "options": ["x", "y"], "multi": True, "includeAll": True, "allValue": None},
    "any": {"values": ["$__all"], "options": ["x", "y"], "multi": True, "includeAll": True, "allValue": ".+"},
    "plain": 40,
}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0123, "s", "12.3 ms"),
        (0, "s", "0 s"),
        (0, "µs", "0 µs"),
        (0.00000042, "s", "420 ns"),
        (90, "s", "1.5 min"),
        (7200, "s", "2 hour"),
        (1234, "ms", "1.23 s"),
        (12.5, "µs", "12.5 µs"),
        (250000, "µs", "250 ms"),
        (0.256, "percentunit", "25.6%"),
        (42, "percent", "42%"),
        (999, "short", "999"),
        (12345, "short", "12.3 K"),
        (2500000, "short", "2.5 Mil"),
        (0.05, "short", "0.05"),
        (1536, "bytes", "1.5 KiB"),
        (300 * 1024**2, "bytes", "300 MiB"),
        (23.14, "reqps", "23.1 req/s"),
        (1500, "reqps", "1.5K req/s"),
        (0.5, "cores", "0.5 cores"),
        (-0.0001, "rows", "-0.0001 rows"),
        (3, "none", "3"),
        (-0.0123, "s", "-12.3 ms"),
        (None, "s", "–"),
    ],
)
def test_values_have_units(admin: Browser, value: float | None, unit: str, text: str) -> None:
    assert admin.module("units.js", "m.formatted(a[0], a[1])", value, unit) == text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('up{n="$one"}', 'up{n="a.b"}'),
        ('up{n=~"$some"}', 'up{n=~"(a\\\\.b|c)"}'),
        ('up{n=~"$all"}', 'up{n=~"(x|y)"}'),
        ('up{n=~"$any"}', 'up{n=~".+"}'),
        ("rate(x[${plain}s])", "rate(x[40s])"),
        ("${one} $unknown ${other:raw} $1", "a.b $unknown ${other:raw} $1"),
    ],
)
def test_variables_are_put_into_queries_as_grafana_does(admin: Browser, text: str, result: str) -> None:
    assert admin.module("template.js", "m.interpolate(a[0], a[1], true)", text, VARIABLES) == result


@pytest.mark.parametrize(
    ("text", "result"), [("$one", "a.b"), ("$some", "a.b + c"), ("$all", "All"), ("$any", "All")]
)
def test_variables_are_put_into_titles_as_people_read_them(admin: Browser, text: str, result: str) -> None:
    assert admin.module("template.js", "m.interpolate(a[0], a[1])", text, VARIABLES) == result


@pytest.mark.parametrize(
    ("step", "scrape", "interval"), [(10, 10, "40s"), (30, 10, "40s"), (120, 15, "135s")]
)
def test_the_rate_interval_holds_four_scrapes_or_a_step_and_one(
    admin: Browser, step: int, scrape: int, interval: str
) -> None:
    found = admin.module("template.js", "m.builtIns(a[0] * 1e3, a[1] * 1e3)", step, scrape)
    assert found == {"__rate_interval": interval}


@pytest.mark.parametrize(
    ("minutes", "points", "smallest", "step"), [(15, 600, 10, 10), (180, 600, 10, 20), (1440, 500, 10, 300)]
)
def test_the_step_is_round_and_not_below_the_scrape_interval(
    admin: Browser, minutes: int, points: int, smallest: int, step: int
) -> None:
    code = "m.stepFor({from: 0, to: a[0] * 60e3}, a[1], a[2] * 1e3)"
    assert admin.module("template.js", code, minutes, points, smallest) == step * 1000


@pytest.mark.parametrize(
    ("from_", "to", "result"),
    [
        ("now-15m", "now", [100000, 1000000]),
        ("now-1m30s", "now-30s", [910000, 970000]),
        ("1700000000000", "1700000060000", [1700000000000, 1700000060000]),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:01Z", [1769860800000, 1769860801000]),
        ("now", "now-5m", None),
        ("now-5x", "now", None),
        ("yesterday", "now", None),
    ],
)
def test_time_ranges_are_read(admin: Browser, from_: str, to: str, result: list[int] | None) -> None:
    code = "((r) => r && [r.from, r.to])(m.resolve({from: a[0], to: a[1]}, 1000000))"
    assert admin.module("time.js", code, from_, to) == result


@pytest.mark.parametrize(
    ("low", "high", "unit", "texts"),
    [
        (0, 0.055, "s", ["0 s", "20 ms", "40 ms", "60 ms"]),
        (0, 1, "percentunit", ["0%", "25%", "50%", "75%", "100%"]),
        (0, 700 * 1024**2, "bytes", ["0 B", "256 MiB", "512 MiB", "768 MiB"]),
        (3, 3, "short", ["0", "1", "2", "3", "4"]),
        (0, 0, "reqps", ["0 req/s", "0.25 req/s", "0.5 req/s", "0.75 req/s", "1 req/s"]),
    ],
)
def test_axes_have_round_numbers(
    admin: Browser, low: float, high: float, unit: str, texts: list[str]
) -> None:
    assert admin.module("axis.js", "m.valueTicks(a[0], a[1], 160, a[2]).texts", low, high, unit) == texts


def test_a_gap_in_the_data_is_a_gap_in_the_line(admin: Browser) -> None:
    answers = [
        {
            "target": {"refId": "A"},
            "step": 10000,
            "result": [{"metric": {}, "values": [[0, "1"], [10, "2"], [50, "NaN"]]}],
        }
    ]
    found = admin.module("series.js", "m.seriesOf({}, a[0]).map(({ x, y }) => [x, y])", answers)
    assert found == [[[0, 10000, 20000, 50000], [1, 2, None, None]]]


def test_no_area_is_drawn_below_a_gap(admin: Browser) -> None:
    series = {"x": [0, 1, 2, 3, 4], "y": [5, 6, None, 7, 8], "field": {"custom": {"fillOpacity": 10}}}
    drawn = "m.tracesOf([{ index: 0, series: a[0], color: '#ff0000' }])"
    code = f"{drawn}.map(({{ uid, x, fill }}) => [uid, x, fill ?? null])"
    assert admin.module("traces.js", code, series) == [
        ["area-0-0", [0, 1], "tozeroy"],
        ["area-0-1", [3, 4], "tozeroy"],
        ["line-0", [0, 1, 2, 3, 4], None],
    ]
