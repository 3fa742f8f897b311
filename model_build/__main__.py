"""`python -m model_build`: train, export and prove both models."""

import sys

from base import stop

FAREWELL = "stopped; the artifacts are as they were before"


def main() -> int:
    """Exit code: 0 made or up to date, 1 error, 128 + the number of a signal."""
    from model_build.command import main as run  # noqa: PLC0415  # it takes a second to load

    return run()


if __name__ == "__main__":
    sys.exit(stop.run(main, FAREWELL))
