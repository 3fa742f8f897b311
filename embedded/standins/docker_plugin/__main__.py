"""Run as `python -m embedded.standins.docker_plugin ENGINE_ADDRESS`; Pulumi's engine does."""

from embedded.standins.docker_plugin.slim import import_stubs_only

import_stubs_only()

# The SDK's stubs may be imported from here on, and not before.
from embedded.standins.docker_plugin.server import serve  # noqa: E402

if __name__ == "__main__":
    serve()
