"""The SDK's generated protocol stubs, loaded without the SDK around them.

`import pulumi` costs half a second that a plugin, started twice for each `pulumi up`, does not need: it uses
the stubs under `pulumi/runtime/proto` only. Registering the two parent packages as bare folders skips their
`__init__`.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def import_stubs_only() -> None:
    """Make `pulumi.runtime.proto` importable by itself; does nothing where the SDK is loaded."""
    if "pulumi" in sys.modules:
        return
    spec = importlib.util.find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the Python package `pulumi` is missing; install this project's requirements")
    folder = Path(spec.submodule_search_locations[0])
    for name, path in (("pulumi", folder), ("pulumi.runtime", folder / "runtime")):
        package = ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package
