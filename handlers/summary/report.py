"""The figures in words: what the secretary and the chair read, what an observer reads, what the group reads; pure.

One idea a message. What the group sees is made from counts alone, so no name and no grade can get into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from handlers.dialogue.phrases import Number, Percent, Phrase, Plain, Text, lines, paragraphs, stack, t
from handlers.review.cap import CapResult, cap_label
from handlers.review.naming import year_of
from handlers.review.rules import grade_text
from handlers.summary.rules import Case, Denominator, Figures, NotYet, missing_people
from storage.records import Cycle, Grade, ItemState

# A call list longer than this is no list for a telephone; the spreadsheet has everybody.
MOST_CALLS = 30


@dataclass(frozen=True, slots=True)
class Counts:
    """What may be told to anybody of the cell: its name, the cycle, the counts, and the moment they were taken."""

    cell: str
    cycle: Cycle
    figures: Figures
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """Everything behind a summary; ``cases`` have names and grades and go to secretary and chair only."""

    counts: Counts
    cases: tuple[Case, ...]
    caps: tuple[tuple[CapResult, ...], ...] = ()


def whole(report: Report) -> tuple[Phrase, ...]:
    """The messages for the secretary and the chair, in order."""
    return (*for_observer(report), *_present(calls(report)))


def for_observer(report: Report) -> tuple[Phrase, ...]:
    """The messages with counts only."""
    return tuple(
        _present(
            overview(report.counts),
            grades(report.counts.figures),
            cap(report),
            points(report.counts.figures),
        )
    )


def overview(counts: Counts) -> Phrase:
    """How many must, did, are late, are missing and why, each share with its denominator."""
    figures = counts.figures
    return paragraphs(
        t("summary.head", cell=counts.cell, year=year_of(counts.cycle), at=counts.at),
        lines(
            t("summary.total", count=Number(figures.total)),
            _if_any("summary.exempt", figures.exempt),
            _if_any("summary.suspended", figures.suspended),
            _if_any("summary.under_six_months", figures.under_six_months),
            t("summary.required", count=Number(figures.required)),
        ),
        lines(
            t(
                "summary.reviewed",
                count=Number(figures.reviewed),
                share=_share(figures, figures.reviewed, Denominator.REQUIRED),
            ),
            *_timing(figures),
            _if_any("summary.beyond", figures.beyond),
        ),
        lines(
            t("summary.missing", count=Number(figures.missing), on=counts.cycle.deadline_on),
            *(_if_any(f"summary.not_yet.{why}", figures.not_yet.get(why, 0)) for why in NotYet),
        ),
    )


def _timing(figures: Figures) -> Iterator[Phrase]:
    if figures.reviewed:
        for name, count in (("on_time", figures.on_time), ("late", figures.late)):
            share = _share(figures, count, Denominator.REVIEWED)
            yield t(f"summary.{name}", count=Number(count), share=share)


def grades(figures: Figures) -> Phrase:
    """The members' own grades, counted and in per cent of those who handed in."""
    head = t("summary.grades", count=Number(figures.reviewed))
    listed = [
        t("summary.grade", grade=grade_text(grade), count=Number(count), share=Percent(part))
        for grade in Grade
        if (part := figures.share(count := figures.grades.get(grade, 0), Denominator.REVIEWED)) is not None
    ]
    if not listed:
        return paragraphs(head, t("summary.share.unknown.sentence"))
    return paragraphs(lines(head, *listed), t("summary.grades.own"))


def cap(report: Report) -> Phrase | None:
    """The cap under every reading of the rule, as a warning; None where nobody has taken the highest grade."""
    excellent = report.counts.figures.grades.get(Grade.EXCELLENT, 0)
    if not report.caps or not excellent:
        return None
    policy = report.caps[0][0].policy
    return paragraphs(
        lines(t("summary.cap", article=policy.article), t("summary.cap.count", count=Number(excellent))),
        stack(_reading(results) for results in report.caps),
        t("summary.cap.rounding"),
        t(f"summary.cap.scope.{policy.scope}"),
    )


def _reading(results: tuple[CapResult, ...]) -> Text:
    policy = results[0].policy
    limits = {result.limit for result in results}
    over = {result.over for result in results}
    return t(
        "summary.cap.literal" if policy.literal else "summary.cap.reading",
        key=policy.key,
        reading=cap_label(policy),
        limit=_limit(min(limits), max(limits)),
        verdict=_verdict(min(over), max(over)),
    )


def _limit(least: int, most: int) -> Text:
    if least == most:
        return t("summary.cap.most", count=Number(least))
    return t("summary.cap.most_between", least=Number(least), most=Number(most))


def _verdict(least: int, most: int) -> Text:
    if not most:
        return t("summary.cap.within")
    if not least:
        return t("summary.cap.depends", count=Number(most))
    if least == most:
        return t("summary.cap.over", count=Number(most))
    return t("summary.cap.over_between", least=Number(least), most=Number(most))


def points(figures: Figures) -> Phrase | None:
    """The list of points, how many are done of how many; None where the cell has no list."""
    if not figures.points:
        return None
    return lines(
        t("summary.points", count=Number(len(figures.points))),
        *(
            t(
                "summary.point",
                number=point.number,
                label=point.label,
                done=Number(point.done),
                counted=Number(point.counted),
                blocked=_tail("summary.point.blocked", point.states.get(ItemState.BLOCKED, 0)),
                overdue=_tail("summary.point.overdue", point.overdue),
            )
            for point in figures.points
        ),
    )


def calls(report: Report) -> Phrase | None:
    """Who is to be called or seen, by reason, with telephone; names: for the secretary and the chair only."""
    absent = missing_people(report.cases)
    if not absent:
        return None
    shown = absent[:MOST_CALLS]
    blocks = [
        lines(t(f"summary.calls.{why}"), *(_call(case) for case in shown if case.not_yet is why))
        for why in NotYet
        if any(case.not_yet is why for case in shown)
    ]
    more = len(absent) - len(shown)
    return paragraphs(
        t("summary.calls", count=Number(len(absent))),
        *blocks,
        _if_any("summary.calls.more", more) if more else None,
    )


def _call(case: Case) -> Text:
    member = case.line.member
    overdue = ", ".join(map(str, case.overdue))
    return t(
        "summary.call.overdue" if overdue else "summary.call",
        name=member.full_name,
        phone=member.phone or t("summary.call.no_phone"),
        overdue=overdue,
    )


def for_group(counts: Counts) -> Phrase:
    """What the cell's group sees: counts of people and points, never a name, never a grade."""
    figures = counts.figures
    listed = (
        t(
            "summary.group.point",
            number=point.number,
            label=point.label,
            done=Number(point.done),
            counted=Number(point.counted),
        )
        for point in figures.points
    )
    return paragraphs(
        t("summary.group.head", cell=counts.cell, year=year_of(counts.cycle), at=counts.at),
        t(
            "summary.group.reviews",
            required=Number(figures.required),
            reviewed=Number(figures.reviewed),
            missing=Number(figures.missing),
            on=counts.cycle.deadline_on,
        ),
        lines(t("summary.group.points"), *listed) if figures.points else None,
        t("summary.group.foot"),
    )


def _share(figures: Figures, count: int, denominator: Denominator) -> Text:
    share = figures.share(count, denominator)
    if share is None:
        return t("summary.share.unknown")
    return t(f"summary.share.{denominator}", share=Percent(share))


def _if_any(sentence: str, count: int) -> Text | None:
    return t(sentence, count=Number(count)) if count else None


def _tail(sentence: str, count: int) -> Phrase:
    return t(sentence, count=Number(count)) if count else Plain("")


def _present(*phrases: Phrase | None) -> Iterator[Phrase]:
    return (phrase for phrase in phrases if phrase is not None)
