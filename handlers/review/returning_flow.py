"""The dialogue of giving a review back: which parts, why, until when, look at it, confirm; and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from handlers.dialogue.flow import END, JSON, Flow, Option, Step, Takes
from handlers.dialogue.phrases import Phrase, Plain, Weekday, lines, paragraphs, t
from handlers.organisation.permissions import Verb
from handlers.reminders.dates import read_day
from handlers.review.naming import year_of
from handlers.review.reading import page_options
from handlers.review.returning import Asked, days_offered, keys_of, named, part_name, parts, what_and_why
from handlers.review.rulebook import Form
from handlers.review.views import cursor_of
from storage.records import Cycle, MemberId, Return, Review

RETURN = "review_return"
MOST_REASON = 500
_PARTS_A_PAGE = 8


@dataclass(frozen=True, slots=True)
class ReturnView:
    """One submitted review and what is being said about it.

    ``picked`` are places of the form's parts, from 0; ``reached`` says that the member has an account.
    """

    asked: Asked
    member: MemberId
    name: str = ""
    today: date = date.min
    form: Form | None = None
    picked: tuple[int, ...] = ()
    reason: str = ""
    until: date | None = None
    reached: bool = True
    cursor: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def cycle(self) -> Cycle:
        """The cycle of the review; raises LookupError where there is none."""
        if self.asked.cycle is None:
            raise LookupError("no cycle in view")
        return self.asked.cycle

    @property
    def review(self) -> Review:
        """The review itself; raises LookupError where there is none."""
        if self.asked.review is None:
            raise LookupError("no review in view")
        return self.asked.review

    @property
    def given_back(self) -> Return | None:
        """The return that is open."""
        return self.asked.given_back

    @property
    def deadline(self) -> date:
        """The member's last day as it is without a return."""
        return self.cycle.deadline_of(self.member)

    @property
    def late(self) -> bool:
        """Whether that day has passed: then the review is opened again rather than returned."""
        return self.today > self.deadline

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions that the picked parts hold."""
        return keys_of(self.form, self.picked) if self.form else ()


def _what(view: ReturnView) -> str:
    return "reopen" if view.late else "return"


def _parts_body(view: ReturnView) -> Phrase:
    late = t("review.reopen.after_deadline", day=view.deadline) if view.late else None
    return paragraphs(t(f"review.{_what(view)}.parts", name=view.name), late)


def _parts(view: ReturnView) -> tuple[Option, ...]:
    every = parts(view.form) if view.form else ()
    pages = -(-len(every) // _PARTS_A_PAGE)
    page = min(cursor_of(view.cursor, "page"), max(0, pages - 1))
    first = page * _PARTS_A_PAGE
    toggles = [
        Option(
            f"p{place}",
            t(f"review.return.{'picked' if place in view.picked else 'pick'}", part=part_name(part)),
            (part[0].number,),
        )
        for place, part in enumerate(every[first : first + _PARTS_A_PAGE], first)
    ]
    whole = len(view.picked) == len(every)
    every_label = t("review.return.option.none" if whole else "review.return.option.all")
    turns = page_options(pages, page)
    done = Option("done", t("review.return.option.done", count=len(view.picked)), ("tiep tuc", "xong", "done"))
    return (*toggles, *turns, Option("all", every_label, ("tat ca", "all")), *((done,) if view.picked else ()))


def _chosen(view: ReturnView) -> Phrase:
    names = named(view.form, view.questions) if view.form else ()
    return lines(*(t("review.returned.part", part=name) for name in names))


def _reason_body(view: ReturnView) -> Phrase:
    return paragraphs(_chosen(view), t("review.return.ask_reason", name=view.name))


def _until(view: ReturnView) -> tuple[Option, ...]:
    days = [
        Option(f"d{day.isoformat()}", t("deadlines.day", day=Weekday(day)))
        for day in days_offered(view.today, view.deadline)
    ]
    if view.late:
        return tuple(days)
    label = t("review.return.option.deadline", day=Weekday(view.deadline))
    return (Option("deadline", label, ("han chung", "deadline")), *days)


def _confirm_body(view: ReturnView) -> Phrase:
    day = view.until or view.deadline
    return paragraphs(
        t(f"review.{_what(view)}.confirm", name=view.name, year=year_of(view.cycle), version=view.asked.version),
        _chosen(view),
        t("review.returned.reason", reason=Plain(view.reason)),
        t(f"review.{_what(view)}.confirm.until", day=Weekday(day)),
        None if view.reached else t("review.return.not_reached", name=view.name),
    )


def _confirm(view: ReturnView) -> tuple[Option, ...]:
    return (
        Option("yes", t(f"review.{_what(view)}.option.yes"), ("dong y", "co", "yes", "tra lai")),
        Option("parts", t("review.return.option.again"), ("sua", "chon lai", "change")),
    )


def _withdraw_body(view: ReturnView) -> Phrase:
    given = view.given_back
    if given is None or view.form is None:
        return t("review.return.refused.settled", name=view.name)
    head = t("review.withdraw.confirm", name=view.name, by=given.by_name, at=given.at)
    return paragraphs(head, what_and_why(view.form, given))


def _withdraw(_: ReturnView) -> tuple[Option, ...]:
    return (
        Option("yes", t("review.withdraw.option.yes"), ("dong y", "co", "yes", "rut lai")),
        Option("no", t("review.withdraw.option.no"), ("khong", "no")),
    )


RETURN_FLOW = Flow[ReturnView](
    name=RETURN,
    first="parts",
    verb=Verb.REVIEW_READ_CELL,
    steps=(
        Step(
            "parts",
            ask="review.return.parts",
            body=_parts_body,
            options=_parts,
            leads=("parts", "reason", "withdraw", END),
        ),
        Step(
            "reason",
            ask="review.return.ask_reason",
            takes=Takes.LINE,
            body=_reason_body,
            back="parts",
            leads=("until", END),
            most=MOST_REASON,
        ),
        Step(
            "until",
            ask="review.return.ask_until",
            takes=Takes.DATE,
            options=_until,
            read=read_day,
            back="reason",
            leads=("confirm", END),
        ),
        Step(
            "confirm",
            ask="review.return.confirm",
            body=_confirm_body,
            options=_confirm,
            back="until",
            leads=("parts", END),
        ),
        Step("withdraw", ask="review.withdraw.confirm", body=_withdraw_body, options=_withdraw, leads=(END,)),
    ),
)
