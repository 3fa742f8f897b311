"""Predicted beside measured."""

from collections.abc import Iterator, Sequence
from statistics import median

from bench.analysis.predictions import Point, Predicted
from bench.report.document import Section, Table
from bench.report.plots import prediction as draw
from bench.report.sections.material import Material, kept
from bench.report.words import NONE, change, count, estimate, number, percent

TITLE = "Predicted and measured"


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
    table = Table(
        head, points, "Each figure as predicted → measured; the last beside the machine's CPU.", wide=True
    )
    return Section(
        "prediction",
        TITLE,
        tuple(_says(found)),
        kept(draw.capacities(found)),
        (capacities, table),
        (
            "Predicted from the times of decode and model in process, the settings, the machine's cores, and "
            "the times and the CPU of one request in flight: no figure under load enters. What a server's "
            "front end computes for a request is the least that any of its stacks showed. An autoscaled "
            "stack is predicted with all the pods that it may have.",
        ),
    )


def _says(found: Sequence[Predicted]) -> Iterator[str]:
    errors = [abs(each.error) for each in found if each.error is not None]
    if errors:
        near = sum(error <= 0.25 for error in errors)
        yield (
            f"Of {count(len(errors), 'capacity', 'capacities')} {near} are within 25 % "
            f"of the measured one; the error's median is {percent(median(errors))}, its worst "
            f"{percent(max(errors))}."
        )
    else:
        yield "No capacity was both predicted and measured."
    none = [each for each in found if each.measured and each.measured.value <= 0]
    right = sum(each.predicted <= 0 for each in none)
    if none:
        yield f"Of {count(len(none), 'stack')} that hold no rate the model says so of {right}."


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
