import pytest

from embedded.standins.tf_serving import flags
from embedded.standins.tf_serving.errors import StartError
from embedded.standins.tf_serving.flags import Flags

MODEL = "--model_base_path=/models/m"


def test_defaults_are_those_of_upstream() -> None:
    defaults = Flags()
    assert (defaults.port, defaults.rest_api_port, defaults.rest_api_timeout_in_ms) == (8500, 0, 30000)
    assert defaults.rest_api_num_threads == 4 * flags.cpus()
    assert (defaults.model_name, defaults.file_system_poll_wait_seconds) == ("default", 1)
    assert (defaults.max_num_load_retries, defaults.load_retry_interval_micros) == (5, 60_000_000)
    assert (defaults.enable_model_warmup, defaults.enable_grpc_healthcheck_service) == (True, False)


def test_values_are_read_by_the_type_of_their_flag() -> None:
    read = flags.parse(
        ["--port=9000", "--enable_batching", "--model_name=a=b", "--enable_model_warmup=false"]
    )
    assert (read.port, read.enable_batching, read.model_name, read.enable_model_warmup) == (
        9000,
        True,
        "a=b",
        False,
    )


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("--prot=1", "did you mean --port?"),
        ("--zzz=1", "Unknown flag: --zzz"),
        ("--ssl_config_file=x", "does not offer it"),
        ("--port=many", "Couldn't interpret value many for flag port."),
        ("--port", "Couldn't interpret value (none) for flag port."),
        ("--enable_batching=maybe", "Couldn't interpret value maybe for flag enable_batching."),
        ("port=1", "Unknown argument: port=1"),
        ("serve", "expected --flag=value"),
    ],
)
def test_a_bad_argument_is_refused_with_the_usage(argument: str, says: str) -> None:
    with pytest.raises(StartError) as caught:
        flags.parse([argument])
    assert says in str(caught.value)
    assert "usage: tensorflow_model_server\nFlags:\n\t--port=8500" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Both server_options.model_base_path and server_options.model_config_file are empty!"),
        ([MODEL, "--batching_parameters_file=f"], "without setting server_options.enable_batching to true"),
        (
            [
                MODEL,
                "--tensorflow_session_parallelism=1",
                "--tensorflow_intra_op_parallelism=1",
                "--tensorflow_inter_op_parallelism=1",
            ],
            "tensorflow_session_parallelism: expected 0",
        ),
        ([MODEL, "--port=0"], "server_options.grpc_port is not set"),
        ([MODEL, "--rest_api_port=70000"], "expected 0-65535"),
        ([MODEL, "--rest_api_port=8500"], "rest_api_port: expected another port than port (8500)"),
        ([MODEL, "--rest_api_num_threads=0"], "expected at least 1"),
        ([MODEL, "--tensorflow_intra_op_parallelism=-1"], "expected 0 or more"),
        ([MODEL, "--rest_api_timeout_in_ms=-5"], "rest_api_timeout_in_ms: expected 0 or more, got -5"),
    ],
)
def test_contradictions_are_refused(arguments: list[str], says: str) -> None:
    with pytest.raises(StartError) as caught:
        flags.check(flags.parse(arguments))
    assert says in str(caught.value)


def test_all_contradictions_are_told_at_once() -> None:
    with pytest.raises(StartError) as caught:
        flags.check(flags.parse(["--port=0", "--batching_parameters_file=f"]))
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("session", "intra", "inter", "expected"),
    [(0, 0, 0, (0, 0)), (3, 0, 0, (3, 3)), (3, 1, 0, (1, 0)), (0, 1, 2, (1, 2)), (3, 0, 2, (0, 2))],
)
def test_intra_and_inter_replace_session_parallelism(
    session: int, intra: int, inter: int, expected: tuple[int, int]
) -> None:
    told = Flags(
        tensorflow_session_parallelism=session,
        tensorflow_intra_op_parallelism=intra,
        tensorflow_inter_op_parallelism=inter,
    )
    assert told.parallelism() == expected
