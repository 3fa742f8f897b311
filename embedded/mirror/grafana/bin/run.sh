#!/bin/sh
# The upstream image's entry point; here the settings are read by the server itself.
exec grafana server "$@"
