"""`python -m tests.campaign`: a stack is cut off at many moments of its life and must heal every time.

`pulumi up` and `destroy` are killed, `make up` loses its terminal; `make recover` and one command more must
bring the stack where it should be. Needs a cluster with the platform; takes the stack for itself.
"""

import argparse
import sys
from collections.abc import Sequence

from stack import pulumi
from tests.campaign import cutting, trial
from tests.campaign.moments import moments, spread
from tests.campaign.trial import FaultError, Outcome, Trial

HANG_UPS = (
    ("==> cluster", 1),
    ("==> stack", 1),
    ("updating", 1),
    ("creating", 1),
    ("creating", 3),
    ("creating", 6),
    ("created", 1),
    ("created", 4),
    ("created", 8),
    ("==> prediction", 1),
)


def plan(stack: str, ups: int, destroys: int, hang_ups: int) -> list[Trial]:
    """All trials, after both commands were watched to their ends. Raises FaultError if one failed."""
    trial.user("make", "recover", f"STACK={stack}")
    trial.user(*pulumi.words("destroy", stack, "--yes", "--skip-preview"))
    of_up = moments(cutting.watch("up", stack).events)
    of_destroy = moments(cutting.watch("destroy", stack).events)
    print(f"{len(of_up)} moments of up, {len(of_destroy)} of destroy", flush=True)
    after = (trial.comes_up, trial.goes)
    return [
        *(trial.up_killed(stack, moment) for moment in spread(of_up, ups)),
        *(
            trial.destroy_killed(stack, moment, after[number % 2])
            for number, moment in enumerate(spread(of_destroy, destroys))
        ),
        *(trial.hung_up(stack, *sign) for sign in HANG_UPS[:hang_ups]),
    ]


def summary(outcomes: Sequence[Outcome]) -> str:
    """One line: what was cut off, how often, and how often it healed."""
    kinds = dict.fromkeys(each.what.partition(",")[0] for each in outcomes)
    parts = []
    for kind in kinds:
        own = [each for each in outcomes if each.what.startswith(kind)]
        cut, healed = (sum(each.reached for each in own), sum(not each.fault for each in own))
        parts.append(f"{kind} {len(own)} times ({cut} on the way): {healed} healed")
    return f"campaign: {'; '.join(parts) or 'nothing was tried'}"


def main() -> int:
    """Run the trials; 1 if one did not heal."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("stack", nargs="?", default="tf-threads", help="default: tf-threads")
    parser.add_argument("--up", type=int, default=44, help="how often up is killed; default: 44")
    parser.add_argument("--destroy", type=int, default=22, help="how often destroy is killed; default: 22")
    parser.add_argument("--hang-up", type=int, default=10, help="how often make up is hung up; default: 10")
    parser.add_argument(
        "--only", type=int, nargs="+", metavar="NUMBER", help="those trials only, by the numbers they have"
    )
    options = parser.parse_args()
    made, outcomes = pulumi.ensure(options.stack), list[Outcome]()
    try:
        planned = plan(options.stack, options.up, options.destroy, options.hang_up)
    except FaultError as fault:
        print(fault, file=sys.stderr)
        return 1
    for number, each in enumerate(planned, start=1):
        if not options.only or number in options.only:
            outcomes.append(trial.attempt(each))
            print(f"{number}: {outcomes[-1]}", flush=True)
    trial.goes(options.stack)
    if made:
        pulumi.do("stack rm", options.stack, "--yes", "--preserve-config")
    print(summary(outcomes))
    return 1 if any(each.fault for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
