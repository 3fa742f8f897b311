"""The error whose text is for the user."""


class PluginError(Exception):
    """An operation failed; its text is what the user reads."""
