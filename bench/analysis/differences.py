"""What a stack sets of serving, from the settings that a summary keeps (which leave out all defaults)."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from stack.schema import camel
from stack.servers import SERVERS
from stack.settings import Settings

SHARED = ("replicas", "autoscaling", "resources", "service", "availability")  # beside the server's own keys


def stated(raw: Mapping[str, object], read: Settings, server: str) -> dict[str, object]:
    """The keys of serving and of one server.

    Groups that are off unless set are spelled out: one that is on with its defaults is kept empty.
    `read` are the same settings as `stack.settings.read` returns them.
    """
    own = {key: raw[key] for key in (*SHARED, server) if key in raw}
    if read.horizontal:
        own["autoscaling"] = _spelled_out(read.horizontal, own.get("autoscaling"))
    if server not in SERVERS:
        return own
    section, kept = read.of(SERVERS[server]), _group(own.get(server))
    switched = {camel(f.name): getattr(section, f.name) for f in fields(section) if f.default is None}
    groups = {key: group for key, group in switched.items() if is_dataclass(group)}
    if groups:
        own[server] = kept | {key: _spelled_out(group, kept.get(key)) for key, group in groups.items()}
    return own


def _spelled_out(group: Any, kept: object) -> dict[str, object]:
    values = {camel(f.name): getattr(group, f.name) for f in fields(group)}
    told = {key: value for key, value in values.items() if value is not None and not is_dataclass(value)}
    return told | _group(kept)


def _group(kept: object) -> dict[str, object]:
    return dict(kept) if isinstance(kept, Mapping) else {}


def leaves(group: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    """Settings that are no groups, by their path."""
    for key, value in group.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key, str(value).lower() if isinstance(value, bool) else str(value)
