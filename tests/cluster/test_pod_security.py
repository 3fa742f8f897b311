"""Pod Security "restricted" is enforced wherever our pods run: the API server refuses what is not."""

import json
import subprocess
from pathlib import Path

import pytest

from stack.outputs import StackOutputs
from tests.cluster.conftest import run

pytestmark = pytest.mark.cluster
ENFORCED = "pod-security.kubernetes.io/enforce"
PRIVILEGED = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "bad"},
    "spec": {"containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}]},
}


def test_every_namespace_of_ours_refuses_a_privileged_pod(outputs: StackOutputs, tmp_path: Path) -> None:
    place = ("kubectl", "--context", outputs.context)
    ours = "app.kubernetes.io/part-of=emotion-serving"
    listed = json.loads(run(*place, "get", "namespaces", "-l", ours, "-o", "json"))["items"]
    enforced = {each["metadata"]["name"]: each["metadata"]["labels"].get(ENFORCED) for each in listed}
    assert set(enforced) >= {outputs.namespace, outputs.monitoring.namespace, "emotion-metrics-server"}
    assert set(enforced.values()) == {"restricted"}
    file = tmp_path / "pod.json"
    file.write_text(json.dumps(PRIVILEGED))
    for namespace in enforced:
        command = (*place, "-n", namespace, "create", "--dry-run=server", "-f", str(file))
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        assert answer.returncode != 0
        assert 'violates PodSecurity "restricted' in answer.stderr
