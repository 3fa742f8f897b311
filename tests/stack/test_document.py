"""The tables of docs/ say what the code and the stack files say."""

from pathlib import Path

import pytest

from stack import document, files
from stack.schema import entries
from stack.settings import Settings


def test_the_tables_say_what_code_and_stack_files_say() -> None:
    assert not document.stale(files.ROOT), "run: python -m stack.document"


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
    (row,) = document.variants_table(files.variant_files(tmp_path)).splitlines()[2:]
    assert row == r"| `mine` | 3 | `tensorflow.batching.maxBatchSize: 8` | a \| b | c |"


def test_only_the_marked_block_is_rewritten() -> None:
    text = "before\n<!-- a -->\nold\n<!-- /a -->\nafter\n"
    assert document.rewritten(text, "a", "\\1 new\n") == text.replace("old", "\\1 new")


def test_a_page_without_the_block_is_told_so() -> None:
    with pytest.raises(ValueError, match=r"a\.md: expected a block <!-- a --> … <!-- /a -->, got none"):
        document.rewritten("", "a", "new")


def test_checking_a_stale_table_fails_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    pages = [tmp_path / "docs" / f"{name}.md" for name in ("settings", "variants")]
    for page in pages:
        page.write_text(f"<!-- {page.stem} -->\n<!-- /{page.stem} -->\n")
    before = [page.read_text() for page in pages]
    assert document.main(["--check"], tmp_path) == 1
    words = "docs/settings.md, docs/variants.md out of date; run: python -m stack.document"
    assert words in capsys.readouterr().err
    assert [page.read_text() for page in pages] == before
    assert document.main([], tmp_path) == 0
    assert "| `replicas` |" in pages[0].read_text()
    assert document.main(["--check"], tmp_path) == 0
