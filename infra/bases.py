"""`python -m infra.bases STACK`: the upstream images that a stack is built on or runs, a line each."""

import argparse
import sys
from collections.abc import Sequence

from infra.gateway import traefik
from infra.scaling import keda, vpa
from stack import files
from stack.schema import SettingsError
from stack.servers import SERVERS
from stack.settings import Settings, read
from stack.settings.gateway import GATEWAY
from stack.settings.scaling import KEDA, VPA

OF_EXTRAS = {
    GATEWAY: (traefik.NAME,),
    KEDA: tuple(keda.IMAGES.values()),
    VPA: tuple(vpa.IMAGES.values()),
}


def bases(stack: str) -> tuple[str, ...]:
    """Their names without tags; of the platform those that are not usual. Raises SettingsError."""
    file = files.path(stack)
    return images_of(read(files.stack_settings(file)) if file.exists() else read({}))


def images_of(wanted: Settings) -> tuple[str, ...]:
    """What settings ask for."""
    servers = (SERVERS[server].image.upstream for server in wanted.servers)
    return (*servers, *(image for name in wanted.platform.extras for image in OF_EXTRAS[name]))


def main(words: Sequence[str] | None = None) -> int:
    """Exit code: 0 told, 1 the stack's settings are wrong."""
    parser = argparse.ArgumentParser(prog="python -m infra.bases", description=__doc__)
    parser.add_argument("stack")
    stack = parser.parse_args(words).stack
    try:
        print("\n".join(bases(stack)))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
