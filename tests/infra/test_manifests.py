"""Whatever settings are accepted, the objects of the stack are valid Kubernetes objects."""

from dataclasses import replace
from functools import cache

import jsonschema  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from referencing import Registry, Resource

from infra import program as stack
from stack.kube import KubeObject
from stack.recorded import part
from stack.settings import Gateway, ServiceSettings, Settings
from tests.infra import example
from tests.rules.tools import KUBERNETES, SCHEMAS, schema_name, schema_of
from tests.stack.settings import strategies

NEWEST = SCHEMAS / f"v{KUBERNETES[-1]}.0-local-strict"


@cache
def schema(name: str) -> KubeObject:
    return schema_of(NEWEST, name)


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    """Checks one kind; it refuses fields that are not in the schema."""
    known = [schema(each) for each in ("_definitions", name)]
    named = [Resource.from_contents(each) for each in known if "$id" in each]
    registry: Registry[object] = named @ Registry()
    return jsonschema.Draft202012Validator(schema(name), registry=registry)


@effort(max_examples=60)
@given(strategies.settings(), st.booleans())
def test_accepted_settings_render_valid_objects(accepted: Settings, with_platform: bool) -> None:
    platform = replace(accepted.platform, enabled=with_platform)
    objects = stack.render(example.inputs(replace(accepted, platform=platform)))
    for item in (each for each in objects if each["kind"] != "CustomResourceDefinition"):
        validator(schema_name(item)).validate(item)
    named = [(item["kind"], str(item["metadata"])) for item in objects]
    assert len(set(named)) == len(named) > 0


def test_a_field_that_a_route_does_not_have_is_refused() -> None:
    wanted = Settings(service=ServiceSettings(gateway=Gateway()))
    (route, *_) = (each for each in stack.render(example.inputs(wanted)) if each["kind"] == "HTTPRoute")
    check = validator(schema_name(route))
    assert check.is_valid(route)
    assert not check.is_valid({**route, "spec": {**part(route, "spec"), "hostname": "a.example.com"}})
