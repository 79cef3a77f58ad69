"""What ``/members`` shows: the words and the buttons of every screen, built from the facts of the turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from handlers.dialogue.flow import Option
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Lines, Phrase, Plain, Text, lines, paragraphs, stack, t
from handlers.organisation.columns import letter_of
from handlers.organisation.plan import ImportPlan
from handlers.organisation.rules import (
    GIVEN_ROLES,
    PAGE,
    Counts,
    JoinState,
    join_state,
    pages_of,
    trouble_of,
)
from handlers.organisation.sheet import Fault
from handlers.reaching import reached_by
from storage.records import FormKind, Member, OnRoster, Role, Status

SHOWN_CHANGES = 8
SHOWN_FAULTS = 30
_MARKS = {
    JoinState.JOINED: "✅",
    JoinState.WAITING: "⏳",
    JoinState.TROUBLE: "⚠️",
    JoinState.INVITED: "✉️",
    JoinState.EXPIRED: "▫️",
    JoinState.NOT_INVITED: "▫️",
}


NOBODY = Counts(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class MembersView:
    """The facts of one turn: the page in view, the counts of the whole roster, the person or import in hand."""

    cell: str = ""
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    today: date = date(1970, 1, 1)
    people: tuple[OnRoster, ...] = ()
    counts: Counts = NOBODY
    page: int = 0
    find: str = ""
    person: OnRoster | None = None
    plan: ImportPlan | None = None
    file: str = ""
    without_code: int = 0

    @property
    def on_page(self) -> tuple[OnRoster, ...]:
        """The people on the page in view."""
        return self.people[self.page * PAGE : (self.page + 1) * PAGE]


def list_body(view: MembersView) -> Phrase:
    """How many are in, and which page this is."""
    counts = view.counts
    if not counts.total:
        return paragraphs(t("organisation.list.head", cell=view.cell, total=0), t("organisation.list.empty"))
    figures = lines(
        t("organisation.list.joined", mark="✅", count=counts.joined),
        t("organisation.list.waiting", mark="⏳", count=counts.waiting) if counts.waiting else None,
        t("organisation.list.trouble", mark="⚠️", count=counts.trouble) if counts.trouble else None,
        t("organisation.list.outside", mark="▫️", count=counts.outside) if counts.outside else None,
    )
    found = t("organisation.list.found", words=view.find, count=len(view.people)) if view.find else None
    pages = pages_of(len(view.people))
    page = t("organisation.list.page", page=view.page + 1, pages=pages) if pages > 1 else None
    where = lines(found, page) if found or page else None
    head = t("organisation.list.head", cell=view.cell, total=counts.total)
    return paragraphs(lines(head, figures), where, t("organisation.list"))


def list_options(view: MembersView) -> tuple[Option, ...]:
    """The people of the page, the pages beside it, and the rest."""
    options = [Option(f"m{p.member.id}", _named(p, view.now)) for p in view.on_page]
    if view.page > 0:
        options.append(Option("prev", t("organisation.list.prev"), ("truoc", "previous"), wide=False))
    if view.page + 1 < pages_of(len(view.people)):
        options.append(Option("next", t("organisation.list.next"), ("sau", "tiep", "next"), wide=False))
    if view.find:
        options.append(Option("all", t("organisation.list.all"), ("tat ca", "all")))
    return (*options, Option("more", t("organisation.list.more"), ("viec khac", "more")))


def _named(person: OnRoster, now: datetime) -> Text:
    return t("organisation.list.person", mark=_MARKS[join_state(person, now)], name=person.member.full_name)


def read_search(typed: str) -> str | None:
    """Words to look for in names, numbers and telephones: two letters at least."""
    words = fold(typed)
    return words if 2 <= len(words) <= 60 else None


def card_body(view: MembersView) -> Phrase:
    """One person: what the roster says, how far they joined, and the next step in plain words."""
    if view.person is None:
        return t("organisation.card.gone")
    member = view.person.member
    facts = lines(
        t("organisation.card", name=member.full_name, number=member.party_number),
        _position(member),
        t("organisation.card.form", form=form_label(member.form)),
        t("organisation.card.status", status=t(f"organisation.status.{member.status}")),
        t("organisation.card.born", day=member.born_on) if member.born_on else None,
        t("organisation.card.admitted", day=member.admitted_on) if member.admitted_on else None,
        t("organisation.card.phone", phone=member.phone) if member.phone else None,
        _absence(member, view.today),
        _roles(member),
    )
    return paragraphs(facts, _standing(view.person, view.now))


def _position(member: Member) -> Text | None:
    return t("organisation.card.position", position=member.position) if member.position else None


def _absence(member: Member, today: date) -> Text | None:
    if member.away_from is None or (member.away_to is not None and member.away_to < today):
        return None
    if member.away_to is None:
        return t("organisation.card.away_from", first=member.away_from)
    return t("organisation.card.away", first=member.away_from, last=member.away_to)


def _roles(member: Member) -> Text | None:
    held = [role for role in GIVEN_ROLES if role in member.roles]
    if not held:
        return None
    named = Lines(tuple(t(f"organisation.role.{role}") for role in held), gap=", ")
    return t("organisation.card.roles", roles=named)


def _standing(person: OnRoster, now: datetime) -> Phrase:
    """Where the person stands, and what the secretary can do about it."""
    state = join_state(person, now)
    match state:
        case JoinState.JOINED:
            since = min(account.linked_at for account in person.accounts)
            code = person.invitation if person.invitation and now < person.invitation.expires_at else None
            return lines(
                t("organisation.state.joined", since=since),
                reached_by(person.accounts),
                t("organisation.state.joined.code", until=code.expires_at) if code else None,
            )
        case JoinState.TROUBLE:
            return t(f"organisation.trouble.{trouble_of(person.accounts)}")
        case JoinState.INVITED | JoinState.EXPIRED if person.invitation:
            return t(f"organisation.state.{state}", until=person.invitation.expires_at)
    return t(f"organisation.state.{state}")


def card_options(view: MembersView) -> tuple[Option, ...]:
    """What can be done with this person now."""
    state = join_state(view.person, view.now) if view.person else JoinState.NOT_INVITED
    code = {
        JoinState.NOT_INVITED: "organisation.card.invite",
        JoinState.JOINED: "organisation.card.relink",
        JoinState.TROUBLE: "organisation.card.relink",
    }.get(state, "organisation.card.invite_again")
    options = (
        Option("invite", t(code), ("cap ma", "code")),
        Option("edit", t("organisation.card.edit"), ("sua", "edit")),
    )
    if state is not JoinState.WAITING:
        return options
    return (Option("request", t("organisation.card.request"), ("duyet", "request")), *options)


def titled(view: MembersView, ask: str) -> Phrase:
    """A question about one person, with their name above it."""
    if view.person is None:
        return t("organisation.card.gone")
    member = view.person.member
    return paragraphs(t("organisation.about", name=member.full_name, number=member.party_number), t(ask))


# The buttons below stay when their person has just been removed by somebody else: a press is then answered with
# that news, where a button that had vanished would be taken for a second tap.


def edit_options(_: MembersView) -> tuple[Option, ...]:
    """What can be changed."""
    return tuple(
        Option(name, t(f"organisation.edit.{name}"))
        for name in ("status", "away", "form", "phone", "roles", "remove")
    )


def status_options(view: MembersView) -> tuple[Option, ...]:
    """The four standings; the present one is marked."""
    now = view.person.member.status if view.person else None
    return tuple(
        Option(status.value, _marked(t(f"organisation.status.{status}"), chosen=status is now)) for status in Status
    )


def form_options(view: MembersView) -> tuple[Option, ...]:
    """The kinds of form with the letter of the newest set; the present one is marked."""
    now = view.person.member.form if view.person else None
    return tuple(
        Option(kind.value, _marked(form_label(kind), chosen=kind is now), (letter_of(kind),)) for kind in FormKind
    )


def form_label(kind: FormKind) -> Text:
    """``2B: không giữ chức vụ``."""
    return t(f"organisation.form.{kind}", letter=letter_of(kind))


def away_options(view: MembersView) -> tuple[Option, ...]:
    """To end an absence, where there is one."""
    if view.person is not None and view.person.member.away_from is None:
        return ()
    return (Option("back_again", t("organisation.away.end"), ("khong vang", "da ve", "back")),)


def role_options(view: MembersView) -> tuple[Option, ...]:
    """The roles that can be given in chat; those held are marked, a press changes one."""
    held = view.person.member.roles if view.person else frozenset()
    return tuple(
        Option(role.value, _marked(t(f"organisation.role.{role}"), chosen=role in held)) for role in GIVEN_ROLES
    )


def _marked(label: Phrase, *, chosen: bool) -> Text:
    return t("organisation.marked" if chosen else "organisation.unmarked", label=label)


def remove_options(_: MembersView) -> tuple[Option, ...]:
    """To take somebody off the roster, in words that say so."""
    return (
        Option("remove", t("organisation.remove.yes"), ("dua ra", "remove")),
        Option("keep", t("organisation.remove.no"), ("khong", "giu lai", "no")),
    )


def more_options(_: MembersView) -> tuple[Option, ...]:
    """What concerns the whole roster."""
    return tuple(
        Option(name, t(f"organisation.more.{name}")) for name in ("import", "add", "codes", "export", "template")
    )


def import_options(_: MembersView) -> tuple[Option, ...]:
    """The empty form, for who has no file yet."""
    return (Option("template", t("organisation.more.template"), ("mau trong", "template")),)


def codes_body(view: MembersView) -> Phrase:
    """How many would get a code."""
    if not view.without_code:
        return t("organisation.codes.nobody")
    return t("organisation.codes", count=view.without_code)


def codes_options(_: MembersView) -> tuple[Option, ...]:
    """To make the codes."""
    return (Option("make", t("organisation.codes.yes"), ("cap ma", "make")),)


def preview_body(view: MembersView) -> Phrase:
    """What the import would do, before it does it."""
    plan = view.plan
    if plan is None:
        return t("organisation.preview.gone")
    total = len(plan.added) + len(plan.changed) + len(plan.unchanged)
    return paragraphs(
        t("organisation.preview.head", file=view.file, total=total),
        lines(
            t("organisation.preview.added", count=len(plan.added)),
            t("organisation.preview.changed", count=len(plan.changed)),
            stack(
                t("organisation.preview.change", name=c.after.full_name, what=_fields(c.fields))
                for c in plan.changed[:SHOWN_CHANGES]
            )
            if plan.changed
            else None,
            t("organisation.preview.others", count=len(plan.changed) - SHOWN_CHANGES)
            if len(plan.changed) > SHOWN_CHANGES
            else None,
            t("organisation.preview.unchanged", count=len(plan.unchanged)),
            t("organisation.preview.absent", count=len(plan.absent)) if plan.absent else None,
        ),
        fault_lines(plan.faults) if plan.faults else t("organisation.preview"),
    )


def _fields(fields: tuple[str, ...]) -> Lines:
    return Lines(tuple(t(f"organisation.field.{name}") for name in fields), gap=", ")


def preview_options(_: MembersView) -> tuple[Option, ...]:
    """To do it, or to send another file."""
    return (
        Option("apply", t("organisation.preview.yes"), ("nhap", "dong y", "import")),
        Option("another", t("organisation.preview.another"), ("tep khac", "another")),
    )


def fault_lines(faults: tuple[Fault, ...]) -> Phrase:
    """Each bad row by its number and reason; a long list is cut with a count of what is left out."""
    left = len(faults) - SHOWN_FAULTS
    return lines(
        *(fault_line(fault) for fault in faults[:SHOWN_FAULTS]),
        t("organisation.preview.more_faults", count=left) if left > 0 else None,
    )


def fault_line(fault: Fault) -> Phrase:
    """One bad row: its number in the file, the column's heading as the file has it, the reason."""
    return t("organisation.fault.line", row=fault.row, column=Plain(fault.column), why=fault.why)


def role_name(role: Role) -> Text:
    """A role in words."""
    return t(f"organisation.role.{role}")
