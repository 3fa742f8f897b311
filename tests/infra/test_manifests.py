"""Whatever settings are accepted, the objects of the stack are valid Kubernetes objects."""

from dataclasses import replace

import kubernetes_validate  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from infra import program as stack
from stack.settings import Settings
from tests.infra import example
from tests.stack import strategies

KUBERNETES = "1.37"


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.settings(), st.booleans())
def test_accepted_settings_render_valid_objects(accepted: Settings, with_platform: bool) -> None:
    platform = replace(accepted.platform, enabled=with_platform)
    objects = stack.render(example.inputs(replace(accepted, platform=platform)))
    for item in objects:
        kubernetes_validate.validate(item, KUBERNETES, strict=True)
    named = [(item["kind"], str(item["metadata"])) for item in objects]
    assert len(set(named)) == len(named) > 0
