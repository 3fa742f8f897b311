"""Stacks as text for review: one whole, or as what differs from another."""

import re
from collections.abc import Mapping
from difflib import unified_diff
from itertools import groupby
from typing import cast

import yaml

from stack.kube import KubeObject
from tests.rules.reading import Stack, name_of, namespace_of

LONGEST_FILE = 4000  # characters; longer ones have golden files of their own
CONTENT = re.compile(r"-[0-9a-f]{10}$")  # what names a ConfigMap by its content
Key = tuple[str, str, str]  # namespace, kind, name


class Readable(yaml.SafeDumper):
    """Writes equal parts out again, and files line by line."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Readable.add_representer(str, _text)


def whole(stack: Stack) -> str:
    """Every object of the stack as YAML."""
    return "---\n".join(_shown(item) for item in stack.objects)


def differences(stack: Stack, base: Stack) -> str:
    """What is new whole, what differs as its changed lines, what the base alone has by name.

    The stacks' own names make no difference, nor does the content in a ConfigMap's name by itself.
    """
    ours, theirs = _by_key(stack), _by_key(base)
    changed = [
        f"=== {'/'.join(key)}\n{_changed(theirs.get(key, ''), text)}"
        for key, text in ours.items()
        if text != theirs.get(key)
    ]
    return "".join((*_missing(sorted(theirs.keys() - ours.keys())), *changed))


def _changed(before: str, after: str) -> str:
    lines = unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    kept = (line for line in lines if not line.startswith(("--- ", "+++ ")))
    return "".join(f"{'@@' if line.startswith('@@ ') else line}\n" for line in kept)


def _missing(keys: list[Key]) -> list[str]:
    """A line for each namespace."""
    return [
        f"without {namespace}: {', '.join('/'.join(key[1:]) for key in group)}\n"
        for namespace, group in groupby(keys, key=lambda key: key[0])
    ]


def _by_key(stack: Stack) -> Mapping[Key, str]:
    return {_key(item, stack.name): _neutral(_shown(item), stack.name) for item in stack.objects}


def _key(item: KubeObject, stack: str) -> Key:
    place = _neutral(namespace_of(item) or "cluster", stack)
    return place, str(item["kind"]), CONTENT.sub("", _neutral(name_of(item), stack))


def _neutral(text: str, stack: str) -> str:
    """The text with the stack's own name left open."""
    open_ = re.sub(rf"\bemotion-{stack}(?![-\w])", "emotion-STACK", text)
    return re.sub(rf"(app.kubernetes.io/instance: ){stack}$", r"\1STACK", open_, flags=re.MULTILINE)


def _shown(item: KubeObject) -> str:
    """The object as YAML, long files of a ConfigMap and definitions of kinds named by their length."""
    if item["kind"] == "CustomResourceDefinition":
        item = item | {"spec": f"({len(str(item['spec']))} characters)"}
    data = cast("dict[str, str]", item.get("data") or {})
    long = {name: f"({len(text)} characters)" for name, text in data.items() if len(text) > LONGEST_FILE}
    return yaml.dump(
        item | {"data": data | long} if long else item, Dumper=Readable, sort_keys=False, width=110
    )
