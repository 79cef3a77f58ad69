"""``/members``: the roster in view, one person's card, changes, and the import of a file, declared as values."""

from __future__ import annotations

from handlers.dialogue.flow import END, Flow, Step, Takes
from handlers.organisation import screens
from handlers.organisation.rules import read_absence, read_person
from handlers.organisation.screens import MembersView
from handlers.organisation.values import read_phone

MEMBERS = Flow[MembersView](
    name="members",
    first="list",
    commands=("members", "dangvien"),
    verb="members_manage",
    steps=(
        Step(
            "list",
            ask="organisation.list",
            body=screens.list_body,
            options=screens.list_options,
            read=screens.read_search,
            leads=("list", "card", "more"),
        ),
        Step(
            "card",
            ask="organisation.card",
            body=screens.card_body,
            options=screens.card_options,
            leads=("card", "edit", "list"),
            back="list",
        ),
        Step(
            "edit",
            ask="organisation.edit",
            body=lambda view: screens.titled(view, "organisation.edit"),
            options=screens.edit_options,
            leads=("status", "form", "away", "phone", "roles", "remove"),
            back="card",
        ),
        Step(
            "status",
            ask="organisation.status",
            body=lambda view: screens.titled(view, "organisation.status"),
            options=screens.status_options,
            leads=("card",),
            back="edit",
        ),
        Step(
            "form",
            ask="organisation.form",
            body=lambda view: screens.titled(view, "organisation.form"),
            options=screens.form_options,
            leads=("card",),
            back="edit",
        ),
        Step(
            "away",
            ask="organisation.away",
            takes=Takes.LINE,
            body=lambda view: screens.titled(view, "organisation.away"),
            options=screens.away_options,
            read=read_absence,
            leads=("card",),
            back="edit",
        ),
        Step(
            "phone",
            ask="organisation.phone",
            takes=Takes.LINE,
            body=lambda view: screens.titled(view, "organisation.phone"),
            read=read_phone,
            leads=("card",),
            back="edit",
        ),
        Step(
            "roles",
            ask="organisation.roles",
            body=lambda view: screens.titled(view, "organisation.roles"),
            options=screens.role_options,
            leads=("roles", END),
            back="edit",
        ),
        Step(
            "remove",
            ask="organisation.remove",
            body=lambda view: screens.titled(view, "organisation.remove"),
            options=screens.remove_options,
            leads=("list", "card"),
            back="edit",
        ),
        Step(
            "more",
            ask="organisation.more",
            options=screens.more_options,
            leads=("import", "add", "codes", "more"),
            back="list",
        ),
        Step(
            "import",
            ask="organisation.import",
            takes=Takes.FILE,
            options=screens.import_options,
            leads=("preview", "import", "more"),
            back="more",
        ),
        Step(
            "preview",
            ask="organisation.preview",
            body=screens.preview_body,
            options=screens.preview_options,
            leads=("more", "import"),
            back="import",
        ),
        Step(
            "add",
            ask="organisation.add",
            takes=Takes.LINE,
            read=read_person,
            leads=("card", "add"),
            back="more",
        ),
        Step(
            "codes",
            ask="organisation.codes",
            body=screens.codes_body,
            options=screens.codes_options,
            leads=("more",),
            back="more",
        ),
    ),
)
