"""Puts the parts together: models behind a manager, and the two protocols in front of it."""

import asyncio
from collections.abc import Callable

import grpc

from . import model_config, servable
from .grpc_service import GrpcService
from .http_front import FrontSettings, HttpFront
from .manager import Manager, Polling
from .metrics import Metrics
from .predictor import Predictor
from .rest import RestApi
from .servable import LoadSettings, Servable
from .settings import Settings

Log = Callable[[str], None]
DRAIN_SECONDS = 30.0


class Server:
    """A model server: `load()` the models, `open()` the ports, `close()` when it is time."""

    def __init__(self, settings: Settings, log: Log) -> None:
        self._settings, self._log = settings, log
        self._metrics = Metrics()
        self._load_settings = load_settings(settings)
        flags = settings.flags
        self.manager = Manager(
            settings.models, self._load, polling(settings), log, lambda: model_config.from_flags(flags)
        )
        self._timeout = flags.rest_api_timeout_in_ms / 1000
        self._grpc: grpc.Server | None = None
        self._front: HttpFront | None = None

    def _load(self, model: str, version: int, path: str) -> Servable:
        self._log(f"loading {model} version {version} from {path}")
        return servable.load(model, version, path, self._load_settings, self._metrics)

    def load(self) -> None:
        """Load the first versions of all models; raises StartError when one cannot be loaded."""
        self.manager.start()

    async def open(self) -> None:
        """Open the ports; raises OSError or RuntimeError when one is taken."""
        flags, host = self._settings.flags, self._settings.host
        predictor = Predictor(self.manager, self._metrics)
        service = GrpcService(
            self.manager, predictor, self._metrics, health=flags.enable_grpc_healthcheck_service
        )
        self._grpc = service.serve(f"{host}:{flags.port}", flags.grpc_max_threads)
        self._log(f"Running gRPC ModelServer at {host}:{flags.port} ...")
        if flags.rest_api_port:
            api = RestApi(self.manager, predictor, self._metrics, self._timeout)
            self._front = HttpFront(self._front_settings(), api, self._metrics)
            await self._front.start()
            self._log(f"Exporting HTTP/REST API at:{host}:{flags.rest_api_port} ...")

    def _front_settings(self) -> FrontSettings:
        flags = self._settings.flags
        return FrontSettings(
            host=self._settings.host,
            port=flags.rest_api_port,
            threads=flags.rest_api_num_threads,
            timeout=self._timeout,
            metrics_path=self._settings.metrics_path,
            cors=flags.rest_api_enable_cors_support,
            max_body=self._settings.max_body,
            drain_seconds=DRAIN_SECONDS,
        )

    async def close(self) -> None:
        """Refuse new connections, finish what is under way within DRAIN_SECONDS, stop watching versions."""
        if self._front:
            self._front.stop_accepting()
        ended = self._grpc.stop(DRAIN_SECONDS) if self._grpc else None
        if self._front:
            await self._front.drain()
        if ended:
            await asyncio.to_thread(ended.wait)
        self.manager.stop()


def load_settings(settings: Settings) -> LoadSettings:
    """How this server loads versions."""
    flags = settings.flags
    intra, inter = flags.parallelism()
    return LoadSettings(
        intra_threads=intra,
        inter_threads=inter,
        tags=tuple(flags.saved_model_tags.split(",")),
        timeout=flags.rest_api_timeout_in_ms / 1000,
        batching=settings.batching,
        warmup=flags.enable_model_warmup,
        warmup_iterations=flags.num_request_iterations_for_warmup,
    )


def polling(settings: Settings) -> Polling:
    """When this server looks for versions."""
    flags = settings.flags
    return Polling(
        poll=flags.file_system_poll_wait_seconds,
        retries=flags.max_num_load_retries,
        retry_interval=flags.load_retry_interval_micros / 1e6,
        labels_for_unavailable=flags.allow_version_labels_for_unavailable_models,
        reread_models=flags.model_config_file_poll_wait_seconds if flags.model_config_file else 0,
    )
