"""Predicted beside measured."""

from collections.abc import Iterator, Sequence
from statistics import median

from bench.analysis.predictions import Beforehand, Point, Predicted
from bench.report.document import Section, Table
from bench.report.plots import prediction as draw
from bench.report.sections.material import Material, kept
from bench.report.words import NONE, change, count, estimate, number, percent

TITLE = "Predicted and measured"
BEFOREHAND = ("stack", "block", "written down before the search, requests/s", "the search held", "error")


def predicted(material: Material) -> Section:
    """Capacities, and p95, batch and utilisation at the measured rates."""
    found = material.found.predictions
    if not found:
        says = "The model was not timed in process here, so there is nothing to predict from."
        return Section("prediction", TITLE, (says,))
    capacities = Table(
        ("stack", "predicted, requests/s", "measured, requests/s", "error"),
        tuple(_capacity(each) for each in found),
    )
    head = ("stack", "load", "requests/s", "p95, ms", "mean batch", "what is scarcest in use")
    points = tuple(_point(each, point) for each in found for point in each.points)
    beforehand = tuple(_beforehand(each, before) for each in found for before in each.beforehand)
    table = Table(
        head, points, "Each figure as predicted → measured; the last beside the machine's CPU.", wide=True
    )
    return Section(
        "prediction",
        TITLE,
        tuple(_says(found)),
        kept(draw.capacities(found)),
        (capacities, *([Table(BEFOREHAND, beforehand)] if beforehand else ()), table),
        (
            "Predicted from the times of decode and model in process, the settings, the machine's cores, and "
            "the times and the CPU of one request in flight: no figure under load enters. What a server's "
            "front end computes for a request is the least that any of its stacks showed. An autoscaled "
            "stack is predicted with all the pods that it may have.",
        ),
    )


def _says(found: Sequence[Predicted]) -> Iterator[str]:
    yield from _says_beforehand([each for cell in found for each in cell.beforehand])
    errors = [abs(each.error) for each in found if each.error is not None]
    if errors:
        all_ = count(len(errors), "capacity", "capacities")
        yield f"Of {all_} {_close(errors, 'the measured one')}"
    else:
        yield "No capacity was both predicted and measured."
    none = [each for each in found if each.measured and each.measured.value <= 0]
    right = sum(each.predicted <= 0 for each in none)
    if none:
        yield f"Of {count(len(none), 'stack')} that hold no rate the model says so of {right}."


def _says_beforehand(made: Sequence[Beforehand]) -> Iterator[str]:
    errors = [abs(each.error) for each in made if each.error is not None]
    if errors:
        all_ = count(len(errors), "capacity", "capacities")
        close = _close(errors, "what the block then held")
        yield f"{all_} of a block were written down before its search; {close}"


def _close(errors: Sequence[float], to: str) -> str:
    near = sum(error <= 0.25 for error in errors)
    return (
        f"{near} are within 25 % of {to}; the error's median is {percent(median(errors))}, its worst "
        f"{percent(max(errors))}."
    )


def _beforehand(each: Predicted, before: Beforehand) -> tuple[str, ...]:
    held = "nothing told" if before.held is None else number(before.held) if before.held else "none held"
    error = NONE if before.error is None else change(before.error)
    return f"`{each.cell}`", str(before.block), number(before.forecast), held, error


def _capacity(each: Predicted) -> tuple[str, ...]:
    measured = estimate(each.measured) if each.measured and each.measured.value > 0 else "none held"
    if each.measured is None:
        measured = "not searched"
    error = NONE if each.error is None else change(each.error)
    return f"`{each.cell}`", number(each.predicted) if each.predicted else "none", measured, error


def _point(each: Predicted, point: Point) -> tuple[str, ...]:
    without_end = "grows without end"
    p95 = without_end if point.predicted_p95 is None else number(point.predicted_p95)
    return (
        f"`{each.cell}`",
        point.label,
        number(point.rate),
        f"{p95} → {number(point.measured_p95)}",
        f"{number(point.predicted_batch)} → {number(point.measured_batch)}",
        f"{percent(point.predicted_utilization)} → {percent(point.busy)}",
    )
