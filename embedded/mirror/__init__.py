"""The images that the embedded cluster's registry serves under their upstream names.

Dockerfiles and manifests name upstream images, but a machine that has only package registries cannot pull
them. So each image is built here from the same upstream software, or, where that cannot be had, from a
stand-in that says so, and pushed to the local registry, which dockerd and containerd ask in place of the
upstream ones.
"""

from embedded.mirror.build import ensure, served, without_programs
from embedded.mirror.catalogue import inventory
from embedded.mirror.errors import MirrorError
from embedded.mirror.recipe import Image

__all__ = ["Image", "MirrorError", "ensure", "inventory", "served", "without_programs"]
