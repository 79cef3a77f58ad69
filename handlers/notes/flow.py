"""The dialogue of the year's notes: write or send first, say afterwards to what it belongs; the list, one note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo

from handlers.dialogue.flow import END, JSON, Flow, Option, Step, Takes
from handlers.dialogue.phrases import Phrase, Plain, Text, lines, paragraphs, t
from handlers.organisation.permissions import Verb
from storage.records import ChecklistItem, Evidence, Note, Task

PAGE = 6
_SHOWN, _LINE, _LABEL = 2600, 40, 44
MOST_MESSAGE = 4096


@dataclass(frozen=True, slots=True)
class NotesView:
    """A member's notes of one year, newest last; ``note`` is the one in hand with its ``files``."""

    year: int = 0
    notes: tuple[Note, ...] = ()
    items: tuple[ChecklistItem, ...] = ()
    tasks: tuple[Task, ...] = ()
    note: Note | None = None
    files: tuple[Evidence, ...] = ()
    zone: tzinfo = UTC
    cursor: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def page(self) -> int:
        """The page of the list in view, one that exists."""
        wanted = self.cursor.get("page")
        return min(wanted if isinstance(wanted, int) and wanted > 0 else 0, max(0, self.pages - 1))

    @property
    def pages(self) -> int:
        """How many pages the list has."""
        return -(-len(self.notes) // PAGE)


def clip(text: str, most: int) -> str:
    """At most so many signs of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def belongs(view: NotesView, note: Note) -> Text | None:
    """To what a note belongs, where it belongs to anything that still exists."""
    item = next((item for item in view.items if item.id == note.item_id), None)
    if item is not None:
        return t("notes.of_point", number=item.number, label=item.label)
    task = next((task for task in view.tasks if task.id == note.task_id), None)
    return t("notes.of_task", title=clip(task.title, 80)) if task else None


def file_counts(files: tuple[Evidence, ...]) -> Text | None:
    """How many files a note has and what they are called, if it has any."""
    if not files:
        return None
    return t("notes.files", count=len(files), names=", ".join(file.file_name for file in files))


def _write(view: NotesView) -> Phrase:
    count = t("notes.count", count=len(view.notes), year=view.year) if view.notes else None
    return paragraphs(t("notes.write", year=view.year), count)


def _write_options(view: NotesView) -> tuple[Option, ...]:
    found = []
    if view.notes:
        found.append(
            Option(
                "list", t("notes.choose.list", count=len(view.notes)), ("xem", "danh sach", "xem ghi chep", "list")
            )
        )
    if view.cursor.get("undo"):
        found.append(Option("undo", t("notes.choose.undo"), ("lay lai", "undo")))
    return tuple(found)


def _words(view: NotesView) -> Phrase | None:
    if view.note is None:
        return t("notes.gone")
    shown = view.note.text if len(view.note.text) <= _SHOWN else f"{view.note.text[:_SHOWN].rstrip()} …"
    return lines(Plain(shown) if shown else None, file_counts(view.files))


def _kept(view: NotesView) -> Phrase:
    tied = belongs(view, view.note) if view.note else None
    return paragraphs(_words(view), tied, t("notes.ask_tie") if view.items or view.tasks else None, t("notes.more"))


def _ties(view: NotesView) -> tuple[Option, ...]:
    if view.note is None:
        return (Option("new", t("notes.choose.new"), ("ghi moi", "new")),)
    points = tuple(
        Option(f"p{item.id}", t("notes.choose.point", number=item.number, label=item.label)) for item in view.items
    )
    task = (Option("task", t("notes.choose.task"), ("nhiem vu", "task")),) if view.tasks else ()
    nothing = ("khong", "khong thuoc viec nao", "bo qua", "xong", "none", "skip", "done")
    return (*points, *task, Option("none", t("notes.choose.nothing"), nothing))


def _tasks(view: NotesView) -> tuple[Option, ...]:
    page = view.cursor.get("task_page")
    first = (page if isinstance(page, int) else 0) * PAGE
    shown = view.tasks[first : first + PAGE]
    found = [
        Option(f"t{task.id}", t("notes.choose.one_task", number=place, title=clip(task.title, _LABEL)))
        for place, task in enumerate(shown, first + 1)
    ]
    if first:
        found.append(Option("prev", t("notes.choose.prev"), ("truoc", "prev"), wide=False))
    if first + PAGE < len(view.tasks):
        found.append(Option("more", t("notes.choose.older"), ("tiep", "more"), wide=False))
    return tuple(found)


def _list(view: NotesView) -> Phrase:
    if not view.notes:
        return t("notes.none", year=view.year)
    return t("notes.list", year=view.year, count=len(view.notes), page=view.page + 1, pages=view.pages)


def _list_options(view: NotesView) -> tuple[Option, ...]:
    newest = view.notes[::-1][view.page * PAGE : (view.page + 1) * PAGE]
    found = [Option(f"n{note.id}", _label(note, note.noted_at.astimezone(view.zone).date())) for note in newest]
    if view.page:
        found.append(Option("prev", t("notes.choose.prev"), ("truoc", "prev"), wide=False))
    if view.page + 1 < view.pages:
        found.append(Option("more", t("notes.choose.older"), ("tiep", "cu hon", "more"), wide=False))
    return tuple(found)


def _label(note: Note, on: date) -> Text:
    """A line of the list: the day, the first words, and how many files there are."""
    words: Phrase = Plain(clip(note.text, _LINE)) if note.text else t("notes.no_words")
    if note.files:
        return t("notes.choose.note_files", on=on, words=words, count=note.files)
    return t("notes.choose.note", on=on, words=words)


def _note(view: NotesView) -> Phrase:
    if view.note is None:
        return t("notes.gone")
    return paragraphs(t("notes.one", at=view.note.noted_at), _words(view), belongs(view, view.note))


def _note_options(view: NotesView) -> tuple[Option, ...]:
    if view.note is None:
        return ()
    files = tuple(
        Option(f"e{file.id}", t("notes.choose.file", name=clip(file.file_name, _LABEL))) for file in view.files
    )
    return (
        *files,
        Option("add", t("notes.choose.add"), ("them", "gan", "add")),
        Option("remove", t("notes.choose.remove"), ("bo", "xoa", "remove")),
    )


NOTES = Flow[NotesView](
    name="notes",
    first="write",
    commands=("note", "ghichep"),
    verb=Verb.REVIEW_WRITE,
    steps=(
        Step(
            "write",
            ask="notes.write",
            takes=Takes.EVIDENCE,
            body=_write,
            options=_write_options,
            leads=("write", "kept", "list", END),
            most=MOST_MESSAGE,
        ),
        Step(
            "kept",
            ask="notes.ask_tie",
            takes=Takes.EVIDENCE,
            body=_kept,
            options=_ties,
            leads=("kept", "write", "tasks", "note", END),
            most=MOST_MESSAGE,
        ),
        Step("tasks", ask="notes.which_task", options=_tasks, leads=("tasks", "write", "note", END), back="kept"),
        Step("list", ask="notes.list", body=_list, options=_list_options, leads=("list", "note"), back="write"),
        Step(
            "note", ask="notes.one", body=_note, options=_note_options, leads=("note", "kept", "write"), back="list"
        ),
    ),
)
