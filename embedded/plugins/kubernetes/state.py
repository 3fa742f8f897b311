"""What Pulumi's state records of an object, in upstream's form, so that either plugin can read the other's.

The live object, and beside its members `__inputs`, `__initialApiVersion` and `__fieldManager`.
"""

import hashlib
import secrets
from dataclasses import dataclass

from embedded.plugins.kubernetes.kinds import annotation
from embedded.plugins.kubernetes.normalise import annotated
from embedded.plugins.values import Object, as_object, as_text, reveal_object

INPUTS = "__inputs"
API_VERSION = "__initialApiVersion"
FIELD_MANAGER = "__fieldManager"
FIELD_MANAGER_ANNOTATION = "pulumi.com/patchFieldManager"


@dataclass(frozen=True)
class State:
    """A recorded object, its secrets revealed."""

    inputs: Object
    live: Object
    api_version: str
    field_manager: str


def read(recorded: Object) -> State:
    """The parts of a recorded state; empty where it is."""
    plain = reveal_object(recorded)
    own = (INPUTS, API_VERSION, FIELD_MANAGER)
    return State(
        inputs=as_object(plain.get(INPUTS)),
        live={key: item for key, item in plain.items() if key not in own},
        api_version=as_text(plain.get(API_VERSION)),
        field_manager=as_text(plain.get(FIELD_MANAGER)),
    )


def record(inputs: Object, live: Object, like: Object, api_version: str, field_manager: str) -> Object:
    """The state to record; `like` holds the inputs as the engine sent them, which says what is secret."""
    return {
        **annotated(live, like),
        INPUTS: annotated(inputs, like),
        API_VERSION: api_version,
        FIELD_MANAGER: field_manager,
    }


def field_manager(inputs: Object, recorded: str = "") -> str:
    """The name under which we apply this object: the user's, the recorded one, or a new one."""
    chosen = annotation(inputs, FIELD_MANAGER_ANNOTATION) or recorded
    return chosen or f"pulumi-kubernetes-{secrets.token_hex(4)}"


def autoname(proposed: str, seed: bytes) -> str:
    """`proposed` and eight hexadecimal digits, drawn from the engine's `seed` where it gives one."""
    digits = hashlib.sha256(seed + proposed.encode()).hexdigest()[:8] if seed else secrets.token_hex(4)
    return f"{proposed}-{digits}"
