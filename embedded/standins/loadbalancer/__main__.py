"""Run as `python -m embedded.standins.loadbalancer KUBECONFIG HEARTBEAT_FILE`."""

import sys

from embedded.standins.loadbalancer.controller import main

if __name__ == "__main__":
    main(*sys.argv[1:])
