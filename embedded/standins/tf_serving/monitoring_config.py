"""The monitoring config file: whether metrics are served, and under which path."""

from . import text_files
from .protos import CLASSES

DEFAULT_PATH = "/monitoring/prometheus/metrics"


def metrics_path(path: str) -> str:
    """URL path of the metrics page that the file at `path` asks for; empty when metrics are off.

    Raises StartError for a file that is not an ascii MonitoringConfig.
    """
    if not path:
        return ""
    config = text_files.read("monitoring_config_file", path, CLASSES["MonitoringConfig"]())
    wanted = {spec.name: value for spec, value in config.ListFields()}.get("prometheus_config")
    chosen = {} if wanted is None else {spec.name: value for spec, value in wanted.ListFields()}
    return str(chosen.get("path") or DEFAULT_PATH) if chosen.get("enable") else ""
