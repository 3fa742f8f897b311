"""Where the platform's monitoring lives, and who may call whom there."""

from stack.kube import KubeObject, selector

NAMESPACE = "emotion-monitoring"


def callers_from(component: str) -> tuple[KubeObject, ...]:
    """The pods of one of the namespace's own programs."""
    return ({"podSelector": {"matchLabels": selector(component)}},)
