"""Pulumi's own plugins where they can be had, the stand-ins where not."""

import os
import subprocess
from pathlib import Path

import pytest

from embedded.plugins import install
from embedded.plugins.install import InstalledPlugin

OFFLINE = "#!/bin/sh\necho run >> '{log}'\nexit 255\n"
ONLINE = """#!/bin/sh
echo run >> '{log}'
folder="$PULUMI_HOME/plugins/resource-$4-v$5"
mkdir -p "$folder" && cp "$0" "$folder/pulumi-resource-$4"
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no toolchain of ours; `pulumi` is the first on PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return tmp_path


def put_pulumi(machine: Path, script: str) -> Path:
    log = machine / "runs"
    program = machine / "bin" / "pulumi"
    program.write_text(script.format(log=log))
    program.chmod(0o755)
    return log


def test_without_a_download_the_stand_ins_are_installed_once(machine: Path) -> None:
    log, home = put_pulumi(machine, OFFLINE), machine / "home"
    first = install.install(home)
    assert [(plugin.name, plugin.stand_in) for plugin in first] == [("docker", True), ("kubernetes", True)]
    assert install.install(home) == first == install.installed(home)
    assert log.read_text().count("run") == 2, "a second install must not try the network again"


def test_a_download_is_preferred_and_kept(machine: Path) -> None:
    log, home = put_pulumi(machine, ONLINE), machine / "home"
    assert not any(plugin.stand_in for plugin in install.install(home))
    assert not any(plugin.stand_in for plugin in install.install(home))
    assert log.read_text().count("run") == 2
    assert str(install.installed(home)[0]).endswith("(Pulumi's own)")


def test_nothing_is_reported_before_an_install(machine: Path) -> None:
    assert install.installed(machine / "home") == ()


def test_a_machine_without_pulumi_gets_the_stand_ins(machine: Path) -> None:
    assert all(plugin.stand_in for plugin in install.install(machine / "home"))


def test_an_installed_stand_in_is_in_the_form_of_a_cached_plugin(machine: Path) -> None:
    home = machine / "home"
    (_, kubernetes) = install.install(home)
    folder = home / "plugins" / f"resource-kubernetes-v{kubernetes.version}"
    assert os.access(folder / "pulumi-resource-kubernetes", os.X_OK)
    assert folder.with_name(f"{folder.name}.lock").exists()
    assert "stand-in" in (folder / "STAND-IN").read_text()
    assert kubernetes == InstalledPlugin("kubernetes", kubernetes.version, stand_in=True)


@pytest.mark.parametrize("name", ["kubernetes", "docker"])
def test_a_launched_plugin_prints_its_port_first_and_ends_with_its_parent(name: str, tmp_path: Path) -> None:
    install.put(tmp_path, name, "1.0.0")
    program = tmp_path / "plugins" / f"resource-{name}-v1.0.0" / f"pulumi-resource-{name}"
    # A shell stands for the engine. The output ends only when the plugin, which inherited it, has ended too.
    script = f"'{program}' 127.0.0.1:9 & sleep 3"
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert 0 < int(done.stdout) < 65536


def test_a_plugin_started_by_hand_says_how_it_is_used(tmp_path: Path) -> None:
    install.put(tmp_path, "kubernetes", "1.0.0")
    program = tmp_path / "plugins" / "resource-kubernetes-v1.0.0" / "pulumi-resource-kubernetes"
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "usage: pulumi-resource-NAME ENGINE_ADDRESS" in done.stderr
    assert "Traceback" not in done.stderr
