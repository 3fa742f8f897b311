"""What is asked, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass

import requests

from model_build.adopted.requests import Requests
from model_build.errors import BuildError

Replies = Mapping[str, object]
"""The JSON of each answer, by its request's name."""
SECONDS = 60.0


@dataclass(frozen=True)
class Asked:
    """Where requests go, and the server's title."""

    server: str
    url: str
    requests: Requests


def near() -> requests.Session:
    """Asks servers on this machine: no proxy is asked about them."""
    session = requests.Session()
    session.trust_env = False
    return session


def ask_by_http(asked: Asked) -> Replies:
    """Every request's answer. Raises BuildError for one that is refused, or is no JSON."""
    replies, session = dict[str, object](), near()
    headers = {"Content-Type": asked.requests.content_type}
    for each in asked.requests.each:
        try:
            reply = session.post(asked.url, each.body, headers=headers, timeout=SECONDS)
        except requests.RequestException as error:
            raise refused(asked.server, each.name, f"it ended or hung ({type(error).__name__})") from error
        if reply.status_code != requests.codes.ok:
            raise refused(asked.server, each.name, f"HTTP {reply.status_code}: {reply.text.strip()[:400]}")
        try:
            replies[each.name] = reply.json()
        except requests.JSONDecodeError as error:
            raise refused(asked.server, each.name, f"expected JSON, got {reply.text[:200]!r}") from error
    return replies


def refused(server: str, name: str, why: str) -> BuildError:
    """The error of a request that has no answer."""
    return BuildError(f"--requests: {name}: {server} gave no answer: {why}; mend the request or the model")
