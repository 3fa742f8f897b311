"""One alert rule, and how its texts name what it is about."""

from dataclasses import dataclass

POD = "{{ $labels.namespace }}/{{ $labels.pod }}"
STACK = "{{ $labels.namespace }}"
BY_STACK = "namespace"  # the labels that such a rule's series have
LASTING = "1m"  # six scrapes: one slow answer wakes nobody


@dataclass(frozen=True)
class Alert:
    """One rule. `held` is how long its expression must return something."""

    name: str
    expression: str
    severity: str
    summary: str
    remedy: str
    held: str = LASTING
