"""All rules over the render of every stack: nothing is found that is not explained in exceptions.yaml."""

import pytest

from tests.rules import check, finding, tools
from tests.rules.finding import Finding
from tests.rules.stacks import STACKS, all_stacks


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    return check.upstream(all_stacks(), tmp_path_factory.mktemp("rules"))


def assert_all_explained(tool: str, findings: list[Finding]) -> None:
    verdict = finding.judge(findings, finding.load(tool))
    assert not verdict.unexplained, "\n".join(map(str, verdict.unexplained))
    assert not verdict.stale, "these explain nothing any more; remove them"


def test_every_stack_file_is_examined() -> None:
    assert [stack.name for stack in all_stacks()] == STACKS
    assert {"minikube", "cloud"} <= {stack.name for stack in all_stacks()}
    assert all(stack.of("Deployment") for stack in all_stacks())


def test_no_stack_breaks_a_rule_of_ours_without_a_written_reason() -> None:
    assert_all_explained("ours", check.ours(all_stacks()))


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["kubeconform", "kube-score"])
def test_upstream_tools_find_nothing_without_a_written_reason(
    tool: str, upstream: dict[str, list[Finding]]
) -> None:
    if tool in tools.missing():
        pytest.skip(f"{tool} is not on PATH; make rules brings it")
    assert_all_explained(tool, upstream[tool])
