"""Settings come from Grafana's environment variables."""

from pathlib import Path

import pytest

from embedded.standins.grafana.errors import ViewerError
from embedded.standins.grafana.settings import read

GIVEN = {"GF_SECURITY_ADMIN_PASSWORD": "secret"}


def test_the_password_comes_from_a_mounted_file_without_its_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3 cret\n")
    settings = read({"GF_SECURITY_ADMIN_PASSWORD__FILE": str(tmp_path / "password")})
    assert (settings.admin_user, settings.admin_password) == ("admin", "s3 cret")


def test_the_password_is_not_in_the_settings_text() -> None:
    assert "secret" not in repr(read(GIVEN))


def test_settings_of_other_parts_of_grafana_are_left_alone() -> None:
    assert read({**GIVEN, "GF_ANALYTICS_CHECK_FOR_UPDATES": "false", "PATH": "/bin"}) == read(GIVEN)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "GF_SECURITY_ADMIN_PASSWORD: expected a password, got nothing"),
        ({"GF_SECURITY_ADMIN_PASSWORD": ""}, "GF_SECURITY_ADMIN_PASSWORD: expected a password, got nothing"),
        ({"GF_SECURITY_ADMIN_PASSWORD__FILE": "/none"}, "__FILE: expected a readable text file, got /none"),
        (
            {**GIVEN, "GF_AUTH_ANONYMOUS_ENABLED": "true"},
            "GF_AUTH_ANONYMOUS_ENABLED: expected false, got true",
        ),
        (
            {**GIVEN, "GF_SERVER_HTTP_PORT": "http"},
            "GF_SERVER_HTTP_PORT: expected integer 0–65535, got 'http'",
        ),
        ({**GIVEN, "GF_SERVER_HTTP_PORT": "70000"}, "GF_SERVER_HTTP_PORT: expected integer 0–65535"),
        ({**GIVEN, "GF_USERS_DEFAULT_THEME": "pink"}, "GF_USERS_DEFAULT_THEME: expected one of dark, light"),
    ],
)
def test_what_cannot_work_is_refused_with_the_key(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ViewerError, match=message):
        read(environment)
