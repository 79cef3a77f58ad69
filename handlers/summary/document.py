"""The spreadsheet of a summary: the cell's line, the members, who is missing, the points by item and by member.

It has names and grades in it and goes to the secretary and the chair only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC

from handlers.checklist.rules import Point
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Phrase, t
from handlers.review.cap import CapResult, cap_label, rounding_label
from handlers.review.naming import year_of
from handlers.review.rules import grade_text
from handlers.summary.grid import Book, Column, Day, Share, Sheet, Value
from handlers.summary.report import Report
from handlers.summary.rules import Case, Figures, missing_people
from storage.records import Grade, ItemState

Say = Callable[[Phrase], str]


def file_name(report: Report) -> str:
    """A name that every computer takes: ``tong-hop-chi-bo-mot-2026.xlsx``."""
    return f"tong-hop-{fold(report.counts.cell).replace(' ', '-')[:60]}-{report.counts.cycle.year}.xlsx"


def book(report: Report, say: Say) -> Book:
    """Lay out the spreadsheet in the reader's words (``say`` puts a phrase into their language)."""
    sheets = [_overview(report, say), _members(report, say), _missing(report, say)]
    if report.counts.figures.points:
        sheets += [_points(report, say), _points_by_member(report, say)]
    if report.caps:
        sheets.append(_cap(report, say))
    return Book(tuple(sheets), say(t("summary.book.page")), report.counts.at.astimezone(UTC))


def _title(report: Report, say: Say, name: str) -> tuple[str, ...]:
    counts = report.counts
    return (
        say(t(f"summary.book.{name}.title", year=year_of(counts.cycle))),
        counts.cell,
        say(t("summary.book.at", at=counts.at, deadline=counts.cycle.deadline_on)),
    )


def _columns(say: Say, *wanted: tuple[str, int]) -> tuple[Column, ...]:
    return tuple(Column(say(t(f"summary.book.column.{name}")), width) for name, width in wanted)


def _overview(report: Report, say: Say) -> Sheet:
    figures = report.counts.figures
    plain = _columns(
        say,
        ("cell", 28),
        ("total", 9),
        ("exempt", 9),
        ("suspended", 9),
        ("under_six_months", 10),
        ("required", 9),
        ("reviewed", 9),
    )
    graded = tuple(
        Column(say(t(f"summary.book.column.{part}")), 8, say(grade_text(grade)))
        for grade in Grade
        for part in ("count", "percent")
    )
    row = (
        report.counts.cell,
        figures.total,
        figures.exempt,
        figures.suspended,
        figures.under_six_months,
        figures.required,
        figures.reviewed,
        *_graded(figures),
        say(t("summary.book.remark", on_time=figures.on_time, late=figures.late, missing=figures.missing)),
    )
    notes = [say(t("summary.book.percent_of", count=figures.reviewed)), say(t("summary.grades.own"))]
    if not figures.reviewed:
        notes.insert(0, say(t("summary.share.unknown.sentence")))
    return Sheet(
        say(t("summary.book.overview")),
        _title(report, say, "overview"),
        (*plain, *graded, *_columns(say, ("remark", 24))),
        (row,),
        tuple(notes),
        keep=1,
    )


def _graded(figures: Figures) -> Iterator[Value]:
    for grade in Grade:
        count = figures.grades.get(grade, 0)
        yield count
        yield _share(count, figures.reviewed)


def _members(report: Report, say: Say) -> Sheet:
    columns = _columns(
        say,
        ("place", 6),
        ("name", 26),
        ("number", 14),
        ("position", 22),
        ("self_grade", 30),
        ("submitted", 13),
        ("deadline", 13),
        ("timing", 23),
        ("proposed", 24),
        ("remark", 26),
    )
    rows = tuple(
        (
            place,
            case.line.member.full_name,
            case.line.member.party_number,
            case.line.member.position,
            say(grade_text(case.line.self_grade)) if case.line.self_grade else "",
            Day(case.submitted_on) if case.submitted_on else None,
            Day(case.deadline) if case.not_required is None else None,
            say(t(f"summary.book.timing.{_timing(case)}")),
            "",
            say(t(f"summary.book.not_required.{case.not_required}")) if case.not_required else "",
        )
        for place, case in enumerate(report.cases, 1)
    )
    note = say(t("summary.book.proposed.note"))
    return Sheet(say(t("summary.book.members")), _title(report, say, "members"), columns, rows, (note,))


def _timing(case: Case) -> str:
    if case.not_required is not None:
        return "not_required"
    if case.not_yet is not None:
        return "missing"
    return "late" if case.late else "on_time"


def _missing(report: Report, say: Say) -> Sheet:
    columns = _columns(
        say,
        ("place", 6),
        ("name", 28),
        ("admitted", 14),
        ("phone", 16),
        ("deadline", 13),
        ("reason", 34),
        ("overdue", 18),
    )
    rows = tuple(
        (
            place,
            case.line.member.full_name,
            Day(case.line.member.admitted_on) if case.line.member.admitted_on else None,
            case.line.member.phone,
            Day(case.deadline),
            say(t(f"summary.calls.{case.not_yet}")),
            ", ".join(map(str, case.overdue)),
        )
        for place, case in enumerate(missing_people(report.cases), 1)
    )
    return Sheet(say(t("summary.book.missing")), _title(report, say, "missing"), columns, rows)


def _points(report: Report, say: Say) -> Sheet:
    columns = _columns(
        say,
        ("place", 6),
        ("point", 44),
        ("due", 13),
        *((f"state.{state}", 13) for state in ItemState),
        ("counted", 13),
        ("percent_done", 11),
        ("late_count", 11),
    )
    rows = tuple(
        (
            point.number,
            point.label,
            Day(point.due_on) if point.due_on else None,
            *(point.states.get(state, 0) for state in ItemState),
            point.counted,
            _share(point.done, point.counted),
            point.overdue,
        )
        for point in report.counts.figures.points
    )
    note = say(t("summary.book.points.note"))
    return Sheet(say(t("summary.book.points")), _title(report, say, "points"), columns, rows, (note,))


def _points_by_member(report: Report, say: Say) -> Sheet:
    numbered = tuple(Column(f"{p.number}. {p.label}", 18) for p in report.counts.figures.points)
    columns = (*_columns(say, ("place", 6), ("name", 26)), *numbered, *_columns(say, ("progress", 10)))
    concerned = [case for case in report.cases if case.points]
    rows: list[tuple[Value, ...]] = []
    for place, case in enumerate(concerned, 1):
        marks = [_mark(point, say) for point in case.points]
        rows.append((place, case.line.member.full_name, *marks, _done(case)))
    return Sheet(say(t("summary.book.marks")), _title(report, say, "marks"), columns, tuple(rows))


def _mark(point: Point, say: Say) -> str:
    state = say(t(f"summary.book.column.state.{point.state}"))
    if point.mark is None:
        return state
    told = [point.mark.reason] if point.state is ItemState.BLOCKED else []
    return ": ".join([state, "; ".join(filter(None, [*told, point.mark.note]))]).removesuffix(": ")


def _done(case: Case) -> str:
    states = [point.state for point in case.points]
    return f"{states.count(ItemState.DONE)}/{len(states) - states.count(ItemState.NOT_APPLICABLE)}"


def _cap(report: Report, say: Say) -> Sheet:
    columns = _columns(
        say,
        ("key", 6),
        ("reading", 56),
        ("rounding", 26),
        ("limit", 10),
        ("excellent", 12),
        ("over", 10),
        ("article", 30),
    )
    rows = tuple(_cap_row(result, say) for results in report.caps for result in results)
    scope = report.caps[0][0].policy.scope
    notes = (say(t(f"summary.cap.scope.{scope}")),)
    return Sheet(say(t("summary.book.cap")), _title(report, say, "cap"), columns, rows, notes)


def _cap_row(result: CapResult, say: Say) -> tuple[Value, ...]:
    policy = result.policy
    return (
        policy.key,
        say(cap_label(policy)),
        say(rounding_label(policy.rounding)),
        result.limit,
        result.excellent,
        result.over,
        policy.article,
    )


def _share(count: int, of: int) -> Value:
    return Share(count, of) if of else "–"
