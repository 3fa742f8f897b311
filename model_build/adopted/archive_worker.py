"""Answer requests with an unpacked model archive's own handler, as a TorchServe worker would.

Run as a script in the unpacked archive's folder with that folder first on PYTHONPATH. Reads bodies in base64
by name, and their type; writes for each what the handler returned, or the error as text.
"""

import base64
import importlib
import inspect
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

Handle = Callable[[list[dict[str, object]], object], Any]


class Context:
    """What TorchServe tells a handler, as far as handlers use it: one archive, no GPU, no metrics."""

    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / "MAR-INF" / "MANIFEST.json").read_text())
        self.system_properties = {
            "model_dir": str(folder),
            "gpu_id": None,
            "batch_size": 1,
            "server_name": "",
        }
        self.model_yaml_config: dict[str, object] = {}
        self.metrics = SimpleNamespace(add_counter=_nothing, add_time=_nothing, add_size=_nothing)
        self.status = 200

    def get_request_header(self, idx: int, key: str) -> None:
        """No request came by HTTP."""

    def get_all_request_header(self, idx: int) -> Mapping[str, object]:  # noqa: ARG002  # TorchServe's signature
        """No request came by HTTP."""
        return {}

    def set_response_content_type(self, idx: int, value: str) -> None:
        """Nobody reads it here."""

    def set_response_status(self, code: int, phrase: str = "", idx: int = 0) -> None:  # noqa: ARG002  # as there
        """Remember it."""
        self.status = code


def main(questions: Path, replies: Path) -> None:
    """Answer every request by itself."""
    folder = Path.cwd()
    context = Context(folder)
    name = Path(context.manifest["model"]["handler"].partition(":")[0]).stem
    handle = handler(importlib.import_module(name), context)
    asked = json.loads(questions.read_text())
    found = {
        each: _answered(handle, context, _body(base64.b64decode(text), asked["type"]))
        for each, text in asked["bodies"].items()
    }
    replies.write_text(json.dumps(found))


def handler(module: ModuleType, context: Context) -> Handle:
    """Its function `handle`, or that of an instance of its one class with it."""
    if inspect.isfunction(getattr(module, "handle", None)):
        return module.handle  # type: ignore[no-any-return]
    kinds = (kind for _, kind in inspect.getmembers(module, inspect.isclass))
    own = (kind for kind in kinds if kind.__module__ == module.__name__ and hasattr(kind, "handle"))
    made: Any = next(own)()
    made.initialize(context)
    return made.handle  # type: ignore[no-any-return]


def _answered(handle: Handle, context: Context, body: object) -> object:
    context.status = 200
    try:
        (answer,) = handle([{"body": body}], context)
        json.dumps(answer)
    except Exception as error:  # whatever a handler raises is its answer
        return {"refused": f"{type(error).__name__}: {error}"}
    if context.status != 200:
        return {"refused": f"HTTP {context.status}: {answer}"}
    return {"answer": answer}


def _body(data: bytes, content_type: str) -> object:
    """As TorchServe's front end hands it over."""
    if content_type == "application/json":
        return json.loads(data)
    return data.decode() if content_type.startswith("text/") else bytearray(data)


def _nothing(*_: object) -> None: ...


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
