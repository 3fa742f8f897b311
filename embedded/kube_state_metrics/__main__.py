"""`python -m embedded.kube_state_metrics`: the program."""

import sys

from embedded.kube_state_metrics.server import main

sys.exit(main())
