"""Puts the provider plugins into a project-local PULUMI_HOME: upstream's if they can be had, else ours.

Upstream's Kubernetes provider is built by the toolchain; for the docker provider, whose module no registry
serves, there is a stand-in. Pulumi's own download is tried where neither is there yet.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from base.children import tied
from embedded import toolchain
from embedded.machine.paths import ROOT, pulumi_home, tools
from embedded.machine.versions import pins

DOWNLOAD_SECONDS = 60.0
MARKER = "STAND-IN"
STAND_INS = {"docker": "embedded.standins.docker_plugin"}
NOTICE = """This is not Pulumi's {name} plugin {version} but the embedded stand-in of {root},
installed because Pulumi's own could not be downloaded. Remove this folder and run
`pulumi plugin install resource {name} {version}` to use Pulumi's own.
"""


class Origin(StrEnum):
    """Whose program a plugin is."""

    DOWNLOADED = "upstream software, Pulumi's own download"
    BUILT = "upstream software, built from its Go module"
    STAND_IN = "stand-in"


@dataclass(frozen=True)
class InstalledPlugin:
    """One plugin as it is in PULUMI_HOME."""

    name: str
    version: str
    origin: Origin


def built(name: str) -> Path | None:
    """The program of plugin `name` that the toolchain has built; None where it has no such program."""
    try:
        return toolchain.tool(f"pulumi-resource-{name}")
    except toolchain.ToolchainError:
        return None


def install(
    home: Path | None = None, find: Callable[[str], Path | None] = built
) -> tuple[InstalledPlugin, ...]:
    """Install what is missing in `home` (default: the project's PULUMI_HOME); what is there costs nothing.

    Raises ToolchainError for a plugin that can neither be built nor downloaded and has no stand-in.
    """
    folder = home or pulumi_home()
    with ThreadPoolExecutor() as pool:
        steps = [
            pool.submit(_install, folder, name, version, find(name)) for name, version in wanted().items()
        ]
    for step in steps:
        step.result()
    return installed(folder)


def installed(home: Path | None = None) -> tuple[InstalledPlugin, ...]:
    """The wanted plugins that are in `home` already; changes nothing and asks no network."""
    folder = home or pulumi_home()
    found = (
        (name, version, _origin(_program(folder, name, version)))
        for name, version in sorted(wanted().items())
    )
    return tuple(InstalledPlugin(name, version, origin) for name, version, origin in found if origin)


def wanted() -> dict[str, str]:
    """Plugin versions by name, from versions.json."""
    return dict(pins().plugins)


def _install(home: Path, name: str, version: str, ours: Path | None) -> None:
    if name not in STAND_INS:
        _retire_stand_ins(home, name, ours)
    program = _program(home, name, version)
    origin = _origin(program)
    if ours and origin is not Origin.DOWNLOADED:
        _link(program, ours)
    elif origin is Origin.STAND_IN:
        put(home, name, version)  # its launcher may be an older one
    elif origin or _download(home, name, version):
        return
    elif name in STAND_INS:
        put(home, name, version)
    else:
        raise toolchain.ToolchainError(
            f"Pulumi's {name} plugin {version}: neither built nor downloaded\n"
            f"  try: python -m embedded.toolchain pulumi-resource-{name}"
        )


def _program(home: Path, name: str, version: str) -> Path:
    return home / "plugins" / f"resource-{name}-v{version}" / f"pulumi-resource-{name}"


def _origin(program: Path) -> Origin | None:
    """Whose program it is; None if there is none, or a link whose end is gone."""
    if not program.exists():
        return None
    if program.with_name(MARKER).exists():
        return Origin.STAND_IN
    return Origin.BUILT if program.is_symlink() else Origin.DOWNLOADED


def _retire_stand_ins(home: Path, name: str, ours: Path | None) -> None:
    """Put upstream's program in the place of former stand-ins: a stack's state may name their version."""
    for marker in (home / "plugins").glob(f"resource-{name}-v*/{MARKER}"):
        folder = marker.parent
        shutil.rmtree(folder)
        folder.with_name(f"{folder.name}.lock").unlink(missing_ok=True)
        if ours:
            _link(folder / f"pulumi-resource-{name}", ours)


def _link(program: Path, target: Path) -> None:
    program.parent.mkdir(parents=True, exist_ok=True)
    fresh = program.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(program)


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
            command,
            env=environment,
            capture_output=True,
            timeout=DOWNLOAD_SECONDS,
            check=False,
            preexec_fn=tied(),
        )
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0 and _program(home, name, version).exists()


def put(home: Path, name: str, version: str) -> None:
    """Put our launcher into `home` in the form of a cached plugin: an executable, a folder, a lock file."""
    program = _program(home, name, version)
    folder = program.parent
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text(NOTICE.format(name=name, version=version, root=ROOT))
    folder.with_name(f"{folder.name}.lock").touch()
    fresh = program.with_suffix(".new")
    fresh.write_text(launcher(name))
    fresh.chmod(0o755)
    fresh.replace(program)


def launcher(name: str) -> str:
    """The script that starts a stand-in; it must not depend on the working directory, which is the user's."""
    python = ROOT / ".venv" / "bin" / "python"
    return f"""#!/bin/sh
# Embedded stand-in for Pulumi's {name} plugin.
PYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(str(python))} -P -m {STAND_INS[name]} "$@"
"""


def main() -> None:
    """Install into the project's PULUMI_HOME and say what is there."""
    for plugin in install():
        print(f"{plugin.name} {plugin.version} ({plugin.origin})")


if __name__ == "__main__":
    main()
