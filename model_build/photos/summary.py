"""What a training is about to learn from, and what it leaves out and why: on one screen, before it begins."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from base.files import shown
from model_build import extremes
from model_build.photos.batches import Photos
from model_build.photos.dataset import Found, LeftOut

_NAMED, _REASONS = 3, 12


def lines(found: Found, kept: Photos) -> Iterator[str]:
    """Photos by class and part of the split, what is left out by reason, and what accuracy will be worth."""
    train, test = (Counter(int(label) for label in kept.labels[rows]) for rows in (kept.train, kept.test))
    yield f"{len(found.photos)} photos, {len(kept.train)} to train and {len(kept.test)} to test:"
    counts = [train[number] + test[number] for number in range(len(found.classes))]
    yield from extremes.lines(
        found.classes,
        counts,
        lambda number: f"{counts[number]:>6}  ({train[number]} to train, {test[number]} to test)",
    )
    if found.left_out:
        yield f"left out, {len(found.left_out)} in all:"
        yield from reasons(found.folder, found.left_out)
    yield from _lopsided(found.classes, counts)


def reasons(folder: Path, left_out: Sequence[LeftOut]) -> Iterator[str]:
    """A line for each reason, the commonest first, with how many and a few of them by name."""
    by_reason = defaultdict[str, list[LeftOut]](list)
    for each in left_out:
        by_reason[re.sub(r"\d+", "#", each.reason)].append(each)
    ordered = sorted(by_reason.values(), key=len, reverse=True)
    for group in ordered[:_REASONS]:
        names = ", ".join(shown(_within(folder, each.path)) for each in group[:_NAMED])
        more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
        yield f"  {len(group):>6}  {group[0].reason}: {names}{more}"
    if rest := sum(map(len, ordered[_REASONS:])):
        yield f"  {rest:>6}  for {len(ordered) - _REASONS} other reasons"


def _within(folder: Path, path: Path) -> Path:
    return path.relative_to(folder) if path.is_relative_to(folder) else path


def lopsided(classes: int) -> float:
    """Share of one class from which accuracy says little: twice its fair share, or half way to all."""
    return min(2 / classes, (1 + 1 / classes) / 2)


def _lopsided(classes: Sequence[str], counts: Sequence[int]) -> Iterator[str]:
    share, label = max(counts) / sum(counts), classes[counts.index(max(counts))]
    if share >= lopsided(len(classes)):
        yield (
            f"warning: {share:.0%} of the photos are {label}: to know no other class would be right as "
            "often; judge by recall, not by accuracy, or give more photos of the other classes"
        )
