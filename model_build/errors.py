"""The one error that model_build shows to its user without a traceback."""


class BuildError(Exception):
    """Message form: SETTING: expected ..., got ...; FIX."""
