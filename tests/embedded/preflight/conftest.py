"""The machine of the toolchain's tests."""

from tests.embedded.toolchain.conftest import Script, cache, script

__all__ = ["Script", "cache", "script"]
