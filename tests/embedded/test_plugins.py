"""Upstream's plugins where they can be had, the docker stand-in where not."""

import os
import subprocess
from pathlib import Path

import pytest

from embedded import plugins
from embedded.plugins import InstalledPlugin, Origin
from embedded.toolchain import ToolchainError

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


def built(machine: Path, content: str = "upstream's") -> Path:
    """Upstream's Kubernetes provider as the toolchain builds it."""
    program = machine / "tools" / "pulumi-resource-kubernetes"
    program.parent.mkdir(exist_ok=True)
    program.write_text(content)
    program.chmod(0o755)
    return program


def install(machine: Path, *, with_build: bool = True) -> dict[str, Origin]:
    programs = {"kubernetes": built(machine)} if with_build else {}
    done = plugins.install(machine / "home", programs.get)
    assert done == plugins.installed(machine / "home")
    return {plugin.name: plugin.origin for plugin in done}


def program_of(machine: Path, name: str, version: str = "") -> Path:
    folder = f"resource-{name}-v{version or plugins.wanted()[name]}"
    return machine / "home" / "plugins" / folder / f"pulumi-resource-{name}"


def test_without_a_download_kubernetes_is_the_built_one_and_docker_the_stand_in(machine: Path) -> None:
    log = put_pulumi(machine, OFFLINE)
    assert install(machine) == {"docker": Origin.STAND_IN, "kubernetes": Origin.BUILT}
    assert program_of(machine, "kubernetes").read_text() == "upstream's"
    assert install(machine) == {"docker": Origin.STAND_IN, "kubernetes": Origin.BUILT}
    assert log.read_text().count("run") == 1, "only docker's, once: a second install asks no network"


def test_what_the_user_downloaded_is_kept(machine: Path) -> None:
    log = put_pulumi(machine, ONLINE)
    everything = {"docker": Origin.DOWNLOADED, "kubernetes": Origin.DOWNLOADED}
    assert install(machine, with_build=False) == everything
    assert install(machine) == everything, "a build does not replace it"
    assert log.read_text().count("run") == 2


def test_a_new_build_takes_the_place_of_an_older_one_even_of_one_that_is_gone(machine: Path) -> None:
    install(machine)
    program = program_of(machine, "kubernetes")
    program.unlink()
    program.symlink_to(machine / "emptied-cache")
    assert [plugin.name for plugin in plugins.installed(machine / "home")] == ["docker"]
    assert install(machine)["kubernetes"] is Origin.BUILT
    assert program.read_text() == "upstream's"


def test_a_kubernetes_stand_in_of_an_earlier_version_gives_way_to_upstream_s(machine: Path) -> None:
    old = program_of(machine, "kubernetes", "4.34.2")
    old.parent.mkdir(parents=True)
    old.write_text("a launcher whose program is no more")
    lock = old.parent.with_name("resource-kubernetes-v4.34.2.lock")
    for file in (lock, old.with_name(plugins.MARKER)):
        file.touch()
    install(machine)
    assert old.read_text() == "upstream's", "the state of a stack may still name that version"
    assert not lock.exists() and not old.with_name(plugins.MARKER).exists()


def test_kubernetes_neither_built_nor_downloaded_is_an_error_with_what_to_do(machine: Path) -> None:
    with pytest.raises(ToolchainError, match=r"(?s)neither built nor downloaded.*pulumi-resource-kubernetes"):
        install(machine, with_build=False)


def test_nothing_is_reported_before_an_install(machine: Path) -> None:
    assert plugins.installed(machine / "home") == ()


def test_an_installed_stand_in_is_in_the_form_of_a_cached_plugin(machine: Path) -> None:
    install(machine)
    program = program_of(machine, "docker")
    assert os.access(program, os.X_OK)
    assert program.parent.with_name(f"{program.parent.name}.lock").exists()
    assert "stand-in" in program.with_name(plugins.MARKER).read_text()
    version = plugins.wanted()["docker"]
    assert plugins.installed(machine / "home")[0] == InstalledPlugin("docker", version, Origin.STAND_IN)


def test_a_launched_stand_in_prints_its_port_first_and_ends_with_its_parent(tmp_path: Path) -> None:
    plugins.put(tmp_path / "home", "docker", "1.0.0")
    program = program_of(tmp_path, "docker", "1.0.0")
    # A shell stands for the engine: it ends when the plugin has said its port. The error output ends only
    # when the plugin, which inherited it, has ended too.
    script = f"'{program}' 127.0.0.1:9 > port & until [ -s port ]; do sleep 0.05; done; cat port"
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert 0 < int(done.stdout) < 65536


def test_a_stand_in_started_by_hand_says_how_it_is_used(tmp_path: Path) -> None:
    plugins.put(tmp_path / "home", "docker", "1.0.0")
    program = program_of(tmp_path, "docker", "1.0.0")
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "usage: pulumi-resource-docker ENGINE_ADDRESS" in done.stderr
    assert "Traceback" not in done.stderr
