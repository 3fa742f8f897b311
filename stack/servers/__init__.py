"""The model servers. A new one is a file beside these and a line here."""

from stack.servers import tf_serving, torchserve, triton
from stack.servers.model import OURS, Model
from stack.servers.server import ModelServer

MAKERS = (tf_serving.server, torchserve.server, triton.server)
SERVERS: dict[str, ModelServer] = {made.name: made for made in (make(OURS) for make in MAKERS)}
"""With our own model: for all that is the same with any."""


def serving(model: Model) -> dict[str, ModelServer]:
    """The servers with a model."""
    return SERVERS if model == OURS else {made.name: made for made in (make(model) for make in MAKERS)}
