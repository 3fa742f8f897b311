"""Who may look: one admin with a password, by a login that leaves a session cookie, or by HTTP basic auth."""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SESSION_SECONDS = 12 * 3600.0
_FAILURES = 5
_BLOCKED_SECONDS = 300.0  # as Grafana's brute-force protection: five failures in five minutes


@dataclass
class Gate:
    """Knows the password, the open sessions and the recent failures; `clock` gives seconds."""

    user: str
    password: str = field(repr=False)
    clock: Callable[[], float] = time.monotonic
    _sessions: dict[str, float] = field(default_factory=dict, repr=False)
    _failures: list[float] = field(default_factory=list, repr=False)

    def admits(self, user: str, password: str) -> bool:
        """Whether user and password are right; never after too many wrong ones."""
        now = self.clock()
        self._failures = [then for then in self._failures if now - then < _BLOCKED_SECONDS]
        if len(self._failures) >= _FAILURES:
            return False
        right = _same(user, self.user) & _same(password, self.password)
        if not right:
            self._failures.append(now)
        return right

    def open_session(self) -> str:
        """A new session's token, for the cookie."""
        now = self.clock()
        self._sessions = {token: end for token, end in self._sessions.items() if end > now}
        token = secrets.token_urlsafe(32)
        self._sessions[token] = now + SESSION_SECONDS
        return token

    def close_session(self, token: str) -> None:
        self._sessions.pop(token, None)

    def knows_session(self, token: str) -> bool:
        return self._sessions.get(token, 0.0) > self.clock()


def basic(header: str) -> tuple[str, str] | None:
    """User and password of an `Authorization: Basic …` header; None if it is not one."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, found, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if found else None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
