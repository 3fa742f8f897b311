"""Who is let in."""

import base64

import pytest

from embedded.standins.grafana.auth import SESSION_SECONDS, Gate, basic


class Clock:
    """Seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Gate:
    return Gate("admin", "pässword", clock)


@pytest.mark.parametrize(
    ("user", "password", "admitted"),
    [
        ("admin", "pässword", True),
        ("admin", "password", False),
        ("root", "pässword", False),
        ("admin", "", False),
        ("", "", False),
    ],
)
def test_only_the_admin_with_the_password_is_admitted(
    gate: Gate, user: str, password: str, admitted: bool
) -> None:
    assert gate.admits(user, password) is admitted


def test_after_five_wrong_passwords_even_the_right_one_waits_five_minutes(gate: Gate, clock: Clock) -> None:
    assert not any(gate.admits("admin", str(guess)) for guess in range(5))
    assert not gate.admits("admin", "pässword")
    clock.now += 301
    assert gate.admits("admin", "pässword")


def test_a_session_ends_by_logout_or_with_time(gate: Gate, clock: Clock) -> None:
    first, second = gate.open_session(), gate.open_session()
    gate.close_session(first)
    assert (gate.knows_session(first), gate.knows_session(second)) == (False, True)
    clock.now += SESSION_SECONDS
    assert not gate.knows_session(second)


def test_no_session_is_known_by_an_empty_token(gate: Gate) -> None:
    assert not gate.knows_session("")


def test_basic_auth_may_have_a_colon_in_the_password() -> None:
    assert basic("Basic " + base64.b64encode(b"admin:a:b").decode()) == ("admin", "a:b")


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!", "Bearer abc", "Basic YWRtaW4=", "Basic /w=="])
def test_a_broken_header_is_no_auth(header: str) -> None:
    assert basic(header) is None
