"""The room of the year's notes: what is said or sent is kept first; everything else is asked afterwards."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from handlers.checklist.actions import ensure_list, list_year
from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow, Refusal
from handlers.dialogue.fold import is_visible, tidy
from handlers.dialogue.phrases import Phrase, lines, t
from handlers.dialogue.room import Attachment, Message, Outcome, Recipe, Visit, finish, go, stay
from handlers.dialogue.said import Command, File, Sent
from handlers.notes import files
from handlers.notes.flow import MOST_MESSAGE, NOTES, NotesView
from handlers.notes.rules import MEGABYTE, Bounds, name_of, refused_for_room, together
from handlers.organisation.permissions import Verb
from storage import checklists, evidence, notes, tasks
from storage.records import Evidence, EvidenceId, EvidenceKind, ItemId, Note, NoteId, TaskId
from storage.transaction import Connection


class NotesRoom:
    """``bounds`` say how much evidence is taken. Words are kept whatever becomes of the file beside them."""

    flows: tuple[Flow[NotesView], ...] = (NOTES,)
    commands: Mapping[str, str | None] = {"note": Verb.REVIEW_WRITE, "ghichep": Verb.REVIEW_WRITE}
    attach_commands: frozenset[str] = frozenset({"note", "ghichep"})
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {files.UPRIGHT: files.upright}

    def __init__(self, *, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()

    def load(self, tx: Connection, visit: Visit) -> NotesView:
        """Fetch the year's notes, what they may belong to, and the files of the one in hand."""
        person = visit.known
        year = list_year(tx, person.cell.id, visit.today)
        number = visit.state.data.get("note")
        note = notes.find(tx, person.member.id, number) if isinstance(number, int) else None
        return NotesView(
            year=year,
            notes=notes.of_year(tx, person.member.id, year),
            items=checklists.items(tx, person.cell.id, note.year if note else year),
            tasks=tasks.of_year(tx, person.member.id, note.year if note else year),
            note=note,
            files=evidence.of_note(tx, note.id) if note else (),
            zone=visit.house.zone,
            cursor=visit.state.data,
        )

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Open the notes; words behind the command, or the photo that it is the caption of, are noted at once."""
        cell = visit.known.cell.id
        ensure_list(tx, cell, list_year(tx, cell, visit.today))
        back = visit.state.flow != NOTES.name
        words = tidy(command.args)
        if command.sent is None and not is_visible(words):
            return Outcome(enter=NOTES.name, returning=back)
        if len(words) > MOST_MESSAGE:
            return stay(t("engine.wrong.too_long", most=MOST_MESSAGE, given=len(words)))
        number, said = self._keep(tx, visit, None, command.sent or words, words)
        if number is None:
            return Outcome(enter=NOTES.name, say=said, returning=back)
        return Outcome(enter=NOTES.name, go="kept", say=said, returning=back, data={"note": number, "once": back})

    def answer(self, tx: Connection, visit: Visit, view: NotesView, answer: Answer) -> Outcome:
        """Words, a photo, a choice."""
        value, option = answer.value, answer.option or ""
        if isinstance(value, str | Sent | File):
            note = view.note if answer.step == "kept" else None
            words = value if isinstance(value, str) else tidy(value.caption)
            number, said = self._keep(tx, visit, note, value, words)
            return stay(said) if number is None else go("kept", said, note=number, undo=None)
        match answer.step:
            case "write":
                return self._on_write(tx, visit, option)
            case "kept" if option == "task" and view.note is not None:
                return go("tasks", task_page=0)
            case "tasks" if option in {"prev", "more"}:
                page = int(visit.state.data.get("task_page") or 0)
                return stay(None, task_page=page + (1 if option == "more" else -1))
            case "kept" | "tasks":
                return self._tied(tx, visit, view, option)
            case "list":
                if option in {"prev", "more"}:
                    return stay(None, page=view.page + (1 if option == "more" else -1))
                return go("note", note=int(option[1:]))
        return self._on_note(tx, visit, view, option)

    def _on_write(self, tx: Connection, visit: Visit, option: str) -> Outcome:
        number = visit.state.data.get("undo")
        if option == "list":
            return go("list", page=0, undo=None)
        if isinstance(number, int) and notes.put_back(tx, visit.known.member.id, number):
            return go("note", t("notes.put_back"), note=number, undo=None)
        return stay(None, undo=None)

    def _tied(self, tx: Connection, visit: Visit, view: NotesView, option: str) -> Outcome:
        """To what the note in hand belongs; that was the last question about it."""
        if view.note is None:
            return go("write", note=None)
        said: Phrase | None = None
        if option.startswith("p"):
            item = next(item for item in view.items if f"p{item.id}" == option)
            notes.tie(tx, view.note.id, item=ItemId(item.id))
            said = t("notes.tied.point", number=item.number)
        elif option.startswith("t"):
            task = next(task for task in view.tasks if f"t{task.id}" == option)
            notes.tie(tx, view.note.id, task=TaskId(task.id))
            said = t("notes.tied.task")
        else:
            notes.tie(tx, view.note.id)
        if visit.state.data.get("from_list"):
            return go("note", said, from_list=None)
        if visit.state.data.get("once"):
            return finish(said or t("notes.done"))
        return go("write", said or t("notes.done"), note=None)

    def _on_note(self, tx: Connection, visit: Visit, view: NotesView, option: str) -> Outcome:
        if view.note is None:
            return go("list", t("notes.gone"), note=None)
        if option == "add":
            return go("kept", from_list=True)
        if option == "remove":
            notes.remove(tx, view.note.id, visit.now)
            return go("write", t("notes.removed"), note=None, undo=view.note.id)
        chosen = next((file for file in view.files if f"e{file.id}" == option), None)
        content = evidence.content(tx, visit.known.member.id, EvidenceId(chosen.id)) if chosen else None
        if chosen is None or content is None:
            return stay()
        told = t("notes.sent_back", name=chosen.file_name, at=chosen.kept_at)
        return stay(None, Message(visit.address, told, attachment=attachment_of(chosen, content)))

    def _keep(
        self, tx: Connection, visit: Visit, note: Note | None, value: str | Sent | File, words: str
    ) -> tuple[NoteId | None, Phrase]:
        """Keep words and file; the number of the note (None: there was nothing to keep) and what to say of it."""
        if words and isinstance(value, str):
            number, said = self._keep_words(tx, visit, note, words)
            return number, said
        if isinstance(value, str):
            return None, t("engine.wrong.empty")
        looked = self._looked(tx, visit, note, value)
        if note is None and not words and isinstance(looked, Refusal):
            return None, looked.why
        if note is not None and not words:
            number, said = note.id, lines()
        else:
            number, said = self._keep_words(tx, visit, note, words)
        if isinstance(looked, Refusal):
            return number, lines(said, looked.why) if words else looked.why
        return number, self._keep_file(tx, visit, NoteId(number), value, *looked)

    def _keep_words(self, tx: Connection, visit: Visit, note: Note | None, words: str) -> tuple[NoteId, Phrase]:
        if note is None:
            year = list_year(tx, visit.known.cell.id, visit.today)
            number = notes.add(tx, visit.known.member.id, year, words, visit.now)
            return number, t("notes.saved")
        both = together(note.text, words)
        if isinstance(both, Refusal):
            # What does not fit under one note is a note of its own: nothing that was typed is lost.
            number = notes.add(tx, visit.known.member.id, note.year, words, visit.now)
            return number, lines(both.why, t("notes.saved"))
        notes.write(tx, note.id, both)
        return note.id, t("notes.saved.more")

    def _looked(
        self, tx: Connection, visit: Visit, note: Note | None, sent: Sent | File
    ) -> tuple[files.Looked, bytes] | Refusal:
        """What was sent, looked at; or why it is not kept."""
        most = self._bounds.file // MEGABYTE
        if sent.size > self._bounds.file:
            return Refusal(t("notes.file.too_large", most=most))
        if sent.content is None:
            return Refusal(t("notes.file.not_fetched", most=most))
        year = note.year if note else list_year(tx, visit.known.cell.id, visit.today)
        kept = evidence.of_note(tx, note.id) if note else ()
        full = refused_for_room(
            self._bounds, len(sent.content), kept, evidence.used(tx, visit.known.member.id, year)
        )
        if full is not None:
            return full
        looked = files.examine(sent.content, sent.name)
        return looked if isinstance(looked, Refusal) else (looked, sent.content)

    def _keep_file(
        self, tx: Connection, visit: Visit, note: NoteId, sent: Sent | File, looked: files.Looked, content: bytes
    ) -> Phrase:
        member = visit.known.member.id
        before = evidence.same(tx, member, looked.digest)
        if before is not None and before.note_id == note:
            return t("notes.file.twice", name=before.file_name)
        name = name_of(sent.name, looked.ending, looked.kind, len(evidence.of_note(tx, note)) + 1)
        evidence.keep(tx, member, note, looked.kind, name, content, looked.digest, visit.now)
        known = t("notes.file.known", at=before.kept_at) if before is not None else None
        return lines(t("notes.file.kept", name=name), known)


def attachment_of(file: Evidence, content: bytes) -> Attachment:
    """A file as it goes back to its owner: a picture the right way up, everything else as it was sent."""
    if file.kind is not EvidenceKind.PICTURE:
        return Attachment(file.file_name, content)
    shown = files.is_shown(content)
    if not files.is_turned(content):
        return Attachment(file.file_name, content, picture=shown)
    data: dict[str, Any] = {"content": base64.b64encode(content).decode()}
    return Attachment(file.file_name, picture=shown, recipe=files.UPRIGHT, data=data)
