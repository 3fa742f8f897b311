"""A build context's digest: what changes it, and what does not."""

import hashlib
from pathlib import Path

import pytest

from embedded.standins.docker_plugin import context


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "sub").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "a").write_text("1")
    (folder / "sub" / "b").write_text("2")
    return folder


def digest(folder: Path, dockerfile: str = "Dockerfile") -> str:
    return context.digest(folder, folder / dockerfile)


def test_the_digest_is_the_one_that_upstream_computes(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("x")
    (tmp_path / "Dockerfile").chmod(0o644)
    content = hashlib.sha256(b"x").digest()
    expected = hashlib.sha256(
        b"Dockerfile----------" + content + b"\0Dockerfile-rw-r--r--" + content + b"\0"
    ).hexdigest()
    assert digest(tmp_path) == expected


def test_the_digest_depends_on_content_name_and_mode_only(app: Path) -> None:
    first = digest(app)
    (app / "a").touch()
    assert digest(app) == first
    (app / "a").write_text("other")
    changed = digest(app)
    (app / "a").write_text("1")
    (app / "a").rename(app / "c")
    renamed = digest(app)
    (app / "c").rename(app / "a")
    (app / "a").chmod(0o755)
    assert len({first, changed, renamed, digest(app)}) == 4


def test_ignored_files_do_not_count_and_their_exceptions_do(app: Path) -> None:
    (app / ".dockerignore").write_text("# comment\nsub\n!sub/keep\n")
    before = digest(app)
    (app / "sub" / "b").write_text("changed")
    assert digest(app) == before
    (app / "sub" / "keep").write_text("x")
    assert digest(app) != before


def test_the_dockerfile_s_own_ignore_file_wins(app: Path) -> None:
    (app / ".dockerignore").write_text("a\n")
    (app / "Dockerfile.dockerignore").write_text("sub\n")
    before = digest(app)
    (app / "sub" / "b").write_text("changed")
    assert digest(app) == before
    (app / "a").write_text("changed")
    assert digest(app) != before


def test_a_link_counts_by_where_it_leads(app: Path) -> None:
    (app / "link").symlink_to("sub")
    (app / "broken").symlink_to("nowhere")
    before = digest(app)
    (app / "link").unlink()
    (app / "link").symlink_to("a")
    assert digest(app) != before


def test_a_dockerfile_outside_the_context_counts(app: Path, tmp_path: Path) -> None:
    outside = tmp_path / "Other"
    outside.write_text("FROM a\n")
    before = context.digest(app, outside)
    outside.write_text("FROM b\n")
    assert context.digest(app, outside) != before


@pytest.mark.parametrize(
    ("patterns", "path", "ignored"),
    [
        ("a", "a", True),
        ("a", "b/a", False),
        ("**/a", "b/c/a", True),
        ("**/a", "a", True),
        ("a/**", "a/b/c", True),
        ("/a/", "a/b", True),
        ("*.md", "x.md", True),
        ("*.md", "d/x.md", False),
        ("?.txt", "a.txt", True),
        ("?.txt", "ab.txt", False),
        ("[ab].txt", "b.txt", True),
        ("*\n!README.md", "README.md", False),
        ("!x\n*", "x", True),
        ("./a", "a", True),
        ("a.b", "axb", False),
        ("# a", "# a", False),
        (r"\#a", "#a", True),
        ("  a  ", "a", True),
    ],
)
def test_ignore_patterns_mean_what_docker_s_mean(patterns: str, path: str, ignored: bool) -> None:
    assert context.ignored(context.ignore_rules(patterns), path) is ignored
