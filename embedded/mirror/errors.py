"""The mirror's failure; whoever handles the toolchain's handles it too."""

from embedded.toolchain import ToolchainError


class MirrorError(ToolchainError):
    """An image could not be built or pushed: names the image, what went wrong and what to do."""
