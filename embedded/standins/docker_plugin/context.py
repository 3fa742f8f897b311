"""What a build reads, as one digest: the Dockerfile, then every file of the context that is not ignored."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

DOCKERFILE = "Dockerfile"
IGNORE_FILE = ".dockerignore"
CHUNK = 1 << 20


@dataclass(frozen=True)
class Rule:
    """One line of an ignore file; an exception (`!`) takes matching files back in."""

    pattern: re.Pattern[str]
    exception: bool


def ignore_rules(text: str) -> tuple[Rule, ...]:
    """Parse an ignore file: comments, `!`, `*`, `?`, `[…]` and `**`, as Docker does."""
    rules = []
    for line in text.removeprefix("\ufeff").splitlines():
        stated = "" if line.startswith("#") else line.strip()
        exception = stated.startswith("!")
        pattern = stated.removeprefix("!").strip()
        if pattern:
            clean = str(PurePosixPath(os.path.normpath(pattern))).lstrip("/")
            rules.append(Rule(re.compile(_expression(clean)), exception))
    return tuple(rules)


def _expression(pattern: str) -> str:
    """A regular expression for one pattern (moby/patternmatcher), matching a path or one of its parents."""
    expression, position = "", 0
    while position < len(pattern):
        if pattern.startswith("**", position):
            position += 2
            slash = pattern.startswith("/", position)
            position += slash
            expression += "(?:.*/)?" if slash else ".*"
            continue
        character = pattern[position]
        end = pattern.find("]", position + 2)
        if character == "[" and end > 0:
            expression += pattern[position : end + 1]
            position = end
        elif character == "\\" and position + 1 < len(pattern):
            position += 1
            expression += re.escape(pattern[position])
        else:
            expression += {"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character))
        position += 1
    return f"{expression}(?:/.*)?"


def ignored(rules: tuple[Rule, ...], path: str) -> bool:
    """Whether the last rule that matches `path` excludes it."""
    result = False
    for rule in rules:
        if rule.exception == result and rule.pattern.fullmatch(path):
            result = not rule.exception
    return result


def digest(context: Path, dockerfile: Path) -> str:
    """SHA-256, in hexadecimal, over names, modes and contents; raises OSError where a file cannot be read."""
    own = context / f"{dockerfile.name}{IGNORE_FILE}"
    ignore_file = own if own.is_file() else context / IGNORE_FILE
    rules = ignore_rules(ignore_file.read_text()) if ignore_file.is_file() else ()
    total = hashlib.sha256()
    total.update(_entry(dockerfile, DOCKERFILE, _mode_text(0)))
    for path in _files(context):
        name = path.relative_to(context).as_posix()
        if not ignored(rules, name):
            total.update(_entry(path, name, _mode_text(path.lstat().st_mode)))
    return total.hexdigest()


def _entry(path: Path, name: str, mode: str) -> bytes:
    return f"{name}{mode}".encode() + _content(path) + b"\0"


def _content(path: Path) -> bytes:
    """The hash of a file's bytes; a link counts by where it leads, whatever lies there."""
    hashed = hashlib.sha256()
    if path.is_symlink():
        target = path.parent / path.readlink()
        hashed.update(os.path.normpath(target).encode())
    elif path.is_file():
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                hashed.update(chunk)
    return hashed.digest()


def _files(folder: Path) -> Iterator[Path]:
    """Everything below `folder` that is not a folder, in the order of names at each level."""
    for path in sorted(folder.iterdir(), key=lambda item: item.name):
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        else:
            yield path


def _mode_text(mode: int) -> str:
    """A file mode as Go prints it: `-rw-r--r--`, `Lrwxrwxrwx`, and for an unknown mode ten dashes."""
    permissions = stat.filemode(stat.S_IMODE(mode) & 0o777)[1:]
    return ("L" if stat.S_ISLNK(mode) else "-") + permissions
