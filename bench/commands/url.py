"""The options of `bench run --url`: a service that this project did not deploy, and what it is sent."""

import argparse
import mimetypes
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from base import files
from bench.commands.numbers import Number
from bench.errors import OptionError
from bench.records.ranges import Range
from bench.subject import foreign
from bench.subject.foreign import Service
from bench.subject.payloads import Photo
from bench.subject.target import Target
from stack.settings import Slo

MILLIS = Range(1, 60_000, "ms", whole=True)
MOST_BODY = 64 * 2**20
BYTES = "application/octet-stream"
USUAL = Slo()
OF_STACKS = ("server", "rollouts", "through_port_forward", "generators")  # options that say nothing of a URL
OF_URLS = ("body", "header", "p95", "p99")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What replaces a stack on the command line."""
    group = command.add_argument_group("a service that this project did not deploy")
    group.add_argument("--url", help="POST to it instead; loopback or a private address")
    group.add_argument(
        "--body", type=Path, action="append", default=[], help="file to send, or folder of them; repeatable"
    )
    group.add_argument(
        "--header",
        action="append",
        default=[],
        help="'NAME: VALUE'; repeatable; default: Content-Type by the file's extension",
    )
    group.add_argument(
        "--p95", type=Number("--p95", MILLIS), help=f"objective, ms; default: {USUAL.p95_millis}"
    )
    group.add_argument(
        "--p99", type=Number("--p99", MILLIS), help=f"objective, ms; default: {USUAL.p99_millis}"
    )


def require_one(options: argparse.Namespace) -> None:
    """A stack or a URL, and the options of that one only. Raises OptionError."""
    if bool(options.stack) == bool(options.url):
        got = "both" if options.url else "neither"
        raise OptionError(f"expected a stack or --url URL, got {got}; see python -m bench run --help")
    for name in OF_STACKS if options.url else OF_URLS:
        if getattr(options, name):
            word, what = name.replace("_", "-"), "a stack" if options.url else "--url"
            raise OptionError(f"--{word}: only for {what}; leave it out")


def aimed(options: argparse.Namespace) -> Target:
    """The service, once it has answered each body. Raises OptionError, LoadError, RefusedError."""
    bodies = tuple(_bodies(options.body))
    headers = _headers(options.header)
    if not any(name.lower() == "content-type" for name in headers):
        headers = {"Content-Type": _content_type({body.kind for body in bodies}), **headers}
    return foreign.aim(Service(options.url, bodies, headers, _objective(options.p95, options.p99)))


def _objective(p95: int | None, p99: int | None) -> Mapping[str, object]:
    """By the keys of a stack's `slo`. Raises OptionError for a p99 below the p95."""
    high = USUAL.p95_millis if p95 is None else p95
    highest = max(USUAL.p99_millis, high) if p99 is None else p99
    if highest < high:
        raise OptionError(f"--p99: expected --p95 ({high}) or more, got {highest}; raise it, or lower --p95")
    return {"p95Millis": high, "p99Millis": highest}


def _bodies(paths: Sequence[Path]) -> Iterator[Photo]:
    """The files, those of a folder in order. Raises OptionError."""
    found = [each for path in paths for each in (sorted(path.iterdir()) if path.is_dir() else [path])]
    if not found:
        raise OptionError(
            f"--body: expected a file to send, got {files.shown(paths[0]) if paths else 'none'}"
        )
    for path in found:
        try:
            content = files.read(path, MOST_BODY)
        except files.UnfitFileError as error:
            raise OptionError(f"--body: expected a file to send, got {files.shown(path)}: {error}") from error
        yield Photo(files.shown(path), mimetypes.guess_type(path.name)[0] or BYTES, content)


def _headers(given: Sequence[str]) -> Mapping[str, str]:
    """Raises OptionError for what is no header."""
    found = {}
    for text in given:
        name, colon, value = text.partition(":")
        if not colon or not name.strip().replace("-", "").isalnum() or not text.isprintable():
            raise OptionError(f"--header: expected 'NAME: VALUE', got {text!r}")
        found[name.strip()] = value.strip()
    return found


def _content_type(types: Collection[str]) -> str:
    """The one type of all bodies, as a load has the same headers throughout. Raises OptionError."""
    if len(types) > 1:
        raise OptionError(
            f"--body: expected files of one type, got {', '.join(sorted(types))}; "
            "give --header 'Content-Type: …', or load them one after another"
        )
    (only,) = types
    return only
