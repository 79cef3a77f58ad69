"""Giving a review back, opening it again after the deadline, and taking that back: load, decide, keep, tell."""

from __future__ import annotations

from datetime import date

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Refusal
from handlers.dialogue.phrases import Phrase, Weekday, paragraphs, t
from handlers.dialogue.room import Message, Outcome, Standing, Visit, finish, go, stay
from handlers.reminders.dates import TypedDay, in_round
from handlers.review import forms
from handlers.review.handling import handles, officers_of
from handlers.review.naming import year_of
from handlers.review.returning import Asked, may_give_back, may_withdraw, parts, what_and_why
from handlers.review.returning_flow import RETURN, ReturnView
from handlers.review.rulebook import Form
from handlers.review.views import cursor_of
from storage import accounts, audit, cycles, members, reminders, returns, reviews
from storage.records import Cycle, CycleId, Member, MemberId, Return, ReturnKind, ReturnOutcome, Review
from storage.transaction import Connection


def enter_return(cycle: CycleId, member: MemberId, version: int, step: str | None = None) -> Outcome:
    """Into the dialogue, from the reading of that version; it leads back there."""
    data = {"cycle": cycle, "member": member, "version": version}
    return Outcome(enter=RETURN, go=step, data=data, returning=True)


def load_return(tx: Connection, visit: Visit) -> ReturnView:
    """The facts as they are now: whose review, which version counts, whether it is given back already."""
    data, reader = visit.state.data, visit.known.member
    member = members.find(tx, MemberId(cursor_of(data, "member")))
    cycle = cycles.get(tx, CycleId(cursor_of(data, "cycle")))
    review = reviews.find(tx, cycle.id, member.id) if cycle and member else None
    asked = Asked(
        handles=_handles(tx, reader, member, cycle),
        cycle=cycle,
        removed=member is None or member.removed_at is not None,
        review=review,
        version=cursor_of(data, "version"),
        name=member.full_name if member else "",
        given_back=returns.open_of(tx, review.id) if review else None,
    )
    until = data.get("until")
    return ReturnView(
        asked=asked,
        member=MemberId(member.id if member else 0),
        name=asked.name,
        today=visit.today,
        form=_form(review),
        picked=tuple(int(place) for place in str(data.get("picked") or "").split(",") if place),
        reason=str(data.get("reason") or ""),
        until=date.fromisoformat(until) if isinstance(until, str) else None,
        reached=member is not None and bool(accounts.of_member(tx, member.id)),
        cursor=data,
    )


def answer_return(tx: Connection, visit: Visit, view: ReturnView, answer: Answer) -> Outcome:
    """One step; what the facts forbid by now is said at whichever step it is noticed."""
    withdrawing = answer.step == "withdraw"
    refused = may_withdraw(view.asked) if withdrawing else may_give_back(view.asked)
    if refused:
        return finish(refused.why)
    match answer.step, answer.option:
        case "parts", _:
            return _picked(view, answer.option or "")
        case "reason", _:
            return go("until", reason=str(answer.value))
        case "until", _:
            return _until(view, answer)
        case "confirm", "yes":
            return _give_back(tx, visit, view)
        case "confirm", _:
            return go("parts", page=0)
        case "withdraw", "yes":
            return _withdraw(tx, visit, view)
    return finish()


def _picked(view: ReturnView, option: str) -> Outcome:
    every = range(len(parts(view.form)) if view.form else 0)
    if option in {"prev", "more"}:
        return stay(page=max(0, cursor_of(view.cursor, "page") + (1 if option == "more" else -1)))
    if option == "done":
        return go("reason") if view.picked else stay(t("review.return.refused.nothing_picked"))
    if option == "all":
        picked = set() if len(view.picked) == len(every) else set(every)
    else:
        picked = set(view.picked) ^ {int(option.removeprefix("p"))}
    return stay(picked=",".join(str(place) for place in sorted(picked) if place in every) or None)


def _until(view: ReturnView, answer: Answer) -> Outcome:
    if answer.option == "deadline":
        return go("confirm", until=None)
    if answer.option is not None:
        day: date | Refusal = date.fromisoformat(answer.option.removeprefix("d"))
    elif isinstance(answer.value, TypedDay):
        day = in_round(answer.value, view.today.year, view.today)
    else:
        return stay(t("deadlines.date.unreadable"))
    if isinstance(day, Refusal):
        return stay(day.why)
    if day < view.today:
        return stay(t("review.return.refused.past", day=Weekday(view.today)))
    return go("confirm", until=day.isoformat())


def _give_back(tx: Connection, visit: Visit, view: ReturnView) -> Outcome:
    if view.late and (view.until is None or view.until < view.today):
        return go("until", t("review.return.refused.past", day=Weekday(view.today)))
    if not view.questions or not view.reason or view.form is None:
        return go("parts", t("review.return.refused.nothing_picked"))
    kind = ReturnKind.REOPENED if view.late else ReturnKind.RETURNED
    by = visit.known.member
    given = returns.give_back(tx, view.review, kind, view.questions, view.reason, by.id, view.until, visit.now)
    if given is None:
        return finish(t("review.return.refused.settled", name=view.name))
    _note(tx, visit, view, f"review_{kind}", given)
    buttons = (Standing(t("review.option.walk"), "review", f"c{view.cycle.id}"), Standing(t("engine.ask"), "ask"))
    told = Message(view.member, _told(view, given), buttons)
    done = t(f"review.{'reopen' if view.late else 'return'}.done", name=view.name)
    return finish(done if view.reached else paragraphs(done, t("review.return.not_reached", name=view.name)), told)


def _told(view: ReturnView, given: Return) -> Phrase:
    """What the member reads: who asks, for which parts, why, until when, and that nothing is lost."""
    name = "reopen" if view.late else "return"
    form = view.form
    return paragraphs(
        t(f"review.{name}.told", name=view.name, by=given.by_name, year=year_of(view.cycle)),
        what_and_why(form, given) if form else None,
        t(f"review.{name}.told.until", day=Weekday(given.until_on or view.deadline), version=given.version),
    )


def _withdraw(tx: Connection, visit: Visit, view: ReturnView) -> Outcome:
    given = view.given_back
    if given is None or not returns.settle(tx, given, ReturnOutcome.WITHDRAWN, visit.now):
        return finish(t("review.return.refused.settled", name=view.name))
    _note(tx, visit, view, "review_return_withdrawn", given)
    told = t(
        "review.withdraw.told",
        name=view.name,
        by=visit.known.member.full_name,
        year=year_of(view.cycle),
        version=view.review.version,
    )
    return finish(t("review.withdraw.done", name=view.name), Message(view.member, told))


def _note(tx: Connection, visit: Visit, view: ReturnView, what: str, given: Return) -> None:
    """On the trail; the reason itself stands with the return. The reminders look at the cell again."""
    cell = visit.known.cell.id
    details: dict[str, int | str] = {"cycle": view.cycle.id, "version": given.version}
    details["questions"] = len(given.questions)
    if given.until_on:
        details["until"] = given.until_on.isoformat()
    by = f"member:{visit.known.member.id}"
    audit.record(tx, now=visit.now, who=by, what=what, subject=f"member:{view.member}", cell=cell, details=details)
    reminders.wake(tx, cell)


def _handles(tx: Connection, reader: Member, member: Member | None, cycle: Cycle | None) -> bool:
    """Only within the reader's own cell, and only those whose review is theirs to handle."""
    if member is None or cycle is None or {cycle.cell_id, member.cell_id} != {reader.cell_id}:
        return False
    return handles(reader, member, officers_of(members.of_cell(tx, reader.cell_id)))


def _form(review: Review | None) -> Form | None:
    try:
        return forms.form(review.form) if review else None
    except (forms.NoRulesError, KeyError):
        return None
