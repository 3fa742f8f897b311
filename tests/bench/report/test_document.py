"""Which columns of a table hold figures."""

import pytest

from bench.report.document import Table


@pytest.mark.parametrize(
    ("column", "is_of_figures"),
    [
        (("9.31\n[8.33, 10.2]", "–"), True),
        (("0 of 1,484", "none"), True),
        (("×1.22", "−18 %"), True),
        (("24.0 → 120 → 24.0", "not searched", "1"), True),
        (("as users come", "150"), True),
        (("0.017 USD", "57.7 %"), True),
        (("`tf-default`", "never", "9"), False),
        (("1 user for 15 s", "150 requests/s for 47 s"), False),
        (("2 CPUs; server and generator shared its cores", "3"), False),
        (("–", "–"), False),
    ],
)
def test_a_column_of_figures_is_known_by_its_cells(column: tuple[str, ...], is_of_figures: bool) -> None:
    assert Table(("head",), tuple((cell,) for cell in column)).figures == (is_of_figures,)


def test_a_table_without_rows_has_no_figures() -> None:
    assert Table(("one", "two"), ()).figures == (False, False)
