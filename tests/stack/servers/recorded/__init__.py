"""Looks into serving containers, as they were recorded."""

from pathlib import Path

from stack.servers import reading
from stack.servers.reading import Reading


def text(name: str) -> str:
    """A look, unread."""
    return (Path(__file__).parent / f"{name}.txt").read_text()


def read(name: str) -> Reading:
    """A look, read."""
    return reading.parse(text(name))
