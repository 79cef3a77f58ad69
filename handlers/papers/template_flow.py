"""``/templates``: the layouts in which a cell's forms are printed, changed in Word, declared as values."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.dialogue.flow import Flow, Option, Step, Takes
from handlers.dialogue.phrases import Phrase, Text, lines, paragraphs, t
from handlers.organisation.permissions import Verb
from storage.templates import Template

SHOWN = 5
NAME, UPLOAD = "templates", "upload"


@dataclass(frozen=True, slots=True)
class TemplatesView:
    """The papers to choose from (rule set, codes of its forms, version in use), and the chosen one's versions.

    ``offered`` was tried and waits for a yes; ``takes_files`` says that this messenger brings files.
    """

    papers: tuple[tuple[str, str, int | None], ...] = ()
    paper: str = ""
    in_use: int | None = None
    versions: tuple[Template, ...] = ()
    offered: Template | None = None
    takes_files: bool = True

    @property
    def current(self) -> Template | None:
        """The version in use; None: the product's own."""
        return next((one for one in self.versions if one.version == self.in_use), None)

    @property
    def others(self) -> tuple[Template, ...]:
        """The newest versions that are not in use."""
        return tuple(one for one in self.versions if one.version != self.in_use)[:SHOWN]


def _papers(view: TemplatesView) -> tuple[Option, ...]:
    return tuple(
        Option(f"p{rules}", t("templates.option.paper", year=rules, codes=codes), (rules,))
        for rules, codes, _ in view.papers
    )


def _standing(view: TemplatesView) -> Text:
    now = view.current
    if now is None:
        return t("templates.in_use.own", year=view.paper)
    return t("templates.in_use", year=view.paper, version=now.version, name=now.put_by, at=now.put_at)


def _paper(view: TemplatesView) -> Phrase:
    listed = [t("templates.version", version=v.version, name=v.put_by, at=v.put_at) for v in view.others]
    older = lines(t("templates.others"), *listed) if listed else None
    return paragraphs(_standing(view), older, t("templates.how"))


def _paper_options(view: TemplatesView) -> tuple[Option, ...]:
    back = [
        Option(f"v{one.version}", t("templates.option.use", version=one.version), (f"ban {one.version}",))
        for one in view.others
    ]
    own = Option("own", t("templates.option.own"), ("mau co san", "built in"))
    return (
        Option("get", t("templates.option.get"), ("tai ve", "download")),
        Option("put", t("templates.option.put"), ("gui mau", "upload")),
        *back,
        *((own,) if view.current is not None else ()),
    )


def _upload(view: TemplatesView) -> Phrase:
    return t("templates.upload" if view.takes_files else "templates.upload.elsewhere", year=view.paper)


def _upload_options(_: TemplatesView) -> tuple[Option, ...]:
    return (Option("get", t("templates.option.get"), ("tai ve", "download")),)


def _offer(view: TemplatesView) -> Phrase:
    if view.offered is None:
        return t("templates.offer.gone")
    return paragraphs(t("templates.offer", version=view.offered.version, year=view.paper), _standing(view))


def _offer_options(view: TemplatesView) -> tuple[Option, ...]:
    no = Option("no", t("templates.option.no"), ("khong", "chua", "no"))
    return (Option("use", t("templates.option.yes"), ("dung", "co", "yes")), no) if view.offered else (no,)


TEMPLATES = Flow[TemplatesView](
    name=NAME,
    first="papers",
    commands=("templates", "mauin"),
    verb=Verb.TEMPLATES_MANAGE,
    steps=(
        Step("papers", ask="templates.papers", options=_papers, leads=("paper",)),
        Step(
            "paper",
            ask="templates.paper",
            body=_paper,
            options=_paper_options,
            leads=("paper", UPLOAD),
            back="papers",
        ),
        Step(
            UPLOAD,
            ask="templates.upload",
            takes=Takes.FILE,
            body=_upload,
            options=_upload_options,
            leads=("offer", UPLOAD),
            back="paper",
        ),
        Step(
            "offer",
            ask="templates.offer",
            body=_offer,
            options=_offer_options,
            leads=("paper", UPLOAD),
            back="paper",
        ),
    ),
)
