"""The model servers. A new one is a file beside these and a line here."""

from stack.servers import tf_serving, torchserve, triton
from stack.servers.server import ModelServer

SERVERS: dict[str, ModelServer] = {
    server.name: server for server in (tf_serving.SERVER, torchserve.SERVER, triton.SERVER)
}
