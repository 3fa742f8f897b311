#!/bin/sh
# As in the upstream image, `serve` starts the server and anything else is run as it is; but nothing outlives the server.
set -e
if [ "$1" = serve ]; then
    shift
    exec torchserve --start --foreground --ts-config /home/model-server/config.properties --disable-token-auth "$@"
fi
exec "$@"
