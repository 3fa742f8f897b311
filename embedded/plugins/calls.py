"""What the engine asks of a provider, and what it answers: the protocol's messages as plain typed values."""

import enum
from dataclasses import dataclass, field
from typing import Protocol

from embedded.plugins.errors import PluginError
from embedded.plugins.paths import Path
from embedded.plugins.values import Object


class Autonaming(enum.Enum):
    """What the user's autonaming configuration says about a resource without a name."""

    DEFAULT = "default"
    PROPOSED = "proposed"
    DISABLED = "disabled"


@dataclass(frozen=True)
class CheckCall:
    """Validate `news`; `olds` are the inputs of the last run, empty for a new or replaced resource."""

    urn: str
    type: str
    olds: Object
    news: Object
    seed: bytes = b""
    autonaming: Autonaming = Autonaming.DEFAULT
    proposed_name: str = ""


@dataclass(frozen=True)
class Failure:
    """An input that cannot be used, and why; an empty property means the resource as a whole."""

    property: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """The inputs as they will be recorded, with defaults filled in."""

    inputs: Object
    failures: tuple[Failure, ...] = ()


class Edit(enum.Enum):
    """How one property changed."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Change:
    """One changed property; `replace` says that only a new object can have it."""

    path: Path
    edit: Edit
    replace: bool = False


@dataclass(frozen=True)
class DiffCall:
    """Compare the recorded state `olds` with the inputs `news`."""

    identifier: str
    urn: str
    type: str
    olds: Object
    news: Object
    ignore_changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What an update would change."""

    changes: tuple[Change, ...] = ()
    delete_before_replace: bool = False


@dataclass(frozen=True)
class CreateCall:
    """Create the object described by `inputs`; `timeout` in seconds, 0 leaves it to the provider."""

    urn: str
    type: str
    inputs: Object
    timeout: float = 0
    preview: bool = False


@dataclass(frozen=True)
class Created:
    """The new object's identity (empty in a preview) and state."""

    identifier: str
    state: Object


@dataclass(frozen=True)
class ReadCall:
    """Read the object `identifier`; `state` and `inputs` are empty for an import."""

    identifier: str
    urn: str
    type: str
    state: Object = field(default_factory=dict)
    inputs: Object = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """The object as it is now; an empty identifier says that it is gone."""

    identifier: str
    state: Object
    inputs: Object


@dataclass(frozen=True)
class UpdateCall:
    """Change the object from the recorded state `olds` to the inputs `news`."""

    identifier: str
    urn: str
    type: str
    olds: Object
    news: Object
    timeout: float = 0
    preview: bool = False
    ignore_changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeleteCall:
    """Delete the object `identifier` of the recorded `state`."""

    identifier: str
    urn: str
    type: str
    state: Object
    timeout: float = 0


class InitError(PluginError):
    """The object exists but is not ready: the engine records it and updates it on the next run."""

    def __init__(
        self,
        identifier: str,
        message: str,
        reasons: tuple[str, ...],
        state: Object,
        inputs: Object | None = None,
    ) -> None:
        """Keep the object's `identifier` and `state`; `reasons` are listed under `message`."""
        super().__init__(message)
        self.identifier = identifier
        self.reasons = (message, *reasons)
        self.state = state
        self.inputs = inputs


class Provider(Protocol):
    """One provider plugin: `name` is Pulumi's, `serves` completes the sentence "it serves … only"."""

    name: str
    serves: str
    accepts_secrets: bool

    def check_config(self, news: Object) -> Checked: ...

    def diff_config(self, olds: Object, news: Object) -> Difference: ...

    def configure(self, config: Object) -> None: ...

    def check(self, call: CheckCall) -> Checked: ...

    def diff(self, call: DiffCall) -> Difference: ...

    def create(self, call: CreateCall) -> Created: ...

    def read(self, call: ReadCall) -> Reading: ...

    def update(self, call: UpdateCall) -> Object: ...

    def delete(self, call: DeleteCall) -> None: ...
