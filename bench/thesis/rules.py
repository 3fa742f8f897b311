"""The verdicts, and the rules that lead from figures to them. Pure."""

from dataclasses import dataclass

from bench.thesis.compare import Over, Ratio

HOLDS = "holds"
OTHERWISE = "holds, but for another reason"
DOES_NOT = "does not hold"
UNTOLD = "cannot be told from these runs"
UNTESTED = "not tested here"
VERDICTS = (HOLDS, OTHERWISE, DOES_NOT, UNTOLD, UNTESTED)

THESIS_RUNS = "run under the thesis's load"
MATTERS = 1.25  # the smallest difference that counts where the thesis gives none


@dataclass(frozen=True)
class Finding:
    """What a check found: `measured` is a few figures, `why` leads from them to the verdict."""

    measured: str
    verdict: str
    why: str


def missing(what: str) -> Finding:
    """Nothing to judge by."""
    return Finding("–", UNTOLD, f"These runs have no {what}.")


def untested(why: str) -> Finding:
    """Nothing that an experiment does could decide it."""
    return Finding("–", UNTESTED, why)


def within(found: Over | None, low: float, high: float) -> str:
    """HOLDS where the whole interval lies within the bounds, DOES_NOT where none of it does."""
    if found is None or found.value.low is None or found.value.high is None:
        return UNTOLD
    if low <= found.value.low and found.value.high <= high:
        return HOLDS
    return DOES_NOT if found.value.high < low or found.value.low > high else UNTOLD


def differs(found: Ratio | None, claimed: float) -> str:
    """Whether a ratio is on the claimed side of 1, beyond the noise.

    No difference refutes the claim only if interval and noise also exclude a difference of the claimed size.
    """
    if found is None or found.word == "unknown":
        return UNTOLD
    if found.word == ("lower" if claimed < 1 else "higher"):
        return HOLDS
    return DOES_NOT if found.word != "no difference" or _excludes(found, claimed) else UNTOLD


def _excludes(found: Ratio, claimed: float) -> bool:
    low, high, noise = found.value.low, found.value.high, found.floor
    if low is None or high is None or noise is None:
        return False
    return low / noise > claimed if claimed < 1 else high * noise < claimed


def opposite(verdict: str) -> str:
    """The verdict on the contrary claim."""
    return {HOLDS: DOES_NOT, DOES_NOT: HOLDS}.get(verdict, verdict)
