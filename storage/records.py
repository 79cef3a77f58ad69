"""The vocabulary: frozen records and enumerations that every floor speaks; standard library only.

Names follow the glossary (docs/glossary.md). Times are aware UTC datetimes, dates are calendar days
in the zone of the cell, scores are tenths of a point (``ScoreTenths``: 895 means 89,5), so that no
figure ever goes through a float.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any, NewType

CellId = NewType("CellId", int)
MemberId = NewType("MemberId", int)
CycleId = NewType("CycleId", int)
ReviewId = NewType("ReviewId", int)
ItemId = NewType("ItemId", int)
PostId = NewType("PostId", int)
NoteId = NewType("NoteId", int)
EvidenceId = NewType("EvidenceId", int)
TaskId = NewType("TaskId", int)
ImprovementId = NewType("ImprovementId", int)
ScoreTenths = NewType("ScoreTenths", int)


class Role(StrEnum):
    """What a person may do in one cell; a person may hold several."""

    MEMBER = "member"
    SECRETARY = "secretary"
    CHAIR = "chair"
    DEPUTY = "deputy"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"


class Status(StrEnum):
    """How a member stands on the roster (domain: Article 5.2 of 366-QĐ/TW decides who reviews)."""

    OFFICIAL = "official"
    PROBATIONARY = "probationary"
    EXEMPT = "exempt"
    SUSPENDED = "suspended"


class FormKind(StrEnum):
    """Which kind of person fills the form; the letter printed on paper is data of the year."""

    LEADER = "leader"
    NON_LEADER = "non_leader"
    OUTSIDE_SYSTEM = "outside_system"


class Grade(StrEnum):
    """The four levels of quality, best first (Article 11 of 366-QĐ/TW)."""

    EXCELLENT = "excellent"
    GOOD = "good"
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"


class ItemState(StrEnum):
    """State of one of the seven points for one member."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    BLOCKED = "blocked"
    NOT_APPLICABLE = "not_applicable"


class NotRequired(StrEnum):
    """Why somebody on the roster does not review this time."""

    EXEMPT = "exempt"
    SUSPENDED = "suspended"
    UNDER_SIX_MONTHS = "under_six_months"


class CycleState(StrEnum):
    """A cycle is planned, then open, then closed; only an open one takes answers, a paused one waits."""

    PLANNED = "planned"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class CycleKind(StrEnum):
    """The rhythm of a cycle: once a year, a quarter, or whenever the cell needs one."""

    YEARLY = "yearly"
    QUARTERLY = "quarterly"
    WHEN_NEEDED = "when_needed"


class HearingPlace(StrEnum):
    """Before whom a self-assessment is reviewed; leaders stand before two meetings, the cell's first."""

    CELL = "cell"
    COLLECTIVE = "collective"


class ReturnKind(StrEnum):
    """A review comes back before the deadline (``returned``), or is opened again after it (``reopened``)."""

    RETURNED = "returned"
    REOPENED = "reopened"


class ReturnOutcome(StrEnum):
    """How a return ended: the member handed in again, or whoever returned it took that back."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


class ReviewState(StrEnum):
    """A review is a draft until it is submitted; changing it makes it a draft again."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class EvidenceKind(StrEnum):
    """What a file that proves something is, by its content."""

    PICTURE = "picture"
    VOICE = "voice"
    DOCUMENT = "document"


class TaskState(StrEnum):
    """How a task of the year ended, in the member's own word; a deadline that has passed changes nothing."""

    OPEN = "open"
    DONE = "done"
    LATE = "late"
    EXCEEDED = "exceeded"
    NOT_DONE = "not_done"


class ImprovementState(StrEnum):
    """How a shortcoming that was admitted stands; withdrawn where a later submission no longer names it."""

    OPEN = "open"
    ONGOING = "ongoing"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class RequestState(StrEnum):
    """A request to join waits until one secretary decides it."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"


class DeliveryTrouble(StrEnum):
    """Why the bot cannot reach a person, as the messenger told us."""

    NEVER_JOINED = "never_joined"
    BLOCKED = "blocked"
    NEVER_STARTED = "never_started"
    DEACTIVATED = "deactivated"
    CHAT_GONE = "chat_gone"


class Urgency(IntEnum):
    """Which post goes first when many wait: answers to a person, then the summary, then reminders."""

    ANSWER = 0
    SUMMARY = 1
    REMINDER = 2


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person (or a group) is reached: the channel's name and its chat id."""

    channel: str
    chat: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A party cell (chi bộ) and its own settings."""

    id: CellId
    name: str
    group: Address | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One person on a cell's roster."""

    id: MemberId
    cell_id: CellId
    party_number: str
    full_name: str
    form: FormKind
    status: Status
    born_on: date | None = None
    admitted_on: date | None = None
    official_on: date | None = None
    position: str = ""
    phone: str = ""
    away_from: date | None = None
    away_to: date | None = None
    language: str = "vi"
    removed_at: datetime | None = None
    roles: frozenset[Role] = field(default_factory=lambda: frozenset({Role.MEMBER}))

    def away_on(self, day: date) -> bool:
        """Whether the member is away (ill, travelling) on that day; both ends count."""
        if self.away_from is None:
            return False
        return self.away_from <= day and (self.away_to is None or day <= self.away_to)


@dataclass(frozen=True, slots=True)
class Account:
    """A messenger account linked to a member; ``trouble`` says why the last message did not arrive.

    ``preferred``: where a member with several accounts wants to be reached.
    """

    address: Address
    member_id: MemberId
    linked_at: datetime
    trouble: DeliveryTrouble | None = None
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Cycle:
    """One round of review in a cell: its year, the rule set it opened with, its dates.

    ``period`` numbers the cycles of one kind in a year: the quarter, or the first, second … one that was needed; a
    yearly one has 0. ``paused_reason`` is there while it is paused.
    """

    id: CycleId
    cell_id: CellId
    year: int
    rules: str
    opens_on: date
    deadline_on: date
    state: CycleState = CycleState.OPEN
    meeting_on: date | None = None
    extensions: tuple[tuple[MemberId, date], ...] = ()
    kind: CycleKind = CycleKind.YEARLY
    period: int = 0
    paused_reason: str = ""

    def takes_answers_on(self, day: date) -> bool:
        """Whether answers are asked for and taken on that day; the deadline alone does not stop a draft."""
        return self.state is CycleState.OPEN and self.opens_on <= day

    def deadline_of(self, member: MemberId) -> date:
        """The last day on which this member may submit, with their own extension if they have one."""
        return dict(self.extensions).get(member, self.deadline_on)


@dataclass(frozen=True, slots=True)
class Review:
    """A member's self-assessment in one cycle: the working draft and where it stands.

    ``version`` counts submissions (more than 0: something was submitted, and it counts until a newer one);
    ``place`` is the step where the member was.
    """

    id: ReviewId
    cycle_id: CycleId
    member_id: MemberId
    form: str
    state: ReviewState
    answers: dict[str, Any]
    self_grade: Grade | None = None
    submitted_at: datetime | None = None
    version: int = 0
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """A meeting before which a review was reviewed: where, when, the collective's name, who wrote it down."""

    place: HearingPlace
    held_on: date
    body: str = ""
    by_id: MemberId | None = None
    by_name: str = ""


@dataclass(frozen=True, slots=True)
class ReviewVersion:
    """What a member submitted, word for word; never changed afterwards."""

    review_id: ReviewId
    version: int
    answers: dict[str, Any]
    self_grade: Grade
    suggested: Grade | None
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Return:
    """A submitted version given back for the questions named, with a reason; open until it is settled.

    ``until_on``: the last day for it; None: the deadline.
    """

    id: int
    review_id: ReviewId
    kind: ReturnKind
    version: int
    questions: tuple[str, ...]
    reason: str
    by_id: MemberId
    by_name: str
    at: datetime
    until_on: date | None = None
    settled_at: datetime | None = None
    outcome: ReturnOutcome | None = None


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One of the points on a cell's list of the year."""

    id: ItemId
    cell_id: CellId
    year: int
    number: int
    label: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one member stands with one point."""

    item_id: ItemId
    member_id: MemberId
    state: ItemState
    note: str = ""
    reason: str = ""
    marked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What a member wants to remember for the review of a year; ``files`` counts the evidence kept with it."""

    id: NoteId
    member_id: MemberId
    year: int
    text: str
    noted_at: datetime
    item_id: ItemId | None = None
    task_id: TaskId | None = None
    files: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves something, without its bytes; ``size`` in bytes, ``digest`` their SHA-256."""

    id: EvidenceId
    member_id: MemberId
    note_id: NoteId | None
    kind: EvidenceKind
    file_name: str
    digest: str
    size: int
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a year: its product (what comes of it), its deadline, and how it ended."""

    id: TaskId
    member_id: MemberId
    year: int
    title: str
    product: str = ""
    due_on: date | None = None
    state: TaskState = TaskState.OPEN
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class Improvement:
    """A shortcoming that a member admitted in the review of a year, and by when it is to be mended."""

    id: ImprovementId
    member_id: MemberId
    year: int
    fault: str
    due_on: date | None = None
    state: ImprovementState = ImprovementState.OPEN
    review_id: int | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: what it says and the data that a press brings back (at most 64 bytes)."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Post:
    """Something to be sent, in its final words; ``text`` is HTML with <b>, <i> and <code> only.

    ``edits`` names the message to change instead of sending a new one; ``screen`` is the serial number of the
    screen it shows, so that delivery can remember which message carries it; ``member_id`` is whom it is for, so
    that a failure is known by person; ``menu`` sets the chat's command menu (name, words) and nothing else;
    ``recipe`` and ``data`` (JSON) say how the file is made when it is sent, where ``file`` is not there yet.
    ``numbered``: on this screen a typed number chooses (elsewhere it is an answer itself). ``parts`` is set when
    the post has been put into plain words for a messenger that lacks something: into how many messages, of which
    some may have been said already. ``movable``: it is for the member wherever they are reached, so that it goes
    to another of their accounts where this one takes nothing any more.
    """

    address: Address
    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    urgency: Urgency = Urgency.ANSWER
    edits: str | None = None
    screen: int | None = None
    file_name: str | None = None
    picture: bool = False
    file: bytes | None = None
    recipe: str | None = None
    data: dict[str, Any] | None = None
    member_id: MemberId | None = None
    menu: tuple[tuple[str, str], ...] = ()
    numbered: bool = False
    parts: int | None = None
    movable: bool = False


class DueState(StrEnum):
    """What became of an occasion: waiting for its moment, sent, or dropped for a reason."""

    PENDING = "pending"
    SENT = "sent"
    DROPPED = "dropped"


class DropReason(StrEnum):
    """Why something that came due was not sent."""

    OVERTAKEN = "overtaken"
    ALREADY_DONE = "already_done"
    DAY_PASSED = "day_passed"
    AWAY = "away"
    UNREACHABLE = "unreachable"
    UNANSWERED = "unanswered"
    CYCLE_CLOSED = "cycle_closed"
    NOT_REQUIRED = "not_required"
    REMOVED = "removed"
    RESTORED = "restored"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Due:
    """An occasion that came due; ``who``, ``rule`` and ``occasion`` together are unique, so nothing happens twice.

    ``who`` is ``member:12`` or ``cell:3``; ``moment`` is when it fell due (UTC), which may be earlier than now.
    """

    cell_id: CellId
    who: str
    rule: str
    occasion: str
    moment: datetime
    state: DueState = DueState.SENT
    member_id: MemberId | None = None
    cycle_id: CycleId | None = None
    dropped: DropReason | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it unique."""
        return self.who, self.rule, self.occasion


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A member as their cell's summary sees them in one cycle: what was handed in and when, never what was written.

    ``self_grade`` is that of the last submission, whatever a draft begun since may say; ``trouble`` is None where
    at least one account can be reached.
    """

    member: Member
    joined: bool = True
    trouble: DeliveryTrouble | None = None
    begun: bool = False
    self_grade: Grade | None = None
    first_submitted_at: datetime | None = None
    last_submitted_at: datetime | None = None
    versions: int = 0


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time code for one member, kept as its hash only; ``issued_by`` is None for the administrator.

    ``links``: the member made it, for a further account of their own.
    """

    code_hash: str
    member_id: MemberId
    issued_at: datetime
    expires_at: datetime
    issued_by: MemberId | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    links: bool = False


@dataclass(frozen=True, slots=True)
class JoinAttempts:
    """How often an account typed a wrong code, and until when it has to wait."""

    wrong: int
    last_at: datetime
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Somebody with a code and a consent, waiting for a human being to say that it is them."""

    id: int
    member_id: MemberId
    address: Address
    state: RequestState
    asked_at: datetime
    sender_name: str = ""
    decided_at: datetime | None = None
    decided_by: MemberId | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """That a member agreed: when, from which account, to which version of the text (and its very words, hashed)."""

    member_id: MemberId
    version: str
    text_hash: str
    address: Address
    agreed_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OnRoster:
    """A member as the secretary sees them: whether they joined, what stands in the way.

    ``invitation`` is the newest code that is neither used nor revoked (it may have expired), ``request`` the one
    that waits to be decided.
    """

    member: Member
    accounts: tuple[Account, ...] = ()
    invitation: Invitation | None = None
    request: JoinRequest | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """One update as it came: the channel's own id, the chat it belongs to, its JSON text."""

    channel: str
    update_id: str
    chat: str
    raw: str
    id: int = 0
