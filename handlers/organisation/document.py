"""Files of this room: the roster as a workbook that can be read in again, an empty one, a list of codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from handlers.organisation.columns import RosterField, letter_of, vocabulary
from storage.records import Member, Role

COLUMNS = (
    RosterField.FULL_NAME,
    RosterField.PARTY_NUMBER,
    RosterField.BORN_ON,
    RosterField.ADMITTED_ON,
    RosterField.OFFICIAL_ON,
    RosterField.POSITION,
    RosterField.FORM,
    RosterField.STATUS,
    RosterField.PHONE,
    RosterField.CELL,
    RosterField.ROLE,
    RosterField.AWAY_FROM,
    RosterField.AWAY_TO,
)


def roster_data(people: Iterable[tuple[Member, str]]) -> dict[str, Any]:
    """Members, each with the name of their cell, as the JSON of a roster file."""
    return {"people": [[_shown(member, cell, column) for column in COLUMNS] for member, cell in people]}


def _shown(member: Member, cell: str, column: RosterField) -> str:
    """What stands in a cell of the file; dates as ISO, to become real dates in the sheet."""
    known = vocabulary()
    match column:
        case RosterField.FORM:
            return letter_of(member.form)
        case RosterField.STATUS:
            return known.shown[member.status]
        case RosterField.CELL:
            return cell
        case RosterField.ROLE:
            return ", ".join(known.shown[role] for role in Role if role in member.roles and role in known.shown)
    value = getattr(member, column.value)
    return value.isoformat() if isinstance(value, date) else str(value or "")


# Made when the file is sent, in a worker: openpyxl is large (numpy comes with it), and few days see a file.


def roster_book(data: Mapping[str, Any]) -> bytes:
    """A roster as .xlsx that ``read_roster`` reads back; without people it is the empty form to fill."""
    from handlers.organisation.spreadsheet import roster_sheet

    return roster_sheet(COLUMNS, data["people"])


def table_book(data: Mapping[str, Any]) -> bytes:
    """A plain table of words as .xlsx: ``title``, ``headings`` and ``rows`` in the reader's language."""
    from handlers.organisation.spreadsheet import plain_sheet

    return plain_sheet(str(data["title"]), data["headings"], data["rows"])
