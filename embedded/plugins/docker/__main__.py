"""Run as `python -m embedded.plugins.docker ENGINE_ADDRESS`; Pulumi's engine does."""

from embedded.plugins.slim import import_stubs_only

import_stubs_only()

# The SDK's stubs may be imported from here on, and not before.
from embedded.plugins.docker.provider import Docker  # noqa: E402
from embedded.plugins.server import serve  # noqa: E402

if __name__ == "__main__":
    serve(Docker)
