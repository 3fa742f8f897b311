"""What is made on the host and handed to a build."""

import itertools
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from embedded.mirror import ingredients
from embedded.mirror.debian import debootstrap_arguments
from embedded.mirror.ingredients import LowPortProgram, Program, StandIn, Users, net_bind_capability

THIN = Path(ingredients.__file__).parent / "debian" / "thin.sh"


def quiet(_: float) -> None:
    """No heartbeat is looked at here."""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The toolchain's only program, of which every name is an alias."""
    built = tmp_path / "built"
    built.write_bytes(b"\x7fELF one")
    monkeypatch.setattr(ingredients, "tool", lambda _: built)
    return built


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "context").mkdir()
    return tmp_path / "context"


def test_a_program_is_placed_executable(program: Path, context: Path) -> None:
    program.chmod(0o600)
    Program("metrics-server").place(context, quiet)
    assert (context / "metrics-server").stat().st_mode & 0o777 == 0o755
    assert (context / "metrics-server").read_bytes() == program.read_bytes()


def test_a_program_built_anew_has_another_fingerprint(program: Path) -> None:
    before = Program("coredns").fingerprint()
    program.write_bytes(b"\x7fELF two")
    assert Program("coredns").fingerprint() != before


def test_the_capability_is_the_one_that_setcap_writes() -> None:
    assert net_bind_capability() == bytes.fromhex("0100000200040000000000000000000000000000")


@pytest.mark.usefixtures("program")
def test_a_low_port_programs_capability_is_in_its_tar_file(context: Path) -> None:
    LowPortProgram("coredns").place(context, quiet)
    with tarfile.open(context / "coredns.tar") as archive:
        entry = archive.getmember("coredns")
    assert entry.mode == 0o755
    assert entry.pax_headers["SCHILY.xattr.security.capability"].encode() == net_bind_capability()


def test_an_empty_system_has_a_tmp_for_everyone_and_names_for_its_users(context: Path) -> None:
    Users().place(context, quiet)
    assert (context / "tmp").stat().st_mode & 0o7777 == 0o1777
    assert "nobody:x:65534:65534" in (context / "etc" / "passwd").read_text()


@pytest.mark.parametrize("name", ["tf_serving", "grafana", "kube_state_metrics"])
def test_a_stand_in_is_placed_as_sources_that_need_nothing_else_of_this_project(
    context: Path, name: str
) -> None:
    StandIn(name).place(context, quiet)
    site = context / "site"
    placed = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    own = f"embedded/standins/{name}"
    assert {"embedded/__init__.py", "embedded/standins/__init__.py", f"{own}/__main__.py"} <= placed
    assert not any("__pycache__" in path for path in placed)
    sources = (file.read_text() for file in site.rglob("*.py"))
    imported = re.findall(r"(?:from|import) (embedded[\w.]*)", "".join(sources))
    assert {module for module in imported if not module.startswith(f"embedded.standins.{name}")} == set()


def test_only_hashed_wheels_for_the_images_python_are_taken_and_none_is_linked_to_uvs_cache() -> None:
    arguments = ingredients.uv_arguments(ingredients.Wheels(Path("r.txt")), Path("site"), "aarch64")
    assert {"--require-hashes", "--only-binary", "--no-deps"} < set(arguments)
    pairs = list(itertools.pairwise(arguments))
    for option in (
        ("--python-version", "3.13"),
        ("--python-platform", "aarch64-manylinux_2_28"),
        ("--link-mode", "copy"),
    ):
        assert option in pairs


def test_debootstrap_runs_where_no_mount_of_its_can_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedded.mirror.debian.tool", lambda _: Path("/usr/sbin/debootstrap"))
    arguments = debootstrap_arguments("trixie", Path("/r"))
    alone = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")
    assert arguments[:8] == alone
    assert arguments[8:12] == ("/usr/sbin/debootstrap", "--variant=minbase", "trixie", "/r")


def test_a_thinned_system_has_no_documentation_and_gets_none_later(tmp_path: Path) -> None:
    for folder in ("usr/share/doc/bash", "usr/share/man/man1", "var/lib/apt/lists", "usr/sbin"):
        (tmp_path / folder).mkdir(parents=True)
    for folder in ("etc/dpkg/dpkg.cfg.d", "etc/apt/apt.conf.d"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("usr/share/doc/bash/README", "usr/share/man/man1/bash.1", "var/lib/apt/lists/all"):
        (tmp_path / file).write_text("text")
    (tmp_path / "etc/resolv.conf").write_text("nameserver of the host that built it\n")
    subprocess.run((THIN, tmp_path), check=True)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"etc/dpkg/dpkg.cfg.d/slim", "etc/apt/apt.conf.d/slim", "usr/sbin/policy-rc.d"}
    assert "path-exclude /usr/share/doc/*" in (tmp_path / "etc/dpkg/dpkg.cfg.d/slim").read_text()
