"""Upstream programs from package registries, built or installed once for each user."""

from embedded.toolchain.errors import ToolchainError
from embedded.toolchain.install import ensure, inventory, tool
from embedded.toolchain.locate import Source

__all__ = ["Source", "ToolchainError", "ensure", "inventory", "tool"]
