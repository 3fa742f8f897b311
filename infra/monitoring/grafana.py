"""Grafana: the dashboards, provisioned from code, behind a login.

The password of the user `admin` is generated when the Secret is made, and never again.
"""

import yaml

from infra.monitoring import component, dashboards
from infra.monitoring.component import Program
from infra.monitoring.dashboards.panels import SOURCE_UID
from stack.kube import GENERATED, KubeObject, config_map, labels, meta, name_of, service_account
from stack.namespaces import MONITORING
from stack.settings import GrafanaSettings, Slo

NAME = "grafana"
PORT = 3000
SERVICE_PORT = 80
ADMIN, PASSWORD_KEY = "grafana-admin", "password"
PROVISIONING = "/etc/grafana/provisioning"
BOARDS = "/var/lib/grafana-dashboards"
SECRETS = "/secrets"
WRITABLE = {"data": "/var/lib/grafana", "logs": "/var/log/grafana", "tmp": "/tmp"}
ENVIRONMENT = {
    "GF_SECURITY_ADMIN_USER": "admin",
    "GF_SECURITY_ADMIN_PASSWORD__FILE": f"{SECRETS}/{PASSWORD_KEY}",
    "GF_AUTH_ANONYMOUS_ENABLED": "false",
    "GF_USERS_ALLOW_SIGN_UP": "false",
    "GF_ANALYTICS_REPORTING_ENABLED": "false",
    "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
    "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
    "GF_PLUGINS_PREINSTALL_DISABLED": "true",  # it would fetch plugins from the Internet at every start
    "GF_PATHS_DATA": WRITABLE["data"],
    "GF_PATHS_LOGS": WRITABLE["logs"],
    "GF_PATHS_PROVISIONING": PROVISIONING,
    "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": f"{BOARDS}/overview.json",
}


def objects(
    stack: str,
    version: str,
    settings: GrafanaSettings,
    slo: Slo,
    prometheus_url: str,
    *,
    scrape_seconds: int,
    with_gateway: bool = False,
    with_keda: bool = False,
) -> tuple[KubeObject, ...]:
    """Everything that Grafana needs but the namespace, in the order of dependence."""
    names = labels(NAME, stack)
    files = {
        "datasources": {"prometheus.yaml": data_source(prometheus_url, scrape_seconds)},
        "providers": {"files.yaml": provider()},
        "boards": dashboards.render(slo, with_gateway=with_gateway, with_keda=with_keda),
    }
    configs = {name: config_map(f"{NAME}-{name}", MONITORING, names, each) for name, each in files.items()}
    running = program(version, {name: name_of(config) for name, config in configs.items()})
    return (
        service_account(NAME, MONITORING, names),
        _password(names),
        *configs.values(),
        component.admit(running, stack, callers=None, egress=None),
        component.deployment(running, stack),
        component.service(running, stack, SERVICE_PORT, settings.service_type),
    )


def program(version: str, configs: dict[str, str]) -> Program:
    """Grafana `version`; `configs` names the ConfigMaps of data sources, providers and boards."""
    read = {
        "datasources": f"{PROVISIONING}/datasources",
        "providers": f"{PROVISIONING}/dashboards",
        "boards": BOARDS,
        "admin": SECRETS,
    }
    return Program(
        name=NAME,
        namespace=MONITORING,
        image=f"grafana/grafana:{version}",
        port=PORT,
        readiness=component.get("/api/health"),
        liveness={"tcpSocket": {"port": "http"}},
        startup_seconds=120,
        resources=component.resources("50m", "500m", "128Mi", "512Mi", "512Mi"),
        volumes={
            **{name: {"configMap": {"name": config}} for name, config in configs.items()},
            "admin": {"secret": {"secretName": ADMIN, "defaultMode": 0o440}},
            **{name: {"emptyDir": {"sizeLimit": "128Mi"}} for name in WRITABLE},
        },
        mounts=read | WRITABLE,
        environment=ENVIRONMENT,
    )


def data_source(url: str, scrape_seconds: int) -> str:
    """The provisioned Prometheus; `timeInterval` makes $__rate_interval at least four scrapes."""
    source = {
        "name": "Prometheus",
        "uid": SOURCE_UID,
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "isDefault": True,
        "editable": False,
        "jsonData": {"timeInterval": f"{scrape_seconds}s", "httpMethod": "POST"},
    }
    return yaml.safe_dump({"apiVersion": 1, "datasources": [source]}, sort_keys=False)


def provider() -> str:
    """Where Grafana finds the dashboards; they are changed in code, not in the browser."""
    folder = {
        "name": "emotion-serving",
        "folder": "emotion-serving",
        "type": "file",
        "disableDeletion": True,
        "allowUiUpdates": False,
        "options": {"path": BOARDS},
    }
    return yaml.safe_dump({"apiVersion": 1, "providers": [folder]}, sort_keys=False)


def _password(names: dict[str, str]) -> KubeObject:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": meta(ADMIN, MONITORING, names),
        "type": "Opaque",
        "stringData": {PASSWORD_KEY: GENERATED},
    }
