"""`python -m base COMMAND …`: become a program that ends with the one that started it, for scripts."""

import os
import signal
import sys

from base.children import tie_to_parent


def main(command: list[str]) -> int:
    """Never returns where the command can be started."""
    tie_to_parent(signal.SIGTERM)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
