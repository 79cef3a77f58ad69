"""The screens around the questions: start, overview, what to change, why a grade, confirming, versions."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.dialogue.flow import Option
from handlers.dialogue.phrases import Phrase, Plain, Strong, Weekday, lines, paragraphs, t
from handlers.review.facts import Answers, answered
from handlers.review.handling import is_head
from handlers.review.naming import year_of
from handlers.review.places import hearing_lines
from handlers.review.returning import what_and_why
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
    head = t("review.start", year=year_of(view.cycle), code=form.code)
    notice: Phrase | None = None if form.verified else t("review.start.unverified", source=form.source)
    rhythm = view.rules.of_rhythm(view.cycle.kind)
    if rhythm is not None and not rhythm.verified:
        notice = lines(t("review.start.rhythm", note=rhythm.note), notice)
    return paragraphs(
        lines(head, Plain(form.subtitle) if form.subtitle else None),
        returned_lines(view) if may_write(view) is None else None,
        lines(*_standing(view), *_hearings(view)),
        notice,
        t("review.start.secrecy") if may_write(view) is None and not view.submitted and not view.practice else None,
    )


def returned_lines(view: ReviewView) -> Phrase | None:
    """Who gave it back, which parts, why, and until when they are open; None where nothing is given back."""
    given = view.given_back
    if given is None or view.late:
        return None
    head = t("review.returned.head", by=given.by_name, at=given.at)
    until = given.until_on or view.deadline
    only = t("review.returned.only", day=view.own_deadline, until=Weekday(until)) if view.limited else None
    return paragraphs(
        lines(head, what_and_why(view.form, given)), only or t("review.returned.until", day=Weekday(until))
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


def _hearings(view: ReviewView) -> tuple[Phrase, ...]:
    """Where and when it was reviewed, once a day is written down."""
    return hearing_lines(view.rules.places_of(view.kind), view.hearings) if view.hearings else ()


def start_options(view: ReviewView) -> tuple[Option, ...]:
    """Begin, go on, look at what is written, what was submitted."""
    options = []
    writable = may_write(view) is None
    if view.given_back is not None and writable and not view.late:
        options.append(Option("walk", t("review.option.walk"), ("sua phan duoc neu", "walk")))
    if view.review is None and writable:
        options.append(Option("begin", t("review.option.begin"), ("bat dau", "begin", "viet")))
    if view.review is not None and not view.submitted and writable and not view.limited:
        options.append(Option("continue", t("review.option.continue"), ("viet tiep", "tiep tuc", "continue")))
    if view.review is not None:
        label = "review.option.look" if writable else "review.option.read"
        options.append(Option("overview" if writable else "read", t(label), ("xem", "sua", "look")))
    if view.review is not None and view.review.version and view.helper is None:
        options.append(Option("versions", t("review.option.versions"), ("ban da nop", "versions")))
    options += print_options(view)
    if undated := sum(one.due_on is None for one in view.offers.promised):
        options.append(Option("promises", t("drafts.option.promises", count=undated), ("hen ngay", "promises")))
    if view.reads_cell:
        options.append(Option("cell", t("review.option.cell"), ("bai cua chi bo", "cell")))
    return tuple(options)


def print_options(view: ReviewView) -> tuple[Option, ...]:
    """What can be had on paper: the version submitted, the draft; neither for a helper, nor for practice."""
    if view.review is None or view.banner is not None:
        return ()
    words = ("in", "in ra", "word", "print")
    options = []
    if view.review.version:
        options.append(Option("print", t("papers.option.print"), words))
        options.append(Option("print_pdf", t("papers.option.pdf"), ("in pdf", "pdf")))
        options.append(Option("copy", t("copies.option.copy"), ("chep", "chep sang so tay", "copy")))
    if not view.submitted:
        options.append(Option("print_draft", t("papers.option.draft"), () if options else words))
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
    if question.kind is Kind.UNITS:
        return t("review.units.count", count=len(given))
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
        options.append(Option("submit", _handing_in(view, "review.option.submit"), ("nop", "nop bai", "submit")))
    elif view.missing and may_write(view) is None:
        options.append(Option("fill", t("review.option.fill"), ("cau con thieu", "fill")))
    if may_write(view) is None:
        options.append(Option("change", t("review.option.change"), ("sua", "change")))
    options.append(Option("read", t("review.option.preview"), ("xem", "xem truoc", "preview")))
    options.append(Option("why", t("review.option.why"), ("vi sao", "why")))
    # One way to paper is enough here: what is written now.
    return (*options, *[o for o in print_options(view) if o.id in {"print", "print_draft"}][-1:])


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
    added = [t("review.sign", what=t(f"review.told.{one.key}"), article=one.article) for one in view.rules.told]
    asked = lines(t("review.signs"), *signs) if signs else None
    further = lines(t("review.told"), *added) if added else None
    return paragraphs(suggestion_lines(view), *grades, asked, further, t("review.only_explains"))


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
        t("review.confirm", name=view.member.full_name, year=year_of(view.cycle), cell=view.cell),
        t("review.own", grade=grade_text(own)) if own else None,
        lines(t("review.gap"), *map(reason_line, view.gap())) if view.gap() else None,
        _after_confirming(view),
    )


def _after_confirming(view: ReviewView) -> Phrase:
    """Who reads it once it is submitted; typed by a helper, it only waits for the member first."""
    if view.helper is not None:
        return t("assisting.confirm.after", name=view.member.full_name)
    return t("review.confirm.after_head" if is_head(view.member) else "review.confirm.after", day=view.deadline)


def _handing_in(view: ReviewView, id: str) -> Phrase:
    return t(id if view.helper is None else "assisting.option.offer")


def confirm_options(view: ReviewView) -> tuple[Option, ...]:
    """Yes or not yet."""
    return (
        Option("yes", _handing_in(view, "review.option.yes"), ("nop", "dong y", "co", "yes", "submit")),
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
    """The newest submissions, to be read again, and the last two set side by side."""
    numbers = tuple(
        Option(f"v{v.version}", t("review.option.version", version=v.version), (f"lan {v.version}",), wide=False)
        for v in reversed(view.versions[-6:])
    )
    differ = Option("difference", t("review.option.difference"), ("khac nhau", "so sanh", "difference"))
    dossier = (
        Option("dossier", t("copies.option.dossier"), ("ho so", "ho so ba nam", "dossier")),
        Option("dossier_pdf", t("copies.option.dossier_pdf"), ("ho so pdf",)),
    )
    return (*numbers, *((differ,) if len(view.versions) > 1 else ()), *dossier)
