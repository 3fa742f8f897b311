"""artifacts/manifest.json: what model_build hands to the rest of the product. Needs no ML library."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from model_build.in_archive import contract

FILE = "manifest.json"
MODEL_NAME = contract.MODEL_NAME


class ManifestError(Exception):
    """The manifest is missing, damaged, or describes other files than those beside it."""


@dataclass(frozen=True)
class Dataset:
    """`source`: "drawn faces" or the name of the user's folder; `digest`: of all photos' bytes and labels."""

    source: str
    digest: str
    train: int
    test: int


@dataclass(frozen=True)
class Input:
    """What one request may hold."""

    formats: tuple[str, ...] = (contract.JPEG, contract.PNG)
    encoding: str = "base64"
    max_bytes: int = contract.MAX_BYTES
    max_pixels: int = contract.MAX_PIXELS
    side: int = contract.THESIS.side
    channels: int = contract.THESIS.channels


@dataclass(frozen=True)
class FileDigest:
    """A file of an export: path relative to the manifest's folder, and its SHA-256."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Network:
    """A network that an export holds in several precisions, by one of its files.

    `agreement` is the share of the test split that gets the label of the most precise one.
    """

    precision: str
    path: str
    test_accuracy: float | None
    agreement: float | None


@dataclass(frozen=True)
class Export:
    """One server's model. `folder`: its image's build context; `digest` changes when a file in it does.

    `networks`: those to choose from, the most precise first; empty where there is one, in f32.

    Of an adopted model nobody here knows the accuracies. Its requests have one `content_type`, and Triton's
    configuration its `tensors`.
    """

    folder: str
    digest: str
    train_accuracy: float | None
    test_accuracy: float | None
    files: tuple[FileDigest, ...]
    networks: tuple[Network, ...] = ()
    content_type: str = ""
    tensors: str = ""


@dataclass(frozen=True)
class Library:
    """A library that shaped the model."""

    name: str
    version: str


@dataclass(frozen=True)
class Manifest:
    """The whole file. An adopted model has no classes, input or dataset, and not every server's export."""

    name: str
    version: int
    seed: int
    classes: tuple[str, ...]
    input: Input | None
    dataset: Dataset | None
    tensorflow: Export | None
    torchserve: Export | None
    triton: Export | None
    libraries: tuple[Library, ...]

    @property
    def exports(self) -> dict[str, Export]:
        """Those that there are, by the names of their servers."""
        found = {name: getattr(self, name) for name in ("tensorflow", "torchserve", "triton")}
        return {name: export for name, export in found.items() if export}


def load(path: Path) -> Manifest:
    """Read manifest.json. Raises ManifestError with the fix when it is missing or not ours."""
    try:
        fields = json.loads(path.read_text())
        return Manifest(
            name=fields["name"],
            version=fields["version"],
            seed=fields["seed"],
            classes=tuple(fields["classes"]),
            input=_input(fields["input"]),
            dataset=Dataset(**fields["dataset"]) if fields["dataset"] else None,
            tensorflow=_export(fields["tensorflow"]),
            torchserve=_export(fields["torchserve"]),
            triton=_export(fields["triton"]),
            libraries=tuple(Library(**library) for library in fields["libraries"]),
        )
    except FileNotFoundError as error:
        raise ManifestError(f"{path}: no such file; run `python -m model_build`") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestError(
            f"{path}: not a manifest ({error}); run `python -m model_build --force`"
        ) from error


def save(manifest: Manifest, path: Path) -> None:
    """Write manifest.json; the same manifest gives the same bytes."""
    path.write_text(json.dumps(asdict(manifest), indent=2) + "\n")


def describe_export(
    root: Path,
    folder: str,
    train_accuracy: float | None,
    test_accuracy: float | None,
    networks: tuple[Network, ...] = (),
) -> Export:
    """Digest every file of `root`/`folder`."""
    paths = sorted(path for path in (root / folder).rglob("*") if path.is_file())
    files = tuple(FileDigest(str(path.relative_to(root)), _sha256(path)) for path in paths)
    return Export(folder, _digest(files), train_accuracy, test_accuracy, files, networks)


def damaged_files(manifest: Manifest, root: Path) -> list[str]:
    """Paths of exported files that are missing from `root` or differ from the manifest."""
    files = [file for export in manifest.exports.values() for file in export.files]
    return [
        file.path
        for file in files
        if not (root / file.path).is_file() or _sha256(root / file.path) != file.sha256
    ]


def _input(fields: dict[str, Any] | None) -> Input | None:
    return Input(**fields | {"formats": tuple(fields["formats"])}) if fields else None


def _export(fields: dict[str, object] | None) -> Export | None:
    if fields is None:
        return None
    files, networks = fields["files"], fields["networks"]
    if not isinstance(files, list) or not isinstance(networks, list):
        raise ValueError("files or networks is not a list")
    lists = {
        "files": tuple(FileDigest(**file) for file in files),
        "networks": tuple(Network(**network) for network in networks),
    }
    return Export(**fields | lists)  # type: ignore[arg-type]


def _digest(files: tuple[FileDigest, ...]) -> str:
    lines = "".join(f"{file.sha256}  {file.path}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
