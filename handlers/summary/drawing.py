"""The figures as a picture's plan: which bars, how long, with which words; ``chart`` draws it. Counts only."""

from __future__ import annotations

from collections.abc import Callable

from handlers.dialogue.phrases import Number, Percent, Phrase, t
from handlers.review.naming import year_of
from handlers.summary.chart import Bar, Panel, Part, Picture, Tone
from handlers.summary.report import Counts
from handlers.summary.rules import Denominator, Figures, PointFigures
from storage.records import Grade, ItemState

Say = Callable[[Phrase], str]

_STATES = (
    (ItemState.DONE, Tone.STRONG),
    (ItemState.IN_PROGRESS, Tone.LIGHT),
    (ItemState.BLOCKED, Tone.ALARM),
    (ItemState.NOT_STARTED, Tone.PALE),
)


def plan(counts: Counts, say: Say) -> Picture:
    """Plan the picture in the reader's words (``say`` puts a phrase into their language)."""
    figures = counts.figures
    panels = [_reviews(figures, say), _grades(figures, say)]
    if figures.points:
        panels.append(_points(figures, say))
    subtitle = t("summary.chart.subtitle", year=year_of(counts.cycle), at=counts.at)
    return Picture(counts.cell, say(subtitle), tuple(panels))


def _reviews(figures: Figures, say: Say) -> Panel:
    parts = (
        Part(figures.on_time, Tone.STRONG),
        Part(figures.late, Tone.MIDDLE),
        Part(figures.missing, Tone.PALE),
    )
    heading = t("summary.chart.reviews", reviewed=Number(figures.reviewed), required=Number(figures.required))
    names = ((Tone.STRONG, "on_time"), (Tone.MIDDLE, "late"), (Tone.PALE, "missing"))
    return Panel(
        say(heading),
        (Bar("", parts, figures.required),),
        tuple((tone, say(t(f"summary.chart.{name}"))) for tone, name in names),
    )


def _grades(figures: Figures, say: Say) -> Panel:
    heading = say(t("summary.chart.grades", count=Number(figures.reviewed)))
    if not figures.reviewed:
        return Panel(heading, (), empty=say(t("summary.share.unknown.sentence")))
    return Panel(heading, tuple(_grade(figures, grade, say) for grade in Grade), beside=True)


def _grade(figures: Figures, grade: Grade, say: Say) -> Bar:
    count = figures.grades.get(grade, 0)
    share = figures.share(count, Denominator.REVIEWED)
    end = t("summary.chart.grade.end", count=Number(count), share=Percent(share)) if share is not None else None
    return Bar(
        say(t(f"summary.chart.grade.{grade}")),
        (Part(count, Tone.STRONG),),
        figures.reviewed,
        say(end) if end else str(count),
    )


def _points(figures: Figures, say: Say) -> Panel:
    return Panel(
        say(t("summary.chart.points", count=Number(len(figures.points)))),
        tuple(_point(point, say) for point in figures.points),
        tuple((tone, say(t(f"summary.chart.state.{state}"))) for state, tone in _STATES),
    )


def _point(point: PointFigures, say: Say) -> Bar:
    name = "summary.chart.point.overdue" if point.overdue else "summary.chart.point"
    end = t(name, done=Number(point.done), counted=Number(point.counted), overdue=Number(point.overdue))
    return Bar(
        f"{point.number}. {point.label}",
        tuple(Part(point.states.get(state, 0), tone) for state, tone in _STATES),
        point.counted,
        say(end),
        alarm=point.overdue > 0,
    )
