"""The environment in which plain `pulumi` and `kubectl` work with the embedded default.

It reaches the user by the virtual environment: `. .venv/bin/activate` reads the file written here.
"""

import secrets
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from embedded.machine import paths

OTHERS = ("PULUMI_CONFIG_PASSPHRASE",)  # of another project; Pulumi would prefer it to ours
LINE = "# the embedded cluster's tools and settings"


def variables() -> Mapping[str, str]:
    """What programs need to find the embedded cluster, its Docker daemon and its Pulumi state."""
    pulumi = paths.state() / "pulumi"
    return {
        "KUBECONFIG": str(paths.kubeconfig()),
        "DOCKER_HOST": f"unix://{paths.docker_socket()}",
        "DOCKER_BUILDKIT": "0",  # the buildx plugin is not among the packages
        "PULUMI_HOME": str(paths.pulumi_home()),
        "PULUMI_BACKEND_URL": f"file://{pulumi}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(pulumi / "passphrase"),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # a stack's file without a salt gets the one that the state has, instead of a new one
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
    }


def script(values: Mapping[str, str], tools: Path) -> str:
    """Shell lines that set the variables and put the tools on PATH, once."""
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
    others = f"unset {' '.join(OTHERS)}\n"
    folder = shlex.quote(str(tools))
    path = f'case ":$PATH:" in *:{folder}:*) ;; *) export PATH={folder}:"$PATH" ;; esac\n'
    return exports + others + path


def write(venv: Path) -> None:
    """Make activation of `venv` read the environment; create the Pulumi state's folder and passphrase."""
    _create_passphrase(paths.state() / "pulumi" / "passphrase")
    file = venv / "bin" / "embedded-environment.sh"
    file.write_text(script(variables(), paths.tools()))
    activate = venv / "bin" / "activate"
    text = activate.read_text()
    if LINE not in text:
        activate.write_text(f'{text.rstrip()}\n\n. "$VIRTUAL_ENV/bin/{file.name}" {LINE}\n')


def forget_stacks() -> None:
    """Drop the record of what ran on a cluster that is gone; the passphrase stays, for stack files."""
    shutil.rmtree(paths.state() / "pulumi" / ".pulumi", ignore_errors=True)


def _create_passphrase(file: Path) -> None:
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(24))
    fresh.replace(file)  # never an empty passphrase, whenever this is cut off
