"""Data sources and dashboards from Grafana's provisioning files.

https://grafana.com/docs/grafana/latest/administration/provisioning/
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar, cast
from urllib.parse import quote

import yaml

from embedded.standins.grafana.errors import ViewerError


@dataclass(frozen=True)
class DataSource:
    """A Prometheus that the viewer asks on behalf of a page. `time_interval` is its scrape interval."""

    uid: str
    name: str
    url: str
    default: bool
    time_interval: str


@dataclass(frozen=True)
class Dashboard:
    """A provisioned dashboard; `model` is its JSON as in the file."""

    uid: str
    title: str
    tags: tuple[str, ...]
    folder: str
    model: Mapping[str, object]

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/d/{quote(self.uid, safe='')}/{self.slug}"


@dataclass(frozen=True)
class Provisioned:
    """All that the files name, by uid, in the files' order."""

    data_sources: Mapping[str, DataSource]
    dashboards: Mapping[str, Dashboard]


def load(folder: Path) -> Provisioned:
    """What the folder's `datasources/*.yaml` and `dashboards/*.yaml` name; ViewerError for a broken file."""
    sources = tuple(
        _data_source(entry, file)
        for file in _yaml_files(folder / "datasources")
        for entry in _entries(file, "datasources")
    )
    boards = tuple(
        dashboard
        for file in _yaml_files(folder / "dashboards")
        for entry in _entries(file, "providers")
        for dashboard in _provider(entry, file)
    )
    return Provisioned(
        by_uid(sources, "data source"),
        by_uid(boards, "dashboard"),
    )


class _HasUid(Protocol):
    @property
    def uid(self) -> str: ...


_Thing = TypeVar("_Thing", bound=_HasUid)


def by_uid(things: Iterable[_Thing], what: str) -> dict[str, _Thing]:
    """The things by uid; ViewerError if two share one."""
    found: dict[str, _Thing] = {}
    for thing in things:
        if thing.uid in found:
            raise ViewerError(f"{what} uid: expected a uid of its own, got {thing.uid!r} twice; rename one")
        found[thing.uid] = thing
    return found


def _yaml_files(folder: Path) -> list[Path]:
    return sorted((*folder.glob("*.yaml"), *folder.glob("*.yml")))


def _entries(file: Path, key: str) -> list[dict[str, object]]:
    try:
        content = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ViewerError(f"{file}: expected YAML, got {error}; mend the file") from error
    entries = content.get(key, []) if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ViewerError(f"{file}: expected a list {key!r} of mappings, got something else; mend the file")
    return entries


def _data_source(entry: Mapping[str, object], file: Path) -> DataSource:
    kind, name = entry.get("type"), str(entry.get("name", ""))
    if kind != "prometheus":
        raise ViewerError(
            f"{file}: expected a data source of type prometheus, got {kind!r}; the viewer has no other"
        )
    url = str(entry.get("url", ""))
    if not re.match(r"https?://[^/]", url):
        raise ViewerError(f"{file}: url: expected http://HOST:PORT, got {url!r}; name Prometheus' Service")
    extra = cast("Mapping[str, object]", entry.get("jsonData") or {})
    return DataSource(
        uid=str(entry.get("uid") or name),
        name=name,
        url=url.rstrip("/"),
        default=entry.get("isDefault") is True,
        time_interval=str(extra.get("timeInterval") or "15s"),
    )


def _provider(entry: Mapping[str, object], file: Path) -> Iterator[Dashboard]:
    options = cast("Mapping[str, object]", entry.get("options") or {})
    folder = Path(str(options.get("path", "")))
    if entry.get("type", "file") != "file" or not folder.is_dir():
        raise ViewerError(f"{file}: options.path: expected a folder of dashboards, got {folder}; mount it")
    for path in sorted(folder.rglob("*.json")):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):  # a ConfigMap's ..data
            yield dashboard(path, str(entry.get("folder", "")))


def dashboard(path: Path, folder: str) -> Dashboard:
    """A dashboard's file; ViewerError unless it is a JSON object with a title."""
    try:
        model = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ViewerError(f"{path}: expected JSON, got {error}; mend the file") from error
    if not isinstance(model, dict) or not model.get("title"):
        raise ViewerError(f"{path}: title: expected a dashboard with a title, got none; mend the file")
    uid, tags = str(model.get("uid") or path.stem), model.get("tags") or []
    return Dashboard(uid, str(model["title"]), tuple(map(str, tags)), folder, {**model, "uid": uid})
