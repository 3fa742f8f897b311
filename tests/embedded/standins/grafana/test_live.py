"""The deployed dashboards in a real browser: every panel draws, in light and dark.

`DASHBOARD_PICTURES` names a folder for pictures of what was seen; without it they go to a temporary one.
"""

import base64
import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from infra.monitoring.dashboards import DASHBOARDS
from stack import settings
from stack.outputs import Endpoint, StackOutputs
from stack.queries import DASHBOARD, catalogue
from stack.queries.query import ERRORS
from tests.cluster.conftest import deployed, endpoints, outputs, photo, run
from tests.cluster.test_monitoring import load
from tests.embedded.standins.grafana.browser import Browser

__all__ = ["deployed", "endpoints", "outputs", "photo"]  # fixtures of the deployed stack

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

LOADED_SECONDS = 90.0  # rates need four scrapes, an autoscaler's metric a few more
BOARDS = [file.removesuffix(".json") for file in DASHBOARDS]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(os.environ.get("DASHBOARD_PICTURES") or tmp_path_factory.mktemp("dashboards"))


@pytest.fixture(scope="module")
def loaded(endpoints: dict[str, Endpoint], photo: str) -> Iterator[None]:
    with load(endpoints, photo):
        yield


@pytest.fixture(scope="module")
def visitor(browser: Browser, outputs: StackOutputs) -> Browser:
    """A browser whose user has read the password and logged in."""
    if outputs.dashboards is None:
        pytest.skip(f"the stack {outputs.stack} has no Grafana")
    secret = ("get", "secret", "grafana-admin", "-o", "jsonpath={.data.password}")
    encoded = run("kubectl", "--context", outputs.context, "-n", outputs.monitoring.namespace, *secret)
    browser.log_in(outputs.dashboards, "admin", base64.b64decode(encoded).decode())
    return browser


def excused(outputs: StackOutputs) -> set[str]:
    """Queries that have no value in this stack: it lacks what they need."""
    there = catalogue.features(settings.read(outputs.settings)) | {ERRORS}
    return {each.promql for each in catalogue.all_queries(DASHBOARD) if not there.issuperset(each.needs)}


def expressions(visitor: Browser, uid: str) -> dict[str, set[str]]:
    """What each panel of a deployed dashboard asks, by its title."""
    code = (
        "const done = arguments[1];"
        "fetch(`/api/dashboards/uid/${arguments[0]}`).then((a) => a.json()).then((a) => done(a.dashboard))"
    )
    board = cast("Mapping[str, list[dict[str, object]]]", visitor.driver.execute_async_script(code, uid))
    return {str(panel["title"]): asks(panel) for panel in board["panels"]}


def asks(panel: Mapping[str, object]) -> set[str]:
    targets = cast("list[dict[str, str]]", panel.get("targets") or [])
    return {target["expr"] for target in targets}


def complete(visitor: Browser, asked: Mapping[str, set[str]], excuses: set[str]) -> bool:
    """Whether, asked anew, every panel draws but those whose queries are all excused."""
    visitor.click("button.refresh")
    visitor.wait_for(visitor.settled)
    return all(panel.state == "drawn" or asked[panel.title] <= excuses for panel in visitor.panels())


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("uid", BOARDS)
def test_every_panel_of_a_dashboard_draws_under_load(
    visitor: Browser,
    outputs: StackOutputs,
    pictures: Path,
    uid: str,
) -> None:
    address = f"{outputs.dashboards}/d/{uid}?from=now-5m&to=now&var-namespace={outputs.namespace}"
    for theme in ("dark", "light"):
        visitor.open(f"{address}&theme={theme}")
        asked, excuses = expressions(visitor, uid), excused(outputs)
        visitor.wait_for(partial(complete, visitor, asked, excuses), LOADED_SECONDS)
        assert [panel for panel in visitor.panels() if panel.state == "error"] == []
        visitor.picture(pictures / f"{uid}-{theme}.png")


def test_the_deployed_dashboards_are_those_of_the_code(visitor: Browser, outputs: StackOutputs) -> None:
    visitor.open(f"{outputs.dashboards}/dashboards")
    found = visitor.script("return [...document.querySelectorAll('.card')].map((card) => card.pathname)")
    assert sorted(path.split("/")[2] for path in cast("list[str]", found)) == sorted(BOARDS)
