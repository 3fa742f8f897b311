"""Settings read back from the running pods, and the stack watched under a little load."""

import json
from dataclasses import replace

import pytest

from bench.__main__ import main
from bench.subject import probe
from bench.subject.deployed import Deployed
from bench.subject.verify import verify
from stack.outputs import StackOutputs

pytestmark = pytest.mark.cluster


def test_every_setting_of_the_stack_is_effective(deployed: Deployed) -> None:
    outputs = deployed.outputs
    blocks = verify(outputs, deployed.settings, probe.observe(deployed))
    assert [finding for block in blocks for finding in block.findings if not finding.ok] == []
    pods = [block for block in blocks if block.subject.startswith("pod ")]
    assert len(pods) >= len(outputs.endpoints), "a stack without pods proves nothing"
    assert all(block.notes for block in pods), "every pod's processes were read"


def test_a_setting_that_the_pods_do_not_have_is_found(deployed: Deployed) -> None:
    outputs, intended = deployed.outputs, deployed.settings
    other = replace(
        intended,
        torchserve=replace(intended.torchserve, max_batch_delay_millis=9_999),
        tensorflow=replace(intended.tensorflow, inter_op_threads=255),
    )
    blocks = verify(outputs, other, probe.observe(deployed))
    wrong = {finding.what for block in blocks for finding in block.findings if not finding.ok}
    assert wrong == {"torchserve.maxBatchDelayMillis", "tensorflow.interOpThreads"}


def test_a_watch_counts_every_request_by_pod(
    outputs: StackOutputs, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["watch", outputs.stack, "--seconds", "9", "--load", "10", "--load-seconds", "2", "--json"]
    assert main(command) == 0
    watched = json.loads(capsys.readouterr().out)
    for server, sent in watched["load"].items():
        assert sent["outcomes"] == {"200": 20}, server
        assert sum(watched["split"][server].values()) == 20, server


def test_the_status_names_every_autoscaler_or_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    assert "\nAutoscalers\n  n" in capsys.readouterr().out
