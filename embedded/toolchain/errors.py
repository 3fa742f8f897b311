"""The one failure of the toolchain, written to be shown to a person as it is."""


class ToolchainError(Exception):
    """A program could not be had: names the program, what was tried, what it printed and what to do."""
