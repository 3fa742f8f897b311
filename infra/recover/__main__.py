"""`python -m infra.recover STACK`: mend a stack that was cut off; a healthy one is only looked at."""

import sys

from infra.recover import command
from infra.recover.damage import Agree
from infra.recover.mend import settle, unlock


def recover(stack: str, agree: Agree) -> None:
    """Mend a stack and say what was done. Raises RecoverError, PulumiError and SettingsError."""
    unlock(stack, agree)
    settle(stack, agree)


if __name__ == "__main__":
    sys.exit(command.run("recover", __doc__, recover))
