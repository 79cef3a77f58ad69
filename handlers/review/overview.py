"""The screens around the questions: start, overview, what to change, why a grade, confirming, versions."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.dialogue.flow import Option
from handlers.dialogue.phrases import Phrase, Plain, Strong, lines, paragraphs, t
from handlers.review.facts import Answers, answered
from handlers.review.rulebook import Form, Kind, Question
from handlers.review.rules import Verdict, check, grade_text
from handlers.review.screens import (
    answer_phrase,
    clip,
    left_empty,
    reason_line,
    short,
    suggestion_lines,
)
from handlers.review.views import ReviewView, cursor_of, may_submit, may_write
from storage.records import Grade


def start_body(view: ReviewView) -> Phrase:
    """Where the review stands, until when, and what to know before the first word."""
    form = view.form
    head = t("review.start", year=view.cycle.year, code=form.code)
    notice = None if form.verified else t("review.start.unverified", source=form.source)
    return paragraphs(
        lines(head, Plain(form.subtitle) if form.subtitle else None),
        lines(*_standing(view)),
        notice,
        t("review.start.secrecy") if may_write(view) is None and not view.submitted else None,
    )


def _standing(view: ReviewView) -> Iterator[Phrase]:
    review, refused = view.review, may_write(view)
    if review is not None and review.version and review.submitted_at is not None:
        yield t("review.start.submitted", version=review.version, at=review.submitted_at)
        if not view.submitted:
            yield t("review.start.changed", version=review.version)
    if review is not None and not view.submitted:
        yield t("review.start.draft", done=view.done, total=len(view.form.questions))
    if refused is not None:
        yield refused.why
    elif view.late:
        submitted = bool(review and review.version)
        yield t("review.refused.late_again" if submitted else "review.refused.late", day=view.deadline)
    else:
        yield t("review.start.deadline", day=view.deadline)


def start_options(view: ReviewView) -> tuple[Option, ...]:
    """Begin, go on, look at what is written, what was submitted."""
    options = []
    writable = may_write(view) is None
    if view.review is None and writable:
        options.append(Option("begin", t("review.option.begin"), ("bat dau", "begin", "viet")))
    if view.review is not None and not view.submitted and writable:
        options.append(Option("continue", t("review.option.continue"), ("viet tiep", "tiep tuc", "continue")))
    if view.review is not None:
        label = "review.option.look" if writable else "review.option.read"
        options.append(Option("overview" if writable else "read", t(label), ("xem", "sua", "look")))
    if view.review is not None and view.review.version:
        options.append(Option("versions", t("review.option.versions"), ("ban da nop", "versions")))
    if view.reads_cell:
        options.append(Option("cell", t("review.option.cell"), ("bai cua chi bo", "cell")))
    return tuple(options)


def overview_body(view: ReviewView) -> Phrase:
    """Every question with what it holds, the suggested grade beside the member's own, and what is missing."""
    head = t("review.overview", done=view.done, total=len(view.form.questions))
    return paragraphs(
        head,
        lines(*(_line(view, question) for question in view.form.questions)),
        lines(*_grades(view)),
        _what_now(view),
    )


def _line(view: ReviewView, question: Question) -> Phrase:
    mark = "✓" if answered(question, view.answers) else "○"
    return t(
        "review.overview.line",
        mark=mark,
        number=question.number,
        short=short(question),
        answer=_glance(question, view.answers),
    )


def _glance(question: Question, answers: Answers) -> Phrase:
    if question.key not in answers:
        return t("review.open")
    given = answers[question.key]
    if given in (None, "", []):
        return left_empty(question)
    if question.kind is Kind.TEXT:
        return Plain(clip(" ".join(given.split()), 36))
    if question.kind in {Kind.LIST, Kind.REMEDIATION}:
        return t("review.count_items", count=len(given))
    return answer_phrase(question, given)


def _grades(view: ReviewView) -> Iterator[Phrase]:
    suggested, own = view.suggestion.grade, view.own_grade
    yield t("review.suggested", grade=grade_text(suggested)) if suggested else t("review.undecided")
    if own is not None:
        yield t("review.own", grade=grade_text(own))


def _what_now(view: ReviewView) -> Phrase:
    refused = may_submit(view)
    return refused.why if refused else t("review.ready", day=view.deadline)


def overview_options(view: ReviewView) -> tuple[Option, ...]:
    """Submit or fill in what is missing, change, read as others will, see why."""
    options = []
    if may_submit(view) is None:
        options.append(Option("submit", t("review.option.submit"), ("nop", "nop bai", "submit")))
    elif view.missing and may_write(view) is None:
        options.append(Option("fill", t("review.option.fill"), ("cau con thieu", "fill")))
    if may_write(view) is None:
        options.append(Option("change", t("review.option.change"), ("sua", "change")))
    options.append(Option("read", t("review.option.preview"), ("xem", "xem truoc", "preview")))
    options.append(Option("why", t("review.option.why"), ("vi sao", "why")))
    return tuple(options)


def change_options(view: ReviewView) -> tuple[Option, ...]:
    """One button a section of the form, with its number and what it is about."""
    options = []
    for place, section in enumerate(view.form.sections):
        inside = inside_section(view.form, place)
        heading = clip(section.heading, 30)
        label = t("review.option.part", number=section.number, heading=heading, count=len(inside))
        alone = t("review.option.question", number=section.number, short=short(inside[0]))
        options.append(Option(f"s{place}", label if len(inside) > 1 else alone, (section.number,)))
    return tuple(options)


def part_options(view: ReviewView) -> tuple[Option, ...]:
    """The questions of the chosen section."""
    inside = inside_section(view.form, cursor_of(view.cursor, "section"))
    options = []
    for place, question in enumerate(inside):
        label = t("review.option.question", number=question.number, short=short(question))
        # A level stands under the number of its text: typing that number means the text.
        first = question.number not in {before.number for before in inside[:place]}
        options.append(Option(question.key, label, (question.number,) if first else ()))
    return tuple(options)


def inside_section(form: Form, place: int) -> tuple[Question, ...]:
    """The questions of the section at that place, from 0."""
    number = form.sections[place].number if 0 <= place < len(form.sections) else None
    return tuple(question for question in form.questions if question.section == number)


def part_body(view: ReviewView) -> Phrase:
    """The heading of the chosen section."""
    section = view.form.sections[cursor_of(view.cursor, "section")]
    return paragraphs(Strong(Plain(f"{section.number}. {section.heading}")), t("review.part"))


def why_body(view: ReviewView) -> Phrase:
    """What each grade asks for, what of it holds now, and what only people judge."""
    grades = [_grade_lines(view, grade) for grade in list(Grade)[:-1]]
    signs = [
        t("review.sign", what=t(f"review.trigger.{trigger.key}"), article=trigger.article)
        for trigger in view.rules.triggers
        if view.kind in trigger.forms and trigger.measure is None
    ]
    told = [*grades, lines(t("review.signs"), *signs) if signs else None, t("review.only_explains")]
    return paragraphs(suggestion_lines(view), *told)


def _grade_lines(view: ReviewView, grade: Grade) -> Phrase | None:
    marks = {Verdict.HOLDS: "✓", Verdict.FAILS: "✗", Verdict.UNKNOWN: "?", Verdict.JUDGED: "–"}
    asked: list[Phrase] = []
    for band in view.rules.bands:
        if band.grade is grade:
            points = view.facts.points
            mark = marks[Verdict.UNKNOWN] if points is None else "✓" if points >= band.at_least * 10 else "✗"
            asked.append(t("review.condition", mark=mark, what=t("review.band", least=band.at_least)))
    for condition in view.rules.conditions:
        if condition.grade is grade and view.kind in condition.forms:
            verdict, sentence = check(condition, view.facts)
            asked.append(t("review.condition", mark=marks[verdict], what=sentence))
    return lines(Strong(grade_text(grade)), *asked) if asked else None


def confirm_body(view: ReviewView) -> Phrase:
    """What submitting means: who reads it, until when it can be changed, and the grade taken."""
    own = view.own_grade
    return paragraphs(
        t("review.confirm", name=view.member.full_name, year=view.cycle.year, cell=view.cell),
        t("review.own", grade=grade_text(own)) if own else None,
        lines(t("review.gap"), *map(reason_line, view.gap())) if view.gap() else None,
        t("review.confirm.after", day=view.deadline),
    )


def confirm_options(_: ReviewView) -> tuple[Option, ...]:
    """Yes or not yet."""
    return (
        Option("yes", t("review.option.yes"), ("nop", "dong y", "co", "yes", "submit")),
        Option("no", t("review.option.not_yet"), ("chua", "chua nop", "khong", "no", "not yet")),
    )


def versions_body(view: ReviewView) -> Phrase:
    """Every submission with its time and grade."""
    shown = [
        t("review.version", version=v.version, at=v.submitted_at, grade=grade_text(v.self_grade))
        for v in view.versions[-10:]
    ]
    return paragraphs(t("review.versions"), lines(*shown))


def versions_options(view: ReviewView) -> tuple[Option, ...]:
    """The newest submissions, to be read again."""
    return tuple(
        Option(f"v{v.version}", t("review.option.version", version=v.version), (f"lan {v.version}",), wide=False)
        for v in reversed(view.versions[-6:])
    )
