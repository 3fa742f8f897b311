"""Kubernetes' own events of a server since a moment."""

from datetime import UTC, datetime

from bench.collect.following import kubernetes_events

SINCE = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


def event(name: str, when: str | None, reason: str = "Killing") -> dict[str, object]:
    return {
        "involvedObject": {"name": name},
        "lastTimestamp": when,
        "eventTime": None,
        "reason": reason,
        "message": "Stopping container",
    }


def test_events_of_the_server_since_then_are_told() -> None:
    listed = [
        event("torchserve-abc", "2026-11-24T12:00:30Z"),
        event("torchserve-abc", "2026-11-24T11:59:30Z"),
        event("tensorflow-serving-abc", "2026-11-24T12:00:30Z"),
        event("torchserve-def", None),
        event("keda-hpa-torchserve", "2026-11-24T12:01:00Z", "SuccessfulRescale"),
    ]
    found = kubernetes_events(listed, SINCE, "torchserve")
    assert [(each.seconds - SINCE.timestamp(), each.what) for each in found] == [
        (30.0, "event Killing"),
        (60.0, "event SuccessfulRescale"),
    ]
