"""Upstream programs from package registries, built or installed once for each user."""

from embedded.toolchain.errors import ToolchainError
from embedded.toolchain.install import built, ensure, inventory, packaged, tool
from embedded.toolchain.locate import Source

__all__ = ["Source", "ToolchainError", "built", "ensure", "inventory", "packaged", "tool"]
