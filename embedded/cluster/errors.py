"""The one exception this package raises for what a person can put right."""


class ClusterError(Exception):
    """Says what is wrong and what to do about it, in words for the person at the keyboard."""
