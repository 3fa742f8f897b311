import json

from embedded.cluster.kubernetes.api import Condition, parse_condition, parse_node, parse_sign_of_life


def body(*conditions: dict[str, str]) -> bytes:
    return json.dumps({"status": {"conditions": list(conditions)}}).encode()


def test_a_ready_node_is_ready() -> None:
    found = parse_node(body({"type": "DiskPressure", "status": "False"}, {"type": "Ready", "status": "True"}))
    assert found == Condition(True, "")


def test_an_unready_node_says_why() -> None:
    condition = {"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "cni is missing"}
    assert parse_node(body(condition)) == Condition(False, "KubeletNotReady: cni is missing")


def test_a_node_the_controllers_lost_is_not_ready() -> None:
    assert not parse_node(body({"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"})).ready


def test_an_object_without_conditions_is_not_there_yet() -> None:
    assert parse_condition(b"{}", "Available") == Condition(False, "no condition Available yet")


def test_the_kubelets_last_word_is_the_latest_of_its_times() -> None:
    early = {"type": "Ready", "status": "True", "lastHeartbeatTime": "1970-01-01T00:01:00Z"}
    late = {"type": "DiskPressure", "status": "False", "lastHeartbeatTime": "1970-01-01T00:02:00Z"}
    assert parse_sign_of_life(body(early, late)) == 120.0
    assert parse_sign_of_life(b'{"spec": {"renewTime": "1970-01-01T00:00:30.500000Z"}}') == 30.5
    assert parse_sign_of_life(b"{}") == 0.0
