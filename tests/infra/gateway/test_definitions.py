"""The kinds of a gateway are upstream's."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import cast

import pytest

from base.children import tied_command
from infra.gateway import definitions
from stack.kube import GATEWAY_KINDS, KubeObject
from stack.recorded import part


def stored_version(definition: KubeObject) -> object:
    annotations = part(definition, "metadata", "annotations")
    return annotations["gateway.networking.k8s.io/bundle-version"]


def test_what_is_stored_is_of_the_version_that_it_says() -> None:
    assert {stored_version(each) for each in definitions.stored()} == {definitions.VERSION}
    names = [part(each, "spec", "names")["plural"] for each in definitions.stored()]
    assert names == list(definitions.GATEWAY_API)


def test_what_is_stored_is_upstreams_but_for_descriptions() -> None:
    module = f"{definitions.MODULE}@{definitions.VERSION}"
    if not (go := shutil.which("go")):
        pytest.skip("go is not on PATH; it holds the stored kinds against upstream's module")
    asked = tied_command([go, "mod", "download", "-json", module])
    offline = {**os.environ, "GOPROXY": "off"}  # what Go has not downloaded before is skipped
    told = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60, env=offline)
    if told.returncode:
        pytest.skip(f"{module} is not in Go's cache: go mod download {module}")
    folder = Path(json.loads(told.stdout)["Dir"]) / "config" / "crd" / "standard"
    assert definitions.from_module(folder) == definitions.stored()
    assert definitions.packed(definitions.stored()) == definitions.STORED.read_bytes()


def test_descriptions_go_and_properties_of_that_name_stay() -> None:
    schema = {"description": "x", "properties": {"description": {"type": "string", "description": "y"}}}
    assert definitions.undescribed(schema) == {"properties": {"description": {"type": "string"}}}


def test_every_kind_that_a_stack_uses_is_defined() -> None:
    made = definitions.objects("traefik", "minikube", gateway_api=True)
    defined = {
        (f"{part(each, 'spec')['group']}/{version['name']}", str(part(each, "spec", "names")["kind"]))
        for each in made
        for version in cast("list[KubeObject]", part(each, "spec")["versions"])
    }
    assert set(GATEWAY_KINDS) <= defined
