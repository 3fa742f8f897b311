"""At which moments a command is cut off. These tests need no cluster."""

import json

from tests.campaign.moments import BEGINS, ENDS, PLAN, START, Event, Moment, moments, read, spread

SERVICE = "urn:pulumi:a::p::x:Part$kubernetes:core/v1:Service::emotion-a/torchserve"
ACCOUNT = "urn:pulumi:a::p::x:Part$kubernetes:core/v1:ServiceAccount::emotion-a/torchserve"


def line(kind: str, action: str = "create", urn: str = SERVICE) -> str:
    return json.dumps({"sequence": 1, kind: {"metadata": {"op": action, "urn": urn}}})


def test_what_begins_and_ends_an_operation_is_an_event() -> None:
    assert str(read(line(BEGINS))) == "begins to create Service emotion-a/torchserve"
    assert str(read(line(ENDS, "delete"))) == "has done: delete Service emotion-a/torchserve"
    assert read(json.dumps({PLAN: {"config": {}}})) == Event(PLAN)


def test_what_changes_nothing_is_none() -> None:
    assert read(line(BEGINS, "same")) is None
    assert read(json.dumps({"diagnosticEvent": {}})) is None
    assert read("Updating (a):") is None


def test_every_event_is_a_moment_and_what_is_waited_for_has_more() -> None:
    events = [read(line(BEGINS)), read(line(BEGINS, urn=ACCOUNT)), read(line(ENDS))]
    found = moments(event for event in events if event)
    assert [(each.event.kind, each.later) for each in found] == [
        (START, 0.0),
        (BEGINS, 0.0),
        (BEGINS, 0.3),
        (BEGINS, 1.5),
        (BEGINS, 4.0),
        (BEGINS, 0.0),
        (ENDS, 0.0),
    ]


def test_few_of_many_moments_are_spread_over_all_and_many_of_few_come_again() -> None:
    found = [Moment(Event(START), float(number)) for number in range(10)]
    assert [each.later for each in spread(found, 3)] == [0, 3, 6]
    assert [each.later for each in spread(found[:2], 5)] == [0, 1, 0, 1, 0]
