"""``/templates`` at work: a layout handed out, tried, kept as a version, used, and gone back from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Flow, State
from handlers.dialogue.phrases import Phrase, lines, paragraphs, t
from handlers.dialogue.room import Attachment, Message, Outcome, Recipe, Visit, enter, go, stay
from handlers.dialogue.said import Command, File
from handlers.organisation.permissions import Verb
from handlers.papers.layout import template_of
from handlers.papers.template_file import MOST, Fault
from handlers.papers.template_flow import NAME, TEMPLATES, UPLOAD, TemplatesView
from handlers.papers.template_trial import Verdict, try_layout
from handlers.review import forms
from handlers.review.rulebook import RuleSet
from storage import audit, templates
from storage.records import CellId
from storage.transaction import Connection

Trial = Callable[[bytes, str], Verdict]


class TemplatesRoom:
    """The cell's layouts, for its secretary. ``trial`` tries one; the program does so in a process of its own."""

    flows: tuple[Flow[TemplatesView], ...] = (TEMPLATES,)
    commands: Mapping[str, str | None] = {"templates": Verb.TEMPLATES_MANAGE, "mauin": Verb.TEMPLATES_MANAGE}
    group_commands: frozenset[str] = frozenset()
    recipes: Mapping[str, Recipe] = {}
    examined_steps: frozenset[tuple[str, str]] = frozenset({(NAME, UPLOAD)})

    def __init__(self, trial: Trial = try_layout) -> None:
        self._trial = trial

    def examine(self, state: State, content: bytes) -> object:
        """Try what was sent, before the turn: it takes a second or more."""
        rules = str(state.data.get("paper") or "")
        return self._trial(content, rules) if rules in _rule_sets() else None

    def load(self, tx: Connection, visit: Visit) -> TemplatesView:
        """Fetch the papers, or the chosen one's versions."""
        cell, data = visit.known.cell.id, visit.state.data
        paper = str(data.get("paper") or "")
        if visit.state.step == "papers" or paper not in _rule_sets():
            return TemplatesView(
                papers=tuple(
                    (rules.id, _codes(rules), templates.in_use(tx, cell, rules.id)) for rules in forms.rule_sets()
                )
            )
        found = templates.versions(tx, cell, paper)
        offered = next((one for one in found if one.version == data.get("offered")), None)
        takes = visit.house.takes_files(visit.address.channel)
        return TemplatesView((), paper, templates.in_use(tx, cell, paper), found, offered, takes)

    def seen(self, view: TemplatesView, step: str) -> str | None:
        """Which version is in use: another secretary may change it meanwhile."""
        return str(view.in_use) if step in {"paper", "offer"} else None

    def command(self, tx: Connection, visit: Visit, command: Command) -> Outcome:
        """Open the list of papers, or the paper of the year that is named."""
        if command.args in _rule_sets():
            return enter(NAME, "paper", paper=command.args)
        return enter(NAME)

    def answer(self, tx: Connection, visit: Visit, view: TemplatesView, answer: Answer) -> Outcome:
        """One choice or one file."""
        option = answer.option or ""
        if answer.step == "papers":
            return go("paper", paper=option.removeprefix("p"), offered=None)
        if not view.paper:
            return go("papers")
        match answer.step, option:
            case _, "get":
                return _hand_out(tx, visit, view)
            case "paper", "put":
                return go(UPLOAD)
            case ("upload", _) if isinstance(answer.value, File):
                return self._taken(tx, visit, view, answer.value)
            case "offer", "no":
                return go("paper", t("templates.not_used"), offered=None)
        return _use(tx, visit, view, option)

    def _taken(self, tx: Connection, visit: Visit, view: TemplatesView, file: File) -> Outcome:
        """A layout that was sent: refused with the reason, or kept, with a sample to look at."""
        if file.content is None:
            return stay(_refused(Fault("too_large")))
        looked = file.looked
        verdict = looked if isinstance(looked, Verdict) else self._trial(file.content, view.paper)
        if verdict.fault is not None or verdict.sample is None:
            fault = verdict.fault or Fault("broken")
            _record(tx, visit, "template_refused", view.paper, reason=fault.kind)
            return stay(_refused(fault))
        by = visit.known.member
        version = templates.put(tx, by.cell_id, view.paper, file.content, by.id, visit.now)
        _record(tx, visit, "template_put", view.paper, version=version)
        sample = Attachment(f"ban-in-thu-{view.paper}-{version}.docx", verdict.sample)
        caption = t("templates.sample", version=version)
        return go("offer", _lacks(verdict), Message(by.id, caption, attachment=sample), offered=version)


def template_in_use(tx: Connection, cell: CellId, rules: str) -> tuple[int, bytes] | None:
    """The version and the Word file in which a cell prints the forms of a rule set; None: the product's own."""
    version = templates.in_use(tx, cell, rules)
    content = templates.content(tx, cell, rules, version) if version is not None else None
    return (version, content) if version is not None and content is not None else None


def _rule_sets() -> frozenset[str]:
    return frozenset(rules.id for rules in forms.rule_sets())


def _codes(rules: RuleSet) -> str:
    """The year's forms as people call them: 02A, 02B, 02C; forms that share a code are named once."""
    return ", ".join(sorted({form.code.removeprefix("Mẫu ").partition("-")[0] for form in rules.forms}))


def _hand_out(tx: Connection, visit: Visit, view: TemplatesView) -> Outcome:
    by = visit.known.member
    found = template_in_use(tx, by.cell_id, view.paper)
    content = found[1] if found else template_of(view.paper)
    number = f"-ban-{found[0]}" if found else ""
    file = Attachment(f"mau-in-{view.paper}{number}.docx", content)
    return stay(None, Message(by.id, t("templates.handed_out", year=view.paper), attachment=file))


def _use(tx: Connection, visit: Visit, view: TemplatesView, option: str) -> Outcome:
    """Use another version, the one offered, or the product's own, unless somebody changed it meanwhile."""
    if visit.state.data.get("seen") != str(view.in_use):
        now = view.current
        name = t("templates.changed", name=now.put_by, version=now.version) if now else t("templates.changed.own")
        return stay(name)
    offered = view.offered.version if view.offered else None
    version = offered if option == "use" else int(option[1:]) if option.startswith("v") else None
    if option == "use" and version is None:
        return go("paper", offered=None)
    if not templates.use(tx, visit.known.cell.id, view.paper, version, visit.now):
        return stay(t("templates.offer.gone"))
    _record(tx, visit, "template_used", view.paper, version=version)
    said = t("templates.used", version=version) if version is not None else t("templates.used.own")
    return go("paper", said, offered=None)


def _refused(fault: Fault) -> Phrase:
    """Why a layout is not taken: what, and in which line of it."""
    most = MOST // 1024 // 1024
    why = t(f"templates.fault.{fault.kind}", what=fault.what or "…", most=most)
    return paragraphs(
        t("templates.refused"),
        lines(why, t("templates.fault.line", words=fault.words) if fault.words else None),
        t("templates.fix"),
    )


def _lacks(verdict: Verdict) -> Phrase | None:
    if not verdict.missing:
        return None
    named = (t(f"templates.field.{name.lower().replace('.', '_')}") for name in verdict.missing)
    return lines(t("templates.lacks"), *named)


def _record(tx: Connection, visit: Visit, what: str, paper: str, **details: object) -> None:
    by = visit.known.member
    told = {"paper": paper, **details}
    audit.record(tx, now=visit.now, who=f"member:{by.id}", what=what, cell=by.cell_id, details=told)
