"""Exceptions explain findings, and must not outlive them."""

from pathlib import Path

import pytest

from tests.rules.finding import EXCEPTIONS, Allowed, Finding, judge, load

FINDING = Finding("ours", "latest-tag", "cloud", "Deployment/room/server", "floats")


def allowed(item: str = "Deployment/*", stack: str = "*") -> Allowed:
    return Allowed("ours", "latest-tag", item, "a reason", stack)


def test_a_finding_without_exception_is_unexplained() -> None:
    assert judge([FINDING], []).unexplained == (FINDING,)


def test_an_exception_explains_what_its_patterns_match() -> None:
    assert judge([FINDING], [allowed()]).unexplained == ()


@pytest.mark.parametrize("other", [allowed(item="Service/*"), allowed(stack="minikube")])
def test_an_exception_for_something_else_explains_nothing_and_is_stale(other: Allowed) -> None:
    verdict = judge([FINDING], [other])
    assert verdict.unexplained == (FINDING,)
    assert verdict.stale == (other,)


def test_an_exception_without_a_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text("[{tool: ours, rule: latest-tag, item: '*'}]")
    with pytest.raises(TypeError, match="reason"):
        load("ours", file)


def test_every_written_exception_names_a_tool_that_runs() -> None:
    tools = ("ours", "kubeconform", "kube-score")
    listed = EXCEPTIONS.read_text().count("- tool: ")
    assert sum(len(load(tool)) for tool in tools) == listed > 0
