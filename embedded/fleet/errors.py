"""What can go wrong with simulated nodes."""


class FleetError(Exception):
    """The message says what was expected, what came and what to do."""
