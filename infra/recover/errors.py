"""What keeps recovery from its work."""


class RecoverError(Exception):
    """A stack cannot be mended by itself; the message names what will."""
