"""Which kubeconfig context a stack is on: never one that it does not name."""

from collections.abc import Sequence

from stack.schema import SettingsError


def choose(wanted: Sequence[str], known: Sequence[str]) -> str:
    """The first wanted context that is known. Raises SettingsError if none is."""
    for context in wanted:
        if context in known:
            return context
    raise SettingsError(
        [
            f"kubeContexts: expected a context of the kubeconfig ({', '.join(known) or 'it has none'}), "
            f"got {', '.join(wanted)}; start the cluster (make up) or name another context"
        ]
    )
