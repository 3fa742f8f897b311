"""`python -m embedded.preflight`: say what this machine lacks; needs only Python's standard library."""

import sys

from embedded.preflight.report import main

if __name__ == "__main__":
    sys.exit(main())
