"""`bench resize`: what is refused before anything is asked of a cluster."""

import pytest

from bench.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--cpu", "1 core"], "--cpu: expected a CPU quantity such as 500m or 1.5, got 1 core; write 1"),
        (["--cpu", "1", "--users", "0"], "--users: expected a whole number, 1 to 100 users, got 0"),
        (["--cpu", "1", "--seconds", "3"], "--seconds: expected 5 to 300 s, got 3"),
    ],
)
def test_a_wrong_number_is_told_with_its_range(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["resize", "none", *arguments]) == 1
    assert says in capsys.readouterr().err
