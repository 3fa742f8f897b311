"""Settings from Grafana's environment variables: `GF_<SECTION>_<KEY>`, or `…__FILE` with the value in a file.

https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#override-configuration-with-environment-variables
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from embedded.standins.grafana.errors import ViewerError

THEMES = ("dark", "light", "system")
_PASSWORD = "GF_SECURITY_ADMIN_PASSWORD"


@dataclass(frozen=True)
class Settings:
    """How the viewer runs. There is one user, the admin, and no way in without the password.

    `home` is the file of the dashboard that is shown first; the list of all of them is if it is None.
    """

    admin_password: str = field(repr=False)
    admin_user: str = "admin"
    port: int = 3000
    provisioning: Path = Path("/etc/grafana/provisioning")
    theme: str = "dark"
    home: Path | None = None


def read(environment: Mapping[str, str]) -> Settings:
    """The settings; ViewerError for a value that is out of range or asks for what the viewer cannot do."""
    if _value(environment, "GF_AUTH_ANONYMOUS_ENABLED", "false").lower() != "false":
        raise ViewerError(
            "GF_AUTH_ANONYMOUS_ENABLED: expected false, got true; the viewer always asks who it is"
        )
    return Settings(
        admin_password=_password(environment),
        admin_user=_value(environment, "GF_SECURITY_ADMIN_USER", Settings.admin_user),
        port=_port(_value(environment, "GF_SERVER_HTTP_PORT", str(Settings.port))),
        provisioning=Path(_value(environment, "GF_PATHS_PROVISIONING", str(Settings.provisioning))),
        theme=_theme(_value(environment, "GF_USERS_DEFAULT_THEME", Settings.theme)),
        home=_optional(_value(environment, "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", "")),
    )


def _value(environment: Mapping[str, str], key: str, default: str) -> str:
    file = environment.get(f"{key}__FILE")
    if file is None:
        return environment.get(key, default)
    try:
        return Path(file).read_text().rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ViewerError(
            f"{key}__FILE: expected a readable text file, got {file} ({error}); mount it"
        ) from error


def _password(environment: Mapping[str, str]) -> str:
    password = _value(environment, _PASSWORD, "")
    if not password:
        raise ViewerError(
            f"{_PASSWORD}: expected a password, got nothing; set {_PASSWORD}__FILE to a mounted Secret"
        )
    return password


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise ViewerError(
            f"GF_SERVER_HTTP_PORT: expected integer 0–65535, got {text!r}; leave it out for 3000"
        )
    return int(text)


def _optional(text: str) -> Path | None:
    return Path(text) if text else None


def _theme(text: str) -> str:
    if text not in THEMES:
        raise ViewerError(
            f"GF_USERS_DEFAULT_THEME: expected one of {', '.join(THEMES)}, got {text!r}; choose one"
        )
    return text
