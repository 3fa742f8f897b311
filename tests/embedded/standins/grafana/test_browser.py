"""Dashboards in a real browser: every panel, the variables, the time range, the theme."""

import re
from collections.abc import Iterator
from typing import cast

import pytest
from selenium.webdriver import ActionChains

from tests.embedded.standins.grafana.browser import Browser
from tests.embedded.standins.grafana.conftest import PASSWORD, Viewer

pytestmark = pytest.mark.slow
# What was meant to go wrong; and pods that come and go beside the tests change this machine's interfaces.
EXPECTED = ("broken", "ERR_NETWORK_CHANGED")
BOARD = "/d/example/example-overview"
STATES = {
    "Latency of emotion-minikube": "drawn",
    "Requests": "drawn",
    "Up": "drawn",
    "CPU share": "drawn",
    "Batch": "drawn",
    "Memory": "drawn",
    "Broken": "error",
    "Nothing": "empty",
    "Words": "error",
}
_AXIS = """
const ticks = document.querySelector(".chart").querySelectorAll(`.${arguments[0]}tick`);
return [...ticks].map((tick) => tick.textContent.trim());
"""
_LEGEND = """
return [...document.querySelector(".panel").querySelectorAll(".legend tbody tr")].map((row) => row.innerText)
"""


@pytest.fixture
def page(admin: Browser, viewer: Viewer) -> Iterator[Browser]:
    """The example dashboard, opened anew; afterwards nothing may have gone wrong but what is expected."""
    admin.driver.get_log("browser")  # type: ignore[no-untyped-call]
    viewer.prometheus.asked.clear()
    admin.open(f"{viewer.url}{BOARD}")
    yield admin
    said = [entry["message"] for entry in admin.driver.get_log("browser")]  # type: ignore[no-untyped-call]
    assert [line for line in said if not any(each in line for each in EXPECTED)] == []


def settle(page: Browser) -> None:
    page.wait_for(page.settled)


def asked(viewer: Viewer, metric: str) -> dict[str, str]:
    """The last question about a metric."""
    return viewer.prometheus.queries(metric)[-1]


def test_a_wrong_password_is_told_and_the_right_one_leads_where_the_user_wanted(
    browser: Browser, viewer: Viewer
) -> None:
    browser.driver.delete_all_cookies()
    browser.driver.get(f"{viewer.url}{BOARD}?from=now-1h&to=now")
    assert "/login?redirectTo=/d/example" in browser.driver.current_url
    browser.driver.find_element("name", "password").send_keys("wrong")
    browser.click("button[type=submit]")
    browser.wait_for(
        lambda: "Invalid" in str(browser.script("return document.getElementById('failure').textContent"))
    )
    box = browser.driver.find_element("name", "password")
    box.clear()
    box.send_keys(PASSWORD)
    browser.click("button[type=submit]")
    browser.wait_for(lambda: browser.driver.current_url.endswith(f"{BOARD}?from=now-1h&to=now"))


def test_a_page_lists_the_dashboards(admin: Browser, viewer: Viewer) -> None:
    admin.open(f"{viewer.url}/dashboards")
    assert admin.script("return [...document.querySelectorAll('.card b')].map((b) => b.textContent)") == [
        "Example overview"
    ]


def test_every_panel_shows_its_data_or_says_why_not(page: Browser) -> None:
    found = {panel.title: panel for panel in page.panels()}
    assert {title: panel.state for title, panel in found.items()} == STATES
    assert found["Broken"].message == "parse error: broken on purpose"
    assert found["Nothing"].message == "No data"
    assert found["Words"].message == "panel of type text: this viewer draws timeseries and stat only"


def test_a_chart_has_axes_with_units_and_a_legend_with_figures(page: Browser) -> None:
    values, times = cast("list[str]", page.script(_AXIS, "y")), cast("list[str]", page.script(_AXIS, "x"))
    assert values[0] == "0 s"
    assert all(value.endswith(" ms") for value in values[1:])
    assert len(values) >= 3
    assert len(times) >= 3
    assert all(len(time) == len("12:34") and ":" in time for time in times)
    rows = cast("list[str]", page.script(_LEGEND))
    assert [row.split()[0] for row in rows] == ["tensorflow-serving-7d9f", "torchserve-55c8"]
    assert all(row.count(" ms") == 2 for row in rows)


def test_numbers_have_their_units(page: Browser) -> None:
    assert "%" in page.panel("CPU share").text
    assert "rows" in page.panel("Batch").text
    assert "MiB" in page.panel("Memory").text


def test_a_threshold_is_a_line_across_the_chart(page: Browser) -> None:
    assert (
        page.script(
            "return document.querySelectorAll('.chart')[0].querySelectorAll('.shapelayer path').length"
        )
        == 1
    )


def test_panels_lie_on_the_grid_without_overlap(page: Browser) -> None:
    boxes = cast(
        "list[list[float]]",
        page.script(
            "return [...document.querySelectorAll('.panel')].map((p) => p.getBoundingClientRect())"
            ".map((b) => [b.left, b.top, b.right, b.bottom])"
        ),
    )
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert right - left > 100
        assert bottom - top > 100
        for other in boxes[number + 1 :]:
            assert other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top


def test_queries_have_the_variables_and_the_rate_interval_put_in(page: Browser, viewer: Viewer) -> None:
    settle(page)
    latency = asked(viewer, "demo_seconds")
    assert latency["query"] == (
        'rate(demo_seconds{namespace=~"emotion-minikube",'
        'pod=~"(tensorflow-serving-7d9f|torchserve-55c8)"}[40s])'
    )
    assert latency["step"] == "10"


def test_a_variant_chosen_in_the_menu_asks_anew_and_stays_in_the_address(
    page: Browser, viewer: Viewer
) -> None:
    page.click("[data-variable=namespace] summary")
    page.click("[data-variable=namespace] [data-value=emotion-tf-hpa]")
    page.wait_for(lambda: page.panel("Latency").title == "Latency of emotion-tf-hpa")
    settle(page)
    assert (
        'pod=~"(tensorflow-serving-aaaa|tensorflow-serving-bbbb)"' in asked(viewer, "demo_seconds")["query"]
    )
    assert "var-namespace=emotion-tf-hpa" in page.driver.current_url
    page.open(page.driver.current_url)
    assert page.panel("Latency").title == "Latency of emotion-tf-hpa"


def test_one_of_several_pods_can_be_chosen(page: Browser, viewer: Viewer) -> None:
    page.click("[data-variable=pod] summary")
    page.click("[data-variable=pod] [data-value=torchserve-55c8]")
    page.wait_for(lambda: len(cast("list[str]", page.script(_LEGEND))) == 1)
    settle(page)
    assert 'pod=~"torchserve-55c8"' in asked(viewer, "demo_seconds")["query"]


def test_the_time_range_of_the_address_is_asked_for(page: Browser, viewer: Viewer) -> None:
    page.open(f"{viewer.url}{BOARD}?from=1700000000000&to=1700003600000")
    latency = asked(viewer, "demo_seconds")
    assert (latency["start"], latency["end"], latency["step"]) == ("1700000000", "1700003600", "10")


def test_a_quick_range_is_asked_for_and_stays_in_the_address(page: Browser, viewer: Viewer) -> None:
    page.click(".popover.right summary")
    page.click("[data-from=now-3h]")
    page.wait_for(lambda: "from=now-3h" in page.driver.current_url)
    settle(page)
    latency = asked(viewer, "demo_seconds")
    assert 3 * 3600 - 60 <= float(latency["end"]) - float(latency["start"]) <= 3 * 3600 + 60
    assert latency["query"].endswith(f"[{max(int(latency['step']) + 10, 40)}s])")


def test_a_written_range_is_asked_for_and_a_senseless_one_is_told(page: Browser, viewer: Viewer) -> None:
    page.click(".popover.right summary")
    for name, text in (("from", "2026-01-31 12:00:00"), ("to", "2026-01-31 11:00:00")):
        box = page.driver.find_element("name", name)
        box.clear()
        box.send_keys(text)
    page.click(".times .primary")
    assert "expected two times in order" in str(
        page.script("return document.querySelector('.times .failure').textContent")
    )
    box = page.driver.find_element("name", "to")
    box.clear()
    box.send_keys("2026-01-31 12:05:00")
    page.click(".times .primary")
    page.wait_for(lambda: "from=17" in page.driver.current_url)
    settle(page)
    latency = asked(viewer, "demo_seconds")
    assert float(latency["end"]) - float(latency["start"]) == 300


def test_a_click_in_the_legend_shows_one_series_alone(page: Browser) -> None:
    shown = "return document.querySelector('.chart').querySelectorAll('.scatterlayer .js-line').length"
    assert page.script(shown) == 2
    page.click(".legend tbody tr")
    assert page.script(shown) == 1
    page.click("button.refresh")
    settle(page)
    assert page.script(shown) == 1
    page.click(".legend tbody tr")
    assert page.script(shown) == 2


def test_the_refresh_button_asks_again(page: Browser, viewer: Viewer) -> None:
    settle(page)
    before = len(viewer.prometheus.queries("demo_seconds"))
    page.click("button.refresh")
    settle(page)
    assert len(viewer.prometheus.queries("demo_seconds")) == before + 1


def test_a_row_can_be_folded(page: Browser) -> None:
    page.click(".row summary")
    page.wait_for(lambda: not page.panel("Requests").visible)
    assert page.panel("Broken").visible


@pytest.mark.parametrize(("theme", "light"), [("light", True), ("dark", False)])
def test_the_theme_of_the_address_colours_the_page(
    page: Browser, viewer: Viewer, theme: str, light: bool
) -> None:
    page.open(f"{viewer.url}{BOARD}?theme={theme}")
    colour = str(page.script("return getComputedStyle(document.body).backgroundColor"))
    red = int(colour.removeprefix("rgb(").split(",")[0])
    assert (red > 200) is light
    page.click("button.theme")
    assert page.script("return document.documentElement.dataset.theme") != theme
    assert f"theme={theme}" not in page.driver.current_url


def test_the_page_says_what_it_is(page: Browser) -> None:
    assert "stand-in" in str(page.script("return document.querySelector('.banner').innerText"))
    assert "not Grafana" in str(page.script("return document.querySelector('.banner').innerText"))


def test_nothing_is_loaded_from_elsewhere(page: Browser, viewer: Viewer) -> None:
    loaded = cast(
        "list[str]", page.script("return performance.getEntriesByType('resource').map((r) => r.name)")
    )
    assert loaded
    assert [name for name in loaded if not name.startswith((viewer.url, "data:", "blob:"))] == []


def test_the_pointer_shows_the_figures_of_its_time(page: Browser) -> None:
    chart = page.driver.find_element("css selector", ".chart")
    ActionChains(page.driver).move_to_element_with_offset(chart, 60, 0).perform()
    page.wait_for(lambda: page.script("return !document.querySelector('.tip').hidden"))
    tip = str(page.script("return document.querySelector('.tip').innerText")).split("\n")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", tip[0])
    assert set(tip[1::2]) == {"tensorflow-serving-7d9f", "torchserve-55c8"}
    assert all(figure.endswith(" ms") for figure in tip[2::2])


def test_dragging_over_a_chart_zooms_into_that_time(page: Browser, viewer: Viewer) -> None:
    chart = page.driver.find_element("css selector", ".chart .nsewdrag")
    drag = ActionChains(page.driver).move_to_element_with_offset(chart, -60, 0).click_and_hold()
    drag.move_by_offset(60, 0).move_by_offset(60, 0).release().perform()
    page.wait_for(lambda: re.search(r"from=\d+&to=\d+", page.driver.current_url))
    settle(page)
    latency = asked(viewer, "demo_seconds")
    assert 30 <= float(latency["end"]) - float(latency["start"]) < 600
