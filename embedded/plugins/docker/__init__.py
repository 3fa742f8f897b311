"""The stand-in for Pulumi's `docker` plugin: `docker.Image`, built and pushed by the docker command."""
