"""How `bench status` tells of autoscalers: of which namespaces, in which table, or why none can be asked."""

from collections.abc import Callable, Sequence

from bench.errors import ClusterError
from bench.subject.cluster import Cluster
from stack.contexts import choose
from stack.namespaces import PREFIX
from stack.schema import SettingsError
from stack.settings import Settings

Connect = Callable[[str], Cluster]


def report(title: str, tell: Callable[[Cluster], str], known: Sequence[str], connect: Connect) -> str:
    """What is told of the local cluster, of the contexts that are known; a sentence without one."""
    try:
        return tell(connect(choose(Settings().kube_contexts, known)))
    except (ClusterError, SettingsError) as error:
        return f"{title}\n  not known: {error}"


def ours(namespace: str, wanted: Sequence[str] | None) -> bool:
    """Whether a namespace is wanted; by default all of the project's are."""
    return namespace in wanted if wanted else namespace.startswith(PREFIX)


def table(title: str, rows: Sequence[tuple[str, ...]]) -> str:
    """Rows below a title, the first of them the head."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join([title, *(f"  {line}" for line in lines)])
