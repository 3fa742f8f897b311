"""Puts the provider plugins into a project-local PULUMI_HOME: Pulumi's own if they can be had, else ours."""

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from embedded.machine.paths import ROOT, pulumi_home, tools

DOWNLOAD_SECONDS = 60.0
MARKER = "STAND-IN"
NOTICE = """This is not Pulumi's {name} plugin {version} but the embedded stand-in of {root},
installed because Pulumi's own could not be downloaded. Remove this folder and run
`pulumi plugin install resource {name} {version}` to use Pulumi's own.
"""


@dataclass(frozen=True)
class InstalledPlugin:
    """One plugin as it is in PULUMI_HOME."""

    name: str
    version: str
    stand_in: bool

    def __str__(self) -> str:
        origin = "embedded stand-in" if self.stand_in else "Pulumi's own"
        return f"{self.name} {self.version} ({origin})"


def install(home: Path | None = None) -> tuple[InstalledPlugin, ...]:
    """Install what is missing in `home` (default: the project's PULUMI_HOME); what is there costs nothing."""
    folder = home or pulumi_home()
    with ThreadPoolExecutor() as pool:
        return tuple(pool.map(lambda item: _install(folder, *item), sorted(wanted().items())))


def installed(home: Path | None = None) -> tuple[InstalledPlugin, ...]:
    """The wanted plugins that are in `home` already; touches neither disk nor network."""
    folder = home or pulumi_home()
    present = ((name, version, _folder(folder, name, version)) for name, version in sorted(wanted().items()))
    return tuple(
        InstalledPlugin(name, version, (path / MARKER).exists())
        for name, version, path in present
        if (path / f"pulumi-resource-{name}").exists()
    )


def wanted() -> dict[str, str]:
    """Plugin versions by name, from versions.json."""
    plugins: dict[str, str] = json.loads((ROOT / "versions.json").read_text())["plugins"]
    return plugins


def _install(home: Path, name: str, version: str) -> InstalledPlugin:
    folder = _folder(home, name, version)
    program = folder / f"pulumi-resource-{name}"
    is_ours = (folder / MARKER).exists()
    if is_ours or not (program.exists() or _download(home, name, version)):
        put(home, name, version)
        is_ours = True
    return InstalledPlugin(name, version, is_ours)


def _folder(home: Path, name: str, version: str) -> Path:
    return home / "plugins" / f"resource-{name}-v{version}"


def _download(home: Path, name: str, version: str) -> bool:
    """Try Pulumi's own way for at most DOWNLOAD_SECONDS; whether it worked."""
    search = f"{tools()}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    pulumi = shutil.which("pulumi", path=search)
    if pulumi is None:
        return False
    command = [pulumi, "plugin", "install", "resource", name, version]
    environment = {**os.environ, "PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        result = subprocess.run(
            command, env=environment, capture_output=True, timeout=DOWNLOAD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0 and (_folder(home, name, version) / f"pulumi-resource-{name}").exists()


def put(home: Path, name: str, version: str) -> None:
    """Put our launcher into `home` in the form of a cached plugin: an executable, a folder, a lock file."""
    folder = _folder(home, name, version)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text(NOTICE.format(name=name, version=version, root=ROOT))
    folder.with_name(f"{folder.name}.lock").touch()
    program = folder / f"pulumi-resource-{name}"
    fresh = program.with_suffix(".new")
    fresh.write_text(launcher(name))
    fresh.chmod(0o755)
    fresh.replace(program)


def launcher(name: str) -> str:
    """The script that starts a stand-in; it must not depend on the working directory, which is the user's."""
    python = ROOT / ".venv" / "bin" / "python"
    return f"""#!/bin/sh
# Embedded stand-in for Pulumi's {name} plugin.
PYTHONPATH='{ROOT}' exec '{python}' -P -m embedded.plugins.{name} "$@"
"""


def main() -> None:
    """Install into the project's PULUMI_HOME and say what is there."""
    for plugin in install():
        print(plugin)


if __name__ == "__main__":
    main()
