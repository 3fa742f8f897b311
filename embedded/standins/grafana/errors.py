"""What stops the viewer from starting."""


class ViewerError(Exception):
    """`KEY: expected RANGE, got VALUE; FIX`."""
