"""What a stack sets of serving, from the settings that a summary keeps (which leave out all defaults)."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from stack.schema import camel
from stack.settings import Autoscaling, Batching, Settings

SHARED = ("replicas", "autoscaling", "resources", "service", "availability")  # beside the server's own keys


def stated(raw: Mapping[str, object], read: Settings, server: str) -> dict[str, object]:
    """The keys of serving and of one server.

    Groups that are off unless set are spelled out: one that is on with its defaults is kept empty.
    `read` are the same settings as `stack.settings.read` returns them.
    """
    own = {key: raw[key] for key in (*SHARED, server) if key in raw}
    if read.autoscaling:
        own["autoscaling"] = _spelled_out(read.autoscaling, own.get("autoscaling"))
    if server == "tensorflow" and read.tensorflow.batching:
        kept = _group(own.get("tensorflow"))
        own["tensorflow"] = {**kept, "batching": _spelled_out(read.tensorflow.batching, kept.get("batching"))}
    return own


def _spelled_out(group: Autoscaling | Batching, kept: object) -> dict[str, object]:
    values = {camel(f.name): getattr(group, f.name) for f in fields(group)}
    return {key: value for key, value in values.items() if not is_dataclass(value)} | _group(kept)


def _group(kept: object) -> dict[str, object]:
    return dict(kept) if isinstance(kept, Mapping) else {}


def leaves(group: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    """Settings that are no groups, by their path."""
    for key, value in group.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key, str(value).lower() if isinstance(value, bool) else str(value)
