"""`grafana server`: reads the environment and the provisioning files, then serves until SIGTERM."""

import os
import sys
from collections.abc import Sequence

from aiohttp import web

from embedded.standins.grafana import CONTRACT, NAME
from embedded.standins.grafana.errors import ViewerError
from embedded.standins.grafana.provisioning import load
from embedded.standins.grafana.server import application
from embedded.standins.grafana.settings import read


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 after SIGTERM, 1 with one line on standard error if it cannot start."""
    if {"--version", "-v"} & set(arguments):
        print(f"{NAME}, not Grafana; follows the contract of Grafana {CONTRACT}")
        return 0
    try:
        settings = read(os.environ)
        provisioned = load(settings.provisioning)
        app = application(settings, provisioned)
    except ViewerError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{NAME}, not Grafana: port {settings.port}, {len(provisioned.dashboards)} dashboards, "
        f"{len(provisioned.data_sources)} data sources",
        flush=True,
    )
    web.run_app(app, port=settings.port, print=None, access_log=None)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
