"""The command line of tensorflow_model_server, as far as this project uses it; anything else is refused.

Names and defaults: tensorflow_serving/model_servers/main.cc.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from . import SERVER_NAME, VERSION
from .errors import StartError

PROGRAM = "tensorflow_model_server"
TRUE, FALSE = ("true", "1", "t", "yes"), ("false", "0", "f", "no")


@dataclass(frozen=True)
class Flags:
    """Every flag served; field names are the flags' names."""

    model_base_path: str
    rest_api_port: int
    rest_api_num_threads: int
    port: int = 8500
    rest_api_timeout_in_ms: int = 30000
    model_name: str = "default"
    enable_batching: bool = False
    batching_parameters_file: str = ""
    monitoring_config_file: str = ""
    file_system_poll_wait_seconds: int = 1
    tensorflow_intra_op_parallelism: int = 0
    tensorflow_inter_op_parallelism: int = 0


def cpus() -> int:
    """CPUs this process may be scheduled on: affinity, not the cgroup quota, as upstream counts them."""
    return len(os.sched_getaffinity(0))


def parse(arguments: Sequence[str]) -> Flags:
    """Flags of a command line; `--help` and `--version` print and exit.

    Raises StartError for unknown flags, values of the wrong type or range, and contradictions.
    """
    flags = Flags(**vars(_parser().parse_args(arguments)))
    problems = [text for wrong, text in _rules(flags) if wrong]
    if problems:
        raise StartError("\n".join(problems))
    return flags


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise StartError(f"{message}; {PROGRAM} --help lists the flags that this stand-in serves")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description=f"{SERVER_NAME}: not upstream software.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"TensorFlow ModelServer: {VERSION}\n{SERVER_NAME}"
    )

    def number(name: str, default: int, text: str) -> None:
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=text)

    def text(name: str, default: str, help_: str) -> None:
        parser.add_argument(f"--{name}", default=default, metavar="TEXT", help=help_)

    number("port", 8500, "accepted and left closed: the gRPC API is not served")
    number("rest_api_port", 0, "TCP port of the HTTP/REST API")
    number("rest_api_num_threads", 4 * cpus(), "threads for requests, one of which runs the event loop")
    number("rest_api_timeout_in_ms", 30000, "time limit of a request; 0 is none")
    text("model_name", "default", "name of the model")
    text("model_base_path", "", "folder of version folders")
    parser.add_argument("--enable_batching", type=_boolean, nargs="?", const=True, default=False)
    text("batching_parameters_file", "", "ascii BatchingParameters; needs --enable_batching")
    text("monitoring_config_file", "", "ascii MonitoringConfig")
    number("file_system_poll_wait_seconds", 1, "seconds between looks for versions; 0 looks once")
    number("tensorflow_intra_op_parallelism", 0, "threads within an operation; 0 is one a CPU")
    number("tensorflow_inter_op_parallelism", 0, "threads between operations; 0 is one a CPU")
    return parser


def _boolean(text: str) -> bool:
    if text.lower() not in TRUE + FALSE:
        raise argparse.ArgumentTypeError(f"expected true or false, got {text}")
    return text.lower() in TRUE


def _rules(flags: Flags) -> list[tuple[bool, str]]:
    at_least = {
        "rest_api_num_threads": 1,
        "rest_api_timeout_in_ms": 0,
        "tensorflow_intra_op_parallelism": 0,
        "tensorflow_inter_op_parallelism": 0,
    }
    return [
        (not flags.model_base_path, "model_base_path: expected a folder of version folders, got none"),
        (
            not 1 <= flags.rest_api_port <= 65535,
            f"rest_api_port: expected 1-65535, got {flags.rest_api_port}; REST is all that is served",
        ),
        (
            bool(flags.batching_parameters_file) and not flags.enable_batching,
            "batching_parameters_file: needs --enable_batching",
        ),
        *(
            (getattr(flags, name) < least, f"{name}: expected {least} or more, got {getattr(flags, name)}")
            for name, least in at_least.items()
        ),
    ]
