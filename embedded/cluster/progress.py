"""One line for each step, with the seconds since the command began."""

import time
from collections.abc import Callable

Report = Callable[[str], None]


def stopwatch(prefix: str = "cluster") -> Report:
    """A reporter that prints `prefix  12.3 s  message` on standard output."""
    began = time.monotonic()

    def report(message: str) -> None:
        print(f"{prefix} {time.monotonic() - began:6.1f} s  {message}", flush=True)

    return report
