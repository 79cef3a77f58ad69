"""``/copy``: one's submitted form handed out field by field, to be copied into another app, declared as values."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.dialogue.flow import END, Flow, Option, Step
from handlers.dialogue.phrases import Phrase, Plain, lines, paragraphs, t
from handlers.organisation.permissions import Verb
from handlers.papers.copying import CopyField, pieces
from handlers.papers.paper import Paper

NAME = "copy"


@dataclass(frozen=True, slots=True)
class CopyView:
    """The submitted form's fields and the one in view; without a paper nothing was submitted."""

    year: int = 0
    version: int = 0
    fields: tuple[CopyField, ...] = ()
    place: int = 0
    paper: Paper | None = None

    @property
    def field(self) -> CopyField:
        """The field in view; there is one where there are fields."""
        return self.fields[self.place]


def _start(view: CopyView) -> Phrase:
    if not view.fields:
        return t("copies.nothing")
    return t("copies.start", year=view.year, version=view.version, count=len(view.fields))


def _start_options(view: CopyView) -> tuple[Option, ...]:
    if not view.fields:
        return (_DONE,)
    return (Option("first", t("copies.option.first"), ("bat dau", "begin")), _FILE)


def _field(view: CopyView) -> Phrase:
    if not view.fields:
        return t("copies.nothing")
    count = len(pieces(view.field.text))
    return paragraphs(
        t("copies.field", place=view.place + 1, count=len(view.fields), heading=Plain(view.field.heading)),
        lines(
            t("copies.above") if count == 1 else t("copies.above.parts", parts=count),
            t("copies.last") if view.place + 1 == len(view.fields) else None,
        ),
    )


def _field_options(view: CopyView) -> tuple[Option, ...]:
    turns = []
    if view.fields and view.place + 1 < len(view.fields):
        turns.append(Option("next", t("copies.option.next"), ("sau", "tiep", "next")))
    if view.fields and view.place > 0:
        turns.append(Option("prev", t("copies.option.prev"), ("truoc", "prev"), wide=False))
    again = Option("again", t("copies.option.again"), ("gui lai", "again"), wide=False)
    return (*turns, *((again, _FILE) if view.fields else ()), _DONE)


_FILE = Option("file", t("copies.option.file"), ("tep", "txt", "file"))
_DONE = Option("done", t("copies.option.done"), ("xong", "done"))

COPY = Flow[CopyView](
    name=NAME,
    first="start",
    commands=("copy", "chep"),
    verb=Verb.REVIEW_WRITE,
    steps=(
        Step("start", ask="copies.start", body=_start, options=_start_options, leads=("field", END)),
        Step("field", ask="copies.field", body=_field, options=_field_options, leads=("field", END)),
    ),
)
