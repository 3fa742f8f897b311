"""The README's tables say what the code and the stack files say."""

from pathlib import Path

import pytest

from stack import document
from stack.schema import entries
from stack.settings import Settings

README = (document.ROOT / "README.md").read_text()


def test_the_readme_says_what_code_and_stack_files_say() -> None:
    differing = document.stale(README, document.tables(document.ROOT))
    assert not differing, f"{differing} out of date; run: python -m stack.document"


def test_every_setting_has_a_row_with_its_meaning() -> None:
    rows = document.settings_table().splitlines()[2:]
    assert len(rows) == len(list(entries(Settings)))
    for row in rows:
        assert all(cell.strip() for cell in row.strip("|").split(" | ")), row


def test_a_table_shows_the_default_that_really_holds() -> None:
    rows = document.settings_table()
    assert "| `autoscaling.behavior.scaleUp.stabilizationSeconds` | integer 0–3600 | `0` |" in rows
    assert "| `autoscaling.behavior.scaleDown.stabilizationSeconds` | integer 0–3600 | `300` |" in rows


def test_a_stack_file_becomes_a_row(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.mine.yaml").write_text(
        "config:\n"
        "  emotion-serving:servers: [tensorflow]\n"
        "  emotion-serving:tensorflow: {batching: {maxBatchSize: 8}}\n"
        "  emotion-serving:variant: {thesis: 3, saw: a | b, really: c}\n"
    )
    (tmp_path / "Pulumi.other.yaml").write_text("config: {}\n")
    (row,) = document.variants_table(document.variant_files(tmp_path)).splitlines()[2:]
    assert row == r"| `mine` | 3 | `tensorflow.batching.maxBatchSize: 8` | a \| b | c |"


def test_only_the_marked_block_is_rewritten() -> None:
    text = "before\n<!-- a -->\nold\n<!-- /a -->\nafter\n"
    assert (
        document.rewritten(text, {"a": r"\1 new" "\n"}) == "before\n<!-- a -->\n\\1 new\n<!-- /a -->\nafter\n"
    )
    assert document.stale(text, {"a": "old\n"}) == []
    assert document.stale(text, {"a": "new\n"}) == ["a"]


def test_a_readme_without_the_block_is_told_so() -> None:
    with pytest.raises(ValueError, match="expected a block <!-- a --> … <!-- /a -->, got none; add it"):
        document.rewritten("", {"a": "new"})


def test_checking_a_stale_readme_fails_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = "<!-- settings -->\n<!-- /settings -->\n<!-- variants -->\n<!-- /variants -->\n"
    readme = tmp_path / "README.md"
    readme.write_text(stale)
    monkeypatch.setattr(document, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["document", "--check"])
    assert document.main() == 1
    assert "settings, variants out of date; run: python -m stack.document" in capsys.readouterr().err
    assert readme.read_text() == stale
    monkeypatch.setattr("sys.argv", ["document"])
    assert document.main() == 0
    assert "| `replicas` |" in readme.read_text()
