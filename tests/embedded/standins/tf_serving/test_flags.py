"""The command line: what is served, and what is refused before TensorFlow is loaded."""

import re

import pytest

from embedded.machine.paths import ROOT
from embedded.standins.tf_serving import flags
from embedded.standins.tf_serving.config_files import BATCHING_FIELDS
from embedded.standins.tf_serving.errors import StartError
from embedded.standins.tf_serving.flags import Flags

MODEL = ["--model_base_path=/models/m", "--rest_api_port=8501"]


def test_defaults_are_those_of_upstream() -> None:
    assert flags.parse(MODEL) == Flags("/models/m", 8501, rest_api_num_threads=4 * flags.cpus())


def test_values_are_read_by_the_type_of_their_flag() -> None:
    read = flags.parse([*MODEL, "--port=9000", "--enable_batching", "--model_name=a=b"])
    assert (read.port, read.enable_batching, read.model_name) == (9000, True, "a=b")
    assert not flags.parse([*MODEL, "--enable_batching=false"]).enable_batching


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("--prot=1", "unrecognized arguments: --prot=1"),
        ("--model_config_file=x", "unrecognized arguments: --model_config_file=x"),
        ("--por=1", "unrecognized arguments: --por=1"),
        ("--port=many", "argument --port: invalid int value: 'many'"),
        ("--enable_batching=maybe", "expected true or false, got maybe"),
        ("serve", "unrecognized arguments: serve"),
    ],
)
def test_an_argument_that_is_not_served_is_refused_with_where_to_look(argument: str, says: str) -> None:
    with pytest.raises(StartError) as caught:
        flags.parse([*MODEL, argument])
    assert says in str(caught.value)
    assert "tensorflow_model_server --help lists" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--rest_api_port=1"], "model_base_path: expected a folder of version folders, got none"),
        ([*MODEL, "--batching_parameters_file=f"], "batching_parameters_file: needs --enable_batching"),
        ([MODEL[0]], "rest_api_port: expected 1-65535, got 0; REST is all that is served"),
        ([*MODEL, "--rest_api_port=70000"], "rest_api_port: expected 1-65535, got 70000"),
        ([*MODEL, "--rest_api_num_threads=0"], "rest_api_num_threads: expected 1 or more, got 0"),
        ([*MODEL, "--tensorflow_intra_op_parallelism=-1"], "expected 0 or more, got -1"),
    ],
)
def test_contradictions_are_refused(arguments: list[str], says: str) -> None:
    with pytest.raises(StartError) as caught:
        flags.parse(arguments)
    assert says in str(caught.value)


def test_all_contradictions_are_told_at_once() -> None:
    with pytest.raises(StartError) as caught:
        flags.parse(["--batching_parameters_file=f"])
    assert len(str(caught.value).splitlines()) == 3


def test_what_this_project_s_stacks_ask_for_is_served() -> None:
    stacks = "".join(file.read_text() for file in (ROOT / "tests" / "goldens" / "stacks").iterdir())
    ours = "port=8|rest_api_|model_|monitoring_config_|tensorflow_|enable_batching|batching_"
    asked = sorted(set(re.findall(rf"- (--(?:{ours})\S*)$", stacks, re.MULTILINE)))
    assert len(asked) >= 8
    assert flags.parse(asked).enable_batching
    assert set(re.findall(r"(\w+) \{ value: \d+ \}", stacks)) == set(BATCHING_FIELDS)
