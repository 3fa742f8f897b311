"""`python -m embedded.standins.kube_state_metrics`: the program."""

import sys

from embedded.standins.kube_state_metrics.server import main

sys.exit(main())
