from collections.abc import Iterator
from pathlib import Path

import pytest

from .running import Running
from .saved_models import write_arithmetic, write_warmup

MODELS = """
model_config_list {{
  config {{
    name: "half" base_path: "{base}" model_platform: "tensorflow"
    model_version_policy {{ all {{ }} }}
    version_labels {{ key: "stable" value: 1 }}
    version_labels {{ key: "canary" value: 2 }}
  }}
}}
"""
BATCHING = """
max_batch_size { value: 4 }
batch_timeout_micros { value: 20000 }
max_enqueued_batches { value: 2 }
num_batch_threads { value: 1 }
"""
MONITORING = "prometheus_config { enable: true }"


@pytest.fixture(scope="session")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Base path of a model with versions 1 (x/2 + 2, warmed up) and 2 (x/2 + 3)."""
    base = tmp_path_factory.mktemp("half")
    write_arithmetic(base / "00000001", 2.0)
    write_warmup(base / "00000001", "half", "serving_default", [[1.0], [2.0, 3.0]])
    write_arithmetic(base / "2", 3.0)
    return base


@pytest.fixture(scope="session")
def configured(tmp_path_factory: pytest.TempPathFactory, half: Path) -> tuple[str, ...]:
    """Flags for both versions with labels, and metrics."""
    folder = tmp_path_factory.mktemp("config")
    (folder / "models.txt").write_text(MODELS.format(base=half))
    (folder / "monitoring.txt").write_text(MONITORING)
    return (
        f"--model_config_file={folder / 'models.txt'}",
        "--allow_version_labels_for_unavailable_models=true",
        f"--monitoring_config_file={folder / 'monitoring.txt'}",
        "--rest_api_num_threads=33",
    )


class Servers:
    """The two servers the tests share, started together so that their start-up times overlap."""

    def __init__(self, folder: Path, configured: tuple[str, ...]) -> None:
        (folder / "batching.txt").write_text(BATCHING)
        (folder / "plain").mkdir()
        batching = ("--enable_batching", f"--batching_parameters_file={folder / 'batching.txt'}")
        self.batched = Running(folder, *configured, *batching, "--rest_api_timeout_in_ms=20000")
        self.plain = Running(
            folder / "plain",
            *configured,
            "--enable_grpc_healthcheck_service",
            "--rest_api_timeout_in_ms=1500",
            "--rest_api_enable_cors_support",
            environment={"TF_SERVING_STANDIN_MAX_BODY_BYTES": "1000000"},
        )


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory, configured: tuple[str, ...]) -> Iterator[Servers]:
    both = Servers(tmp_path_factory.mktemp("servers"), configured)
    yield both
    both.batched.kill()
    both.plain.kill()


@pytest.fixture(scope="session")
def plain(servers: Servers) -> Running:
    """A server without batching, with a short timeout, a small body limit, CORS and gRPC health."""
    return servers.plain.ready()


@pytest.fixture(scope="session")
def batched(servers: Servers) -> Running:
    """A server that batches up to 4 rows within 20 ms, one batch at a time, 2 waiting."""
    return servers.batched.ready()
