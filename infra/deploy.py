"""`python -m infra.deploy STACK`: bring a stack up, whatever was cut off or changed behind its back.

What somebody changed in the cluster is put back; who it was is said.
"""

import sys

from infra import live
from infra.recover import command, damage, mend, view
from infra.recover.errors import RecoverError
from stack import drift, pulumi, recorded
from stack.drift import Deviation
from stack.pulumi import PulumiError

ROUNDS = 2  # an autoscaler that goes may have the last word on the number of pods


def deploy(stack: str, agree: damage.Agree) -> None:
    """Mend the stack, bring it up, and see that the cluster has it. Raises what its parts raise."""
    mend.unlock(stack, agree)
    if pulumi.ensure(stack):
        print(f"made the stack {stack}", flush=True)
    pulumi.do("stack select", stack)
    mend.settle(stack, agree)
    for left in range(ROUNDS, 0, -1):
        up(stack)
        wrong = deviations(stack)
        if not wrong:
            return
        told = "; ".join(map(str, wrong))
        if left == 1:
            raise RecoverError(f"{stack}: the cluster is not as deployed, somebody works against it: {told}")
        print(f"not yet as deployed: {told}; once more", flush=True)


def up(stack: str) -> None:
    """`pulumi up` on our terminal, after a look at the cluster. Raises PulumiError."""
    words = pulumi.words("up", stack, "--yes", "--skip-preview", "--refresh")
    shown = [word for word in words if word != "--non-interactive"] if sys.stdout.isatty() else words
    if pulumi.patiently(shown, None, None, pulumi.environment()):
        raise PulumiError(f"pulumi up of {stack} failed, as said above; the same command goes on")


def deviations(stack: str) -> tuple[Deviation, ...]:
    """In what the cluster differs from the state. Raises PulumiError, SettingsError."""
    exported = damage.exported(stack)
    known = recorded.objects(recorded.part(exported, "deployment"))
    return drift.compare(known, live.finder(view.context(stack, exported)))


if __name__ == "__main__":
    sys.exit(command.run("deploy", __doc__, deploy))
