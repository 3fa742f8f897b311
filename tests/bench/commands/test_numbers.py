"""Every number on the command line has a range: what is outside is refused by option, range and what came."""

import argparse
import math
import re
from collections.abc import Iterator

import pytest

from bench.__main__ import COMMANDS, main, parser
from bench.__main__ import command as run_by
from bench.commands.numbers import Number
from bench.errors import OptionError
from bench.records.ranges import Range

POSITIONAL = {"run": ["demo"], "watch": ["demo"], "baseline": ["demo"]}
POSITIONAL["trace"] = ["diurnal", *("--rate", "1", "--seconds", "1", "--out", "made.csv")]
BESIDE = {"size": ["--rate", "1"]}  # a required option
POSITIONAL["whatif"] = ["demo", "--step", "1"]
POSITIONAL["resize"] = ["demo", "--cpu", "1"]
POSITIONAL["fleet"] = ["plan.json"]
MAY_BE_ZERO = {"--seed", "--rotate", "--connections", "--rollouts", "--block", "--delay"}


def actions(command: str) -> list[argparse.Action]:
    made = argparse.ArgumentParser()
    run_by(command).add_arguments(made)
    return made._actions


def numbers() -> Iterator[tuple[str, str, Range]]:
    for command in COMMANDS:
        for action in actions(command):
            if isinstance(action.type, Number):
                yield command, action.option_strings[0], action.type.taken


def words(command: str, option: str, value: str) -> list[str]:
    beside = [] if option == "--rate" else BESIDE.get(command, [])
    return [command, *POSITIONAL.get(command, []), *beside, option, value]


def parsed(command: str, option: str, value: str) -> argparse.Namespace:
    return parser().parse_args(words(command, option, value))


ALL = [pytest.param(*each, id=f"{each[0]} {each[1]}") for each in numbers()]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_option_takes_a_number_without_a_range_and_each_names_itself(command: str) -> None:
    for action in actions(command):
        assert action.type not in (int, float), action.option_strings
        if isinstance(action.type, Number):
            assert action.option_strings == [action.type.option]
        else:
            assert not isinstance(action.default, int | float) or isinstance(action.default, bool)


def test_the_sweep_covers_the_options_of_every_command_with_numbers() -> None:
    found = {(command, option) for command, option, _ in numbers()}
    assert {command for command, _ in found} == {
        "run",
        "all",
        "watch",
        "baseline",
        "calibrate",
        "trace",
        "size",
        "whatif",
        "resize",
        "fleet",
    }
    assert {("run", "--seconds"), ("run", "--rotate"), ("all", "--step"), ("watch", "--load")} <= found


@pytest.mark.parametrize("value", ["-1", "1e12", "99999999999999999999", "1e999", "nan", "many", ""])
@pytest.mark.parametrize(("command", "option", "taken"), ALL)
def test_what_is_no_number_or_outside_is_refused_by_option_range_and_what_came(
    command: str, option: str, taken: Range, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(command, option, value)) == 1
    assert capsys.readouterr().err == f"{command}: {option}: expected {taken}, got {value}; choose another\n"


@pytest.mark.parametrize(("command", "option", "taken"), ALL)
def test_zero_is_a_value_and_not_the_default(command: str, option: str, taken: Range) -> None:
    assert (0 in taken) is (option in MAY_BE_ZERO)
    if 0 in taken:
        made = parsed(command, option, "0")
        assert getattr(made, option.removeprefix("--").replace("-", "_")) == 0
    else:
        with pytest.raises(OptionError, match=re.escape(f"{option}: expected {taken}, got 0;")):
            parsed(command, option, "0")


@pytest.mark.parametrize(("command", "option", "taken"), ALL)
def test_the_ends_of_a_range_are_taken_and_what_is_beyond_is_not(
    command: str, option: str, taken: Range
) -> None:
    parsed(command, option, f"{taken.high:.15g}")
    beyond = taken.high + 1 if taken.whole else math.nextafter(taken.high, math.inf)
    with pytest.raises(OptionError):
        parsed(command, option, repr(beyond))


@pytest.mark.parametrize(("command", "option", "taken"), ALL)
def test_whole_numbers_have_no_fraction(command: str, option: str, taken: Range) -> None:
    if taken.whole:
        with pytest.raises(OptionError, match="expected a whole number"):
            parsed(command, option, "1.5")
    else:
        parsed(command, option, repr(taken.low + 0.5))
