"""What a year's rules and forms consist of: frozen values that the loader fills from the data files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from handlers.review.cap import CapPolicy, CapReading
from storage.records import CycleKind, FormKind, Grade, HearingPlace, Status

# A misspelt key in a data file is an error, not a silent default (read by the loader).
_STRICT = {"extra": "forbid"}


class ItemLevel(StrEnum):
    """The four levels of one item on the forms of 2018-2024, best first (21-HD/BTCTW, Mẫu 02)."""

    EXCELLENT = "excellent"
    GOOD = "good"
    AVERAGE = "average"
    POOR = "poor"


class Kind(StrEnum):
    """What a question asks for."""

    TEXT = "text"
    LIST = "list"
    LEVEL = "level"
    SCORE = "score"
    TASKS = "tasks"
    REMEDIATION = "remediation"
    UNITS = "units"
    GRADE = "grade"


class Need(StrEnum):
    """Whether a question can be left: ``if_any`` is answered with "none" where the form prints "(nếu có)"."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    IF_ANY = "if_any"


class GradeOf(StrEnum):
    """Whose grade a question of kind grade asks for: the Party's own, or the one given at work."""

    PARTY = "party"
    WORK = "work"


class Measure(StrEnum):
    """What a condition looks at; shares are whole per cent of the tasks given (or of the faults named).

    Of several units led, the one that stands worst counts; ``units_failed`` is the share of units graded lowest.
    """

    DONE = "done"
    UNDONE = "undone"
    LATE = "late"
    EXCEEDED = "exceeded"
    REMEDIED = "remedied"
    UNITS_FAILED = "units_failed"
    LEVEL = "level"
    WORK_GRADE = "work_grade"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Source:
    """A rule or guidance that the data follow; ``verified`` only where its own words were seen."""

    __pydantic_config__: ClassVar = _STRICT
    name: str
    issued_on: date
    verified: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the form above its questions."""

    __pydantic_config__: ClassVar = _STRICT
    number: str
    heading: str


@dataclass(frozen=True, slots=True)
class ScoreGroup:
    """A group of criteria with its greatest number of whole points and the criteria that it names."""

    __pydantic_config__: ClassVar = _STRICT
    key: str
    heading: str
    maximum: int
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form.

    ``key`` names the answer and the catalogue's short label and help (``review.short.<key>``,
    ``review.help.<key>``); ``heading`` is official and stays Vietnamese. ``printed`` is False for what the form
    does not print but the conditions need. ``maximum`` (whole points) and ``group`` belong to scores,
    ``max_length`` (characters, one answer or one item) and ``max_items`` to words.
    """

    __pydantic_config__: ClassVar = _STRICT
    key: str
    section: str
    number: str
    heading: str
    kind: Kind
    need: Need = Need.REQUIRED
    printed: bool = True
    max_length: int = 12_000
    max_items: int = 50
    group: str = ""
    maximum: int = 0
    grade_of: GradeOf = GradeOf.PARTY


@dataclass(frozen=True, slots=True)
class Form:
    """One form: who fills it, its title, sections, questions in order, and the groups of its points.

    ``key`` is ``<rule set>/<file>``, for example ``2025/non_leader``; it is what a review remembers. ``parts`` are
    the headings above the sections ("A", "B"): sections whose number begins with that and a dot belong to it.
    """

    __pydantic_config__: ClassVar = _STRICT
    key: str
    code: str
    title: str
    kinds: tuple[FormKind, ...]
    verified: bool
    source: str
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    subtitle: str = ""
    note: str = ""
    parts: tuple[Section, ...] = ()
    scores: tuple[ScoreGroup, ...] = ()

    def question(self, key: str) -> Question:
        """The question of that key; raises KeyError."""
        for question in self.questions:
            if question.key == key:
                return question
        raise KeyError(f"{self.key} has no question {key}")

    def section(self, number: str) -> Section:
        """The section of that number; raises KeyError."""
        for section in self.sections:
            if section.number == number:
                return section
        raise KeyError(f"{self.key} has no section {number}")

    def of_kind(self, kind: Kind) -> tuple[Question, ...]:
        """Every question of one kind, in order."""
        return tuple(question for question in self.questions if question.kind is kind)

    @property
    def maximum(self) -> int:
        """The greatest total in whole points; 0 where the form has no points."""
        return sum(group.maximum for group in self.scores)


@dataclass(frozen=True, slots=True)
class Band:
    """A grade and the least number of whole points for it."""

    __pydantic_config__: ClassVar = _STRICT
    grade: Grade
    at_least: int


@dataclass(frozen=True, slots=True)
class Condition:
    """What a grade requires beside its points.

    ``question`` is the key whose answer is looked at; ``at_least``/``at_most`` are whole per cent. ``judged``
    conditions are never computed (quality, the cap): they are only told, by the text ``review.judged.<question>``.
    """

    __pydantic_config__: ClassVar = _STRICT
    grade: Grade
    forms: tuple[FormKind, ...]
    measure: Measure
    question: str
    article: str
    at_least: int | None = None
    at_most: int | None = None
    level: ItemLevel | None = None
    work_grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """A sign that the rule names for "Không hoàn thành nhiệm vụ": a flag for people, never a grade by itself.

    With a ``measure`` it is counted from the figures; without one it is only told where the conditions are told,
    by the text ``review.trigger.<key>``.
    """

    __pydantic_config__: ClassVar = _STRICT
    key: str
    forms: tuple[FormKind, ...]
    article: str
    measure: Measure | None = None
    question: str = ""
    above: int | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewPlace:
    """A meeting before which these kinds of people review themselves, in the order of the data."""

    __pydantic_config__: ClassVar = _STRICT
    place: HearingPlace
    forms: tuple[FormKind, ...]
    article: str


@dataclass(frozen=True, slots=True)
class DueDate:
    """A day that the rule names for a step of the year, "before" it: a suggestion, never a block.

    ``next_year`` means the year after the review year; ``local`` dates are set by the local committee and have no
    day here. ``heading`` says in Vietnamese what is due.
    """

    __pydantic_config__: ClassVar = _STRICT
    key: str
    heading: str
    article: str
    day: int | None = None
    month: int | None = None
    next_year: bool = False
    local: bool = False
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of the rule that is told beside the signs, never counted: ``review.told.<key>``."""

    __pydantic_config__: ClassVar = _STRICT
    key: str
    article: str


@dataclass(frozen=True, slots=True)
class CycleForms:
    """Which forms a cycle of another rhythm uses: those named by key, for all other people the yearly ones.

    ``note`` says in Vietnamese what is not confirmed; it is told where ``verified`` is False.
    """

    __pydantic_config__: ClassVar = _STRICT
    kind: CycleKind
    forms: tuple[str, ...] = ()
    verified: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of some years: who reviews, how points become grades, how the cap is read, and the forms.

    ``id`` is the folder's name and what a cycle remembers. ``last_year`` None means still in force;
    of several sets that serve a year, the greatest ``revision`` is taken for new cycles.
    """

    __pydantic_config__: ClassVar = _STRICT
    id: str
    first_year: int
    sources: tuple[Source, ...]
    review_after_months: int
    review_article: str
    not_required: tuple[Status, ...]
    grade_names: dict[Grade, str]
    forms: tuple[Form, ...]
    last_year: int | None = None
    revision: int = 1
    note: str = ""
    level_names: dict[ItemLevel, str] | None = None
    grade_article: str = ""
    bands: tuple[Band, ...] = ()
    conditions: tuple[Condition, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    told: tuple[Told, ...] = ()
    places: tuple[ReviewPlace, ...] = ()
    dates: tuple[DueDate, ...] = ()
    cycle_forms: tuple[CycleForms, ...] = ()
    cap_readings: tuple[CapReading, ...] = ()
    cap_default: str = ""

    def serves(self, year: int) -> bool:
        """Whether reviews of that year follow this set."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    def form(self, key: str) -> Form:
        """The form of that key; raises KeyError."""
        for form in self.forms:
            if form.key == key:
                return form
        raise KeyError(f"rule set {self.id} has no form {key}")

    def form_for(self, kind: FormKind, rhythm: CycleKind = CycleKind.YEARLY) -> Form:
        """The one form that this kind of person fills (the loader makes sure that there is exactly one)."""
        own = self.of_rhythm(rhythm)
        named = [form for form in self.forms if own and form.key in own.forms and kind in form.kinds]
        return next(form for form in (*named, *self.yearly) if kind in form.kinds)

    def of_rhythm(self, rhythm: CycleKind) -> CycleForms | None:
        """What the data say of cycles of another rhythm; None where they say nothing."""
        return next((own for own in self.cycle_forms if own.kind is rhythm), None)

    @property
    def yearly(self) -> tuple[Form, ...]:
        """The forms that belong to no other rhythm."""
        others = {key for own in self.cycle_forms for key in own.forms}
        return tuple(form for form in self.forms if form.key not in others)

    def places_of(self, kind: FormKind) -> tuple[ReviewPlace, ...]:
        """Before which meetings this kind of person reviews themselves, in order."""
        return tuple(place for place in self.places if kind in place.forms)

    @property
    def caps(self) -> tuple[CapPolicy, ...]:
        """Every reading of the cap with every rounding, in the order of the data."""
        return tuple(policy for reading in self.cap_readings for policy in reading.policies)
