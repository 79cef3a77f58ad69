"""The screens on which notes, tasks and the last review are offered, and the choices that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from handlers.dialogue.flow import Option, Step, Takes
from handlers.dialogue.phrases import Phrase, Plain, lines, paragraphs, t
from handlers.review.drafting import (
    COUNTED,
    DRAFTS,
    FAULTS,
    LAST,
    WORDS,
    Fault,
    counts_of,
    drafts_of,
    faults_of,
    has_drafts,
    last_answer,
    last_pages,
    page_in_view,
    waiting,
)
from handlers.review.offers import places
from handlers.review.rulebook import Kind, Question
from handlers.review.views import ReviewView, may_change, may_write

_SHOWN, _LABEL = 1500, 44


def offer_steps(question: Question) -> Iterator[Step[ReviewView]]:
    """The steps beside a question: drafts, last year's answer, last year's shortcomings."""
    if has_drafts(question):
        yield _step(question, DRAFTS, "drafts.one", _draft_body, _draft_options, Takes.LONG_TEXT)
    if question.kind in WORDS:
        yield _step(question, LAST, "drafts.last", _last_body, _last_options, Takes.CHOICE)
    if question.key == places().faults["asked"] and question.kind is Kind.REMEDIATION:
        yield _step(question, FAULTS, "drafts.faults", _faults_body, _faults_options, Takes.CHOICE)


def offer_names(question: Question) -> tuple[str, ...]:
    """The ids of those steps."""
    return tuple(step.id for step in offer_steps(question))


def offer_options(view: ReviewView, question: Question) -> Iterator[Option]:
    """What a question offers of the year, where there is anything and it can be written."""
    if may_write(view) or may_change(view, question):
        return
    drafts = len(drafts_of(view, question)) if has_drafts(question) else 0
    if drafts:
        listed = question.key == places().tasks["listed"]
        label = t("drafts.option.tasks" if listed else "drafts.option.notes", count=drafts)
        yield Option(DRAFTS, label, ("ghi chep", "ghi chep trong nam", "nhiem vu", "notes"))
    if last_answer(view, question) and view.offers.last:
        label = t("drafts.option.last", year=view.offers.last.year)
        yield Option(LAST, label, ("nam ngoai", "bai nam ngoai", "last year"))
    if faults := faults_of(view, question):
        label = t("drafts.option.faults", count=len(faults))
        yield Option(FAULTS, label, ("nam ngoai", "han che nam ngoai", "last year"))
    if counts_of(view, question):
        yield Option(COUNTED, t("drafts.option.counted"), ("dung so nay", "dong y", "co", "yes"))


def offer_lines(view: ReviewView, question: Question) -> Phrase | None:
    """The figures of the list of tasks, above the question that asks for them."""
    found = counts_of(view, question)
    if found is None:
        return None
    return lines(
        t("drafts.counted", given=found.given, done=found.done, late=found.late, exceeded=found.exceeded),
        t("drafts.counted.open", count=found.open) if found.open else None,
    )


_Body = Callable[[ReviewView, Question], Phrase]
_Options = Callable[[ReviewView, Question], tuple[Option, ...]]


def _step(
    question: Question, name: str, ask: str, body: _Body, options: _Options, takes: Takes
) -> Step[ReviewView]:
    return Step(
        f"{question.key}.{name}",
        ask=ask,
        takes=takes,
        body=lambda view: body(view, question),
        options=lambda view: options(view, question),
        leads=(question.key, f"{question.key}.state") if name == FAULTS else (question.key,),
        applies=lambda _: False,
        back=question.key,
    )


def _clip(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _draft_body(view: ReviewView, question: Question) -> Phrase:
    left = waiting(view, question)
    if not left:
        return t("drafts.none")
    return paragraphs(
        t("drafts.one", short=t(f"review.short.{question.key}"), count=len(left)),
        Plain(_clip(left[0].words, _SHOWN)),
        t("drafts.files", count=left[0].note.files) if left[0].note and left[0].note.files else None,
        t("drafts.how"),
    )


def _draft_options(view: ReviewView, question: Question) -> tuple[Option, ...]:
    left = waiting(view, question)
    if not left:
        return ()
    every = Option("all", t("drafts.option.all", count=len(left)), ("dung ca", "tat ca", "all"))
    return (
        Option("take", t("drafts.option.take"), ("dung", "dung cau nay", "co", "use")),
        Option("pass", t("drafts.option.pass"), ("bo qua", "khong dung", "khong", "skip")),
        *((every,) if left[1:] else ()),
    )


def _last_body(view: ReviewView, question: Question) -> Phrase:
    if view.offers.last is None or not last_answer(view, question):
        return t("drafts.none")
    pages, page = last_pages(view, question), page_in_view(view, question)
    head = t("drafts.last", year=view.offers.last.year)
    more = t("review.page", page=page + 1, pages=len(pages)) if len(pages) > 1 else None
    return paragraphs(lines(head, more), Plain(pages[page]))


def _last_options(view: ReviewView, question: Question) -> tuple[Option, ...]:
    if not last_answer(view, question):
        return ()
    page, turning = page_in_view(view, question), []
    if page:
        turning.append(Option("prev", t("review.option.prev"), ("trang truoc", "truoc", "prev"), wide=False))
    if page + 1 < len(last_pages(view, question)):
        turning.append(Option("more", t("review.option.more"), ("trang sau", "sau", "tiep", "next"), wide=False))
    return (*turning, Option("reuse", t("drafts.option.reuse"), ("dung lai", "reuse")))


def _faults_body(view: ReviewView, question: Question) -> Phrase:
    found = faults_of(view, question)
    if not found:
        return t("drafts.none")
    listed = (_fault_line(place, fault) for place, fault in enumerate(found, 1))
    return paragraphs(t("drafts.faults"), lines(*listed), t("drafts.faults.how"))


def _fault_line(place: int, fault: Fault) -> Phrase:
    words = _clip(" ".join(fault.words.split()), 200)
    return lines(
        t("drafts.fault", number=place, words=words),
        t("drafts.fault.due", on=fault.due_on) if fault.due_on else None,
        t(f"improvements.state.{fault.state}") if fault.state else None,
    )


def _faults_options(view: ReviewView, question: Question) -> tuple[Option, ...]:
    found = faults_of(view, question)
    each = tuple(
        Option(f"f{place}", t("drafts.option.fault", number=place + 1, words=_clip(fault.words, _LABEL)))
        for place, fault in enumerate(found)
    )
    if len(found) < 2:
        return each
    return (Option("all", t("drafts.option.all_faults", count=len(found)), ("tat ca", "ca", "all")), *each)
