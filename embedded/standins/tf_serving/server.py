"""Puts the parts together: a model behind a manager, and the REST API in front of it."""

from collections.abc import Callable

from . import servable
from .http_front import FrontSettings, HttpFront
from .manager import Manager, Polling
from .metrics import Metrics
from .rest import RestApi
from .servable import LoadSettings, Servable
from .settings import Settings

Log = Callable[[str], None]


class Server:
    """A model server: `load()` the model, `open()` the port, `close()` when it is time."""

    def __init__(self, settings: Settings, log: Log) -> None:
        flags = settings.flags
        self._log, self._metrics, self._name = log, Metrics(), flags.model_name
        timeout = flags.rest_api_timeout_in_ms / 1000
        self._load_settings = LoadSettings(
            intra_threads=flags.tensorflow_intra_op_parallelism,
            inter_threads=flags.tensorflow_inter_op_parallelism,
            timeout=timeout,
            batching=settings.batching,
        )
        polling = Polling(flags.file_system_poll_wait_seconds)
        self.manager = Manager(flags.model_name, flags.model_base_path, self._load, polling, log)
        self._closed_port = flags.port
        self._front_settings = FrontSettings(
            host=settings.host,
            port=flags.rest_api_port,
            threads=flags.rest_api_num_threads,
            timeout=timeout,
            metrics_path=settings.metrics_path,
        )
        api = RestApi(self.manager, self._metrics, timeout)
        self._front = HttpFront(self._front_settings, api, self._metrics)

    def _load(self, version: int, path: str) -> Servable:
        self._log(f"loading {self._name} version {version} from {path}")
        return servable.load(self._name, version, path, self._load_settings, self._metrics)

    def load(self) -> None:
        """Load the first version; raises StartError when it cannot be loaded."""
        self.manager.start()

    async def open(self) -> None:
        """Open the port; raises OSError when it is taken."""
        await self._front.start()
        where = self._front_settings
        self._log(f"Exporting HTTP/REST API at:{where.host}:{where.port} ...")
        self._log(f"The gRPC API is not served: port {self._closed_port} stays closed")

    async def close(self) -> None:
        """Refuse new connections, finish what is under way, stop watching versions."""
        await self._front.drain()
        self.manager.stop()
