"""Which numbers are taken, as a value that says so: one place for what is checked and what is told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both taken, `low` unless `above`; in a unit, and whole if `whole`."""

    low: float
    high: float
    unit: str = ""
    above: bool = False
    whole: bool = False

    def __contains__(self, value: float) -> bool:
        """No NaN is in any range."""
        return (self.low < value if self.above else self.low <= value) and value <= self.high

    def __str__(self) -> str:
        low, high = (f"{end:.15g}" for end in (self.low, self.high))
        numbers = f"more than {low}, at most {high}" if self.above else f"{low} to {high}"
        return f"{'a whole number, ' if self.whole else ''}{numbers}{f' {self.unit}' if self.unit else ''}"

    def refusal(self, option: str, got: object) -> str:
        """What is said of an option's value that is not taken."""
        return f"{option}: expected {self}, got {got}; choose another"


SEEDS = Range(0, 2**32 - 1, whole=True)  # Python draws the same for a number and its negative
