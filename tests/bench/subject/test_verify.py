"""Verification: what is as intended passes, and every single check can fail by its name."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from bench.__main__ import parser
from bench.commands import verify as command
from bench.subject import findings
from bench.subject.deployed import Deployed
from bench.subject.findings import Block, as_json, as_table
from bench.subject.objects import Container
from bench.subject.probe import Observation, Unreadable
from bench.subject.verify import image_finding, server_findings, verify
from stack.drift import CHANGED, MISSING, Deviation, Difference
from stack.recorded import Key
from stack.schema import as_keys
from stack.servers import SERVERS, torchserve
from stack.servers.reading import Limits, Process
from stack.settings import Autoscaling, Behavior, ScalingPace, Settings
from tests.bench.scenes import SETTINGS, Silent, observation, outputs
from tests.stack.servers import recorded

Change = Callable[[Observation], Observation]


def wrong(blocks: Sequence[Block]) -> list[str]:
    return [f"{block.subject}: {each.what}" for block in blocks for each in block.findings if not each.ok]


def scaling(wanted: Autoscaling) -> Settings:
    return replace(SETTINGS, autoscaling=wanted)


def resources(**changes: str) -> Settings:
    return replace(SETTINGS, resources=replace(SETTINGS.resources, **changes))


def tensorflow(**changes: int) -> Settings:
    return replace(SETTINGS, tensorflow=replace(SETTINGS.tensorflow, **changes))  # type: ignore[arg-type]


def batching(**changes: int) -> Settings:
    wanted = replace(SETTINGS.tensorflow.batching, **changes)  # type: ignore[type-var]
    return replace(SETTINGS, tensorflow=replace(SETTINGS.tensorflow, batching=wanted))


def torch(**changes: int) -> Settings:
    return replace(SETTINGS, torchserve=replace(SETTINGS.torchserve, **changes))  # type: ignore[arg-type]


def test_an_object_that_somebody_changed_is_told_with_who_it_was_and_the_command() -> None:
    by_hand = Difference("spec.replicas", 2, 0, ("kubectl",))
    changed = Deviation(Key("apps/v1", "Deployment", "emotion-demo", "d"), CHANGED, (by_hand,))
    blocks = verify(outputs(), SETTINGS, replace(observation(), deviations=(changed,)))
    text = as_table(blocks)
    assert "changed: spec.replicas: 0 instead of 2 (by kubectl)" in text
    assert "make up STACK=demo" in text


def test_a_stack_that_is_as_intended_passes() -> None:
    blocks = verify(outputs(), SETTINGS, observation())
    assert wrong(blocks) == []
    assert [block.subject for block in blocks] == [
        "stack demo",
        "deployment tensorflow-serving",
        "autoscaler tensorflow-serving",
        "pod tensorflow-serving-1",
        "deployment torchserve",
        "autoscaler torchserve",
        "pod torchserve-1",
    ]


GONE = Key("v1", "ConfigMap", "emotion-demo", "c")
PACE = ScalingPace(stabilization_seconds=60)
TOLERANT = ScalingPace(tolerance_percent=5)
TF, TORCH = "tensorflow-serving", "torchserve"
INTENTIONS: Mapping[str, tuple[Settings, list[str]]] = {
    "servers": (replace(SETTINGS, servers=("tensorflow",)), ["stack demo: servers"]),
    "replicas": (
        scaling(Autoscaling(min_replicas=2)),
        [
            f"{kind} {name}: {what}"
            for name in (TF, TORCH)
            for kind, what in (("deployment", "replicas"), ("autoscaler", "autoscaling.minReplicas"))
        ],
    ),
    "maxReplicas": (
        scaling(Autoscaling(max_replicas=3)),
        [f"autoscaler {name}: autoscaling.maxReplicas" for name in (TF, TORCH)],
    ),
    "target": (
        scaling(Autoscaling(target_cpu_utilization=60)),
        [f"autoscaler {name}: autoscaling.targetCpuUtilization" for name in (TF, TORCH)],
    ),
    "scaleUp": (
        scaling(Autoscaling(behavior=Behavior(scale_up=PACE))),
        [f"autoscaler {name}: autoscaling.behavior.scaleUp" for name in (TF, TORCH)],
    ),
    "scaleDown": (
        scaling(Autoscaling(behavior=Behavior(scale_down=PACE))),
        [f"autoscaler {name}: autoscaling.behavior.scaleDown" for name in (TF, TORCH)],
    ),
    "tolerance": (
        scaling(Autoscaling(behavior=Behavior(scale_up=TOLERANT))),
        [f"autoscaler {name}: autoscaling.behavior.scaleUp" for name in (TF, TORCH)],
    ),
    "scaler": (
        scaling(Autoscaling(scaler="keda", metric="requestsInFlight", target=2)),
        [f"autoscaler {name}: autoscaling.{what}" for name in (TF, TORCH) for what in ("scaler", "target")],
    ),
    "no autoscaler": (
        replace(SETTINGS, autoscaling=None),
        [f"autoscaler {name}: autoscaling" for name in (TF, TORCH)],
    ),
    "cpuRequest": (
        resources(cpu_request="300m"),
        [f"pod {name}-1: resources.cpuRequest" for name in (TF, TORCH)],
    ),
    "memoryRequest": (
        resources(memory_request="513Mi"),
        [f"pod {name}-1: resources.memoryRequest" for name in (TF, TORCH)],
    ),
    "cpuLimit": (
        resources(cpu_limit="1501m"),
        [f"pod {name}-1: resources.cpuLimit (cores)" for name in (TF, TORCH)],
    ),
    "memoryLimit": (
        resources(memory_limit="1025Mi"),
        [f"pod {name}-1: resources.memoryLimit" for name in (TF, TORCH)],
    ),
    "intraOpThreads": (tensorflow(intra_op_threads=3), [f"pod {TF}-1: tensorflow.intraOpThreads"]),
    "interOpThreads": (tensorflow(inter_op_threads=0), [f"pod {TF}-1: tensorflow.interOpThreads"]),
    "restThreads": (tensorflow(rest_threads=34), [f"pod {TF}-1: tensorflow.restThreads"]),
    "batching off": (
        replace(SETTINGS, tensorflow=replace(SETTINGS.tensorflow, batching=None)),
        [f"pod {TF}-1: tensorflow.batching"],
    ),
    "maxBatchSize": (batching(max_batch_size=15), [f"pod {TF}-1: tensorflow.batching.maxBatchSize"]),
    "timeoutMicros": (batching(timeout_micros=5), [f"pod {TF}-1: tensorflow.batching.timeoutMicros"]),
    "threads": (batching(threads=3), [f"pod {TF}-1: tensorflow.batching.threads"]),
    "maxEnqueuedBatches": (
        batching(max_enqueued_batches=21),
        [f"pod {TF}-1: tensorflow.batching.maxEnqueuedBatches"],
    ),
    "minWorkers": (
        torch(min_workers=2),
        [f"pod {TORCH}-1: {what}" for what in ("torchserve.minWorkers", "workers that are READY")],
    ),
    "maxWorkers": (torch(max_workers=4), [f"pod {TORCH}-1: torchserve.maxWorkers"]),
    "batchSize": (torch(batch_size=2), [f"pod {TORCH}-1: torchserve.batchSize"]),
    "maxBatchDelay": (
        torch(max_batch_delay_millis=11),
        [f"pod {TORCH}-1: torchserve.maxBatchDelayMillis"],
    ),
    "threadsPerWorker": (
        torch(threads_per_worker=2),
        [f"pod {TORCH}-1: torchserve.threadsPerWorker"],
    ),
    "ompWaitPolicy": (
        replace(SETTINGS, torchserve=replace(SETTINGS.torchserve, omp_wait_policy="passive")),
        [f"pod {TORCH}-1: torchserve.ompWaitPolicy"],
    ),
}


@pytest.mark.parametrize(("settings", "expected"), INTENTIONS.values(), ids=INTENTIONS.keys())
def test_a_setting_that_is_not_effective_is_named(settings: Settings, expected: list[str]) -> None:
    assert sorted(wrong(verify(outputs(), settings, observation()))) == sorted(expected)


def deployments(**changes: int) -> Change:
    return lambda seen: replace(
        seen,
        deployments=(replace(seen.deployments[0], **changes), seen.deployments[1]),  # type: ignore[arg-type]
    )


def first_pod(**changes: object) -> Change:
    return lambda seen: replace(
        seen,
        pods=(replace(seen.pods[0], **changes), seen.pods[1]),  # type: ignore[arg-type]
    )


def image(reference: str) -> Change:
    def change(seen: Observation) -> Observation:
        container = replace(seen.pods[0].containers[0], image=reference)
        return first_pod(containers=(container,))(seen)

    return change


def probe(answer: Unreadable) -> Change:
    return lambda seen: replace(seen, probes={**seen.probes, "tensorflow-serving-1": answer})


def without_batching_file(seen: Observation) -> Observation:
    answer = seen.probes["tensorflow-serving-1"]
    assert not isinstance(answer, Unreadable)
    return replace(seen, probes={**seen.probes, "tensorflow-serving-1": replace(answer, more={})})


def without_limits(seen: Observation) -> Observation:
    answer = seen.probes["tensorflow-serving-1"]
    assert not isinstance(answer, Unreadable)
    changed = replace(answer, limits=Limits(None, None))
    return replace(seen, probes={**seen.probes, "tensorflow-serving-1": changed})


STATES: Mapping[str, tuple[Change, list[str]]] = {
    "no deployment": (
        lambda seen: replace(seen, deployments=seen.deployments[1:]),
        [f"deployment {TF}: exists"],
    ),
    "not ready": (deployments(ready=0), [f"deployment {TF}: ready pods"]),
    "rollout": (deployments(updated=0), [f"deployment {TF}: pods of the newest revision"]),
    "not observed": (deployments(current=False), [f"deployment {TF}: newest settings observed"]),
    "no pod": (
        lambda seen: replace(seen, pods=seen.pods[1:]),
        [f"deployment {TF}: pods that were read"],
    ),
    "no autoscaler": (
        lambda seen: replace(seen, autoscalers=seen.autoscalers[1:]),
        [f"autoscaler {TF}: autoscaling"],
    ),
    "pod not ready": (first_pod(ready_since=None), [f"pod {TF}-1: ready"]),
    "other container": (first_pod(containers=()), [f"pod {TF}-1: container"]),
    "other image": (image("127.0.0.1:5000/other@sha256:12"), [f"pod {TF}-1: image"]),
    "no limits": (
        without_limits,
        [f"pod {TF}-1: resources.cpuLimit (cores)", f"pod {TF}-1: resources.memoryLimit"],
    ),
    "an object that is gone": (
        lambda seen: replace(seen, objects=20, deviations=(Deviation(GONE, MISSING),)),
        ["stack demo: objects as deployed", f"stack demo: {GONE}"],
    ),
    "no probe": (probe(Unreadable("exec refused")), [f"pod {TF}-1: server"]),
    "no batching file": (without_batching_file, [f"pod {TF}-1: tensorflow"]),
}


@pytest.mark.parametrize(("change", "expected"), STATES.values(), ids=STATES.keys())
def test_a_state_that_is_not_as_intended_is_named(change: Change, expected: list[str]) -> None:
    assert wrong(verify(outputs(), SETTINGS, change(observation()))) == expected


def test_every_check_is_shown_to_fail_by_some_case() -> None:
    checked = {
        f"{block.subject.partition(' ')[0]} {each.what}"
        for block in verify(outputs(), SETTINGS, observation())
        for each in block.findings
    }
    failed = {
        f"{name.partition(' ')[0]} {name.partition(': ')[2]}"
        for _, expected in (*INTENTIONS.values(), *STATES.values())
        for name in expected
    }
    assert checked <= failed, "a check that cannot fail proves nothing"


def test_fixed_replicas_must_be_exactly_as_many() -> None:
    settings = replace(SETTINGS, autoscaling=None, replicas=2)
    seen = replace(observation(), autoscalers=())
    assert wrong(verify(outputs(), settings, seen)) == [
        "deployment tensorflow-serving: replicas",
        "deployment torchserve: replicas",
    ]


@pytest.mark.parametrize(
    ("reference", "running", "ok"),
    [
        ("reg/serving:abc", "sha256:77", True),
        ("reg/serving:abd", "sha256:77", False),
        ("reg/serving@sha256:12", "reg/serving@sha256:12", True),
        ("reg/serving@sha256:12", "reg/serving@sha256:13", False),
        ("other/serving@sha256:12", "other/serving@sha256:12", False),
        ("reg/serving", "reg/serving", False),
    ],
)
def test_an_image_is_the_intended_reference_or_its_repository_by_the_digest_that_runs(
    reference: str, running: str, ok: bool
) -> None:
    assert image_finding("reg/serving:abc", Container("c", reference, running, {}, "")).ok is ok


def test_every_worker_must_have_the_intended_threads_and_there_must_be_one() -> None:
    def found(*workers: Mapping[str, str]) -> tuple[str, bool]:
        processes = tuple(Process(2 + n, (torchserve.WORKER,), 1, each) for n, each in enumerate(workers))
        seen = replace(recorded.read("torchserve"), processes=processes)
        findings = {each.what: each for each in server_findings(SERVERS["torchserve"], seen, SETTINGS)}
        threads = findings["torchserve.threadsPerWorker"]
        return threads.found, threads.ok

    one, two = {"OMP_NUM_THREADS": "1"}, {"OMP_NUM_THREADS": "2"}
    assert found(one, one) == ("1", True)
    assert found(one, two) == ("1, 2", False)
    assert found(one, {}) == ("1, unset", False)
    assert found() == ("no worker", False)


def test_another_digest_than_the_intended_one_differs() -> None:
    found = Container("c", "reg/serving@sha256:12", "reg/serving@sha256:12", {}, "")
    assert image_finding("reg/serving@sha256:12", found).ok
    assert not image_finding("reg/serving@sha256:13", found).ok


def test_the_table_has_a_block_for_each_subject_and_ends_with_the_verdict() -> None:
    good = as_table(verify(outputs(), SETTINGS, observation()))
    assert good.count("\n\n") == 7
    assert "✗" not in good
    bad = as_table(verify(outputs(), torch(batch_size=2), observation()))
    assert "✗ pod torchserve-1" in bad
    assert bad.splitlines()[-1].startswith("✗ 1 of ")
    assert bad.endswith("pod torchserve-1: torchserve.batchSize")


def test_the_json_form_names_the_unreadable() -> None:
    blocks = verify(outputs(), SETTINGS, probe(Unreadable("exec refused"))(observation()))
    answer = json.loads(as_json("demo", blocks))
    assert (answer["stack"], answer["ok"]) == ("demo", False)
    pod = next(each for each in answer["subjects"] if each["subject"] == "pod tensorflow-serving-1")
    assert pod["findings"][-1] == {
        "what": "server",
        "expected": "readable",
        "found": "unreadable: exec refused",
        "ok": False,
    }


@pytest.mark.parametrize(("settings", "code"), [(SETTINGS, 0), (torch(batch_size=2), 1)])
def test_the_exit_code_tells_whether_all_is_effective(
    settings: Settings, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    there = Deployed(replace(outputs(), settings=as_keys(settings)), Silent())
    options = parser().parse_args(["verify", "demo"])
    assert command.run(options, lambda _: there, lambda _: observation()) == code
    verdict = findings.verdict(verify(outputs(), settings, observation()))
    assert capsys.readouterr().out.endswith(f"{verdict}\n")
