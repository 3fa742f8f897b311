"""A stand-in for Pulumi's `docker` plugin: it speaks the engine's protocol and serves `docker.Image` only."""
