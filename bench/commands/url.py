"""The options of `bench run --url`: a service that this project did not deploy, and what it is sent."""

import argparse
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from base import files
from bench.commands.numbers import Number
from bench.errors import OptionError
from bench.records.ranges import Range
from bench.subject import foreign
from bench.subject.foreign import Service
from bench.subject.payloads import Photo
from bench.subject.target import Target

MILLIS = Range(1, 60_000, "ms", whole=True)
MOST_BODY = 64 * 2**20
BYTES = "application/octet-stream"
OF_STACKS = ("server", "rollouts", "through_port_forward")  # options that say nothing of a URL
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
    group.add_argument("--p95", type=Number("--p95", MILLIS), help="objective, ms; default: 50")
    group.add_argument("--p99", type=Number("--p99", MILLIS), help="objective, ms; default: 100")


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
        headers = {"Content-Type": foreign.content_type([body.kind for body in bodies]), **headers}
    slo = {"p95Millis": options.p95 or 50, "p99Millis": options.p99 or max(100, options.p95 or 0)}
    return foreign.aim(Service(options.url, bodies, headers, slo))


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
