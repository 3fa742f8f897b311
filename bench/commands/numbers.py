"""Numbers on the command line: each option knows its range, and says it of what is outside."""

import math
from dataclasses import dataclass

from bench.errors import OptionError
from bench.records.ranges import Range


@dataclass(frozen=True)
class Number:
    """The `type` of an option for argparse. Raises OptionError with option, range and what came."""

    option: str
    taken: Range

    def __call__(self, text: str) -> float:
        value = self._read(text)
        if value not in self.taken:
            raise OptionError(self.taken.refusal(self.option, text))
        return value

    def _read(self, text: str) -> float:
        try:
            return int(text) if self.taken.whole else float(text)
        except ValueError:
            return math.nan
