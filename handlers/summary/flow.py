"""The dialogue around a summary: another year, a preview of what the group would see, the group itself."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.dialogue.flow import END, Flow, Option, Step
from handlers.dialogue.phrases import Phrase, paragraphs, t
from handlers.organisation.permissions import Verb
from handlers.review.naming import year_of
from storage.records import Cycle


@dataclass(frozen=True, slots=True)
class SummaryView:
    """The cycle in view and the others there are; ``full`` with names; what the group would see, if it is asked."""

    cycle: Cycle | None = None
    others: tuple[Cycle, ...] = ()
    full: bool = False
    linked: bool = False
    for_group: Phrase | None = None


def _after(view: SummaryView) -> tuple[Option, ...]:
    years = tuple(
        Option(f"cycle{one.id}", t("summary.choose.year", year=year_of(one)), (str(one.year),), wide=False)
        for one in view.others[:4]
    )
    preview = Option("preview", t("summary.choose.preview"), ("nhom", "group", "xem truoc"))
    again = Option("again", t("summary.choose.again"), ("lam moi", "refresh"))
    return (*((preview,) if view.full else ()), again, *years)


def _preview(view: SummaryView) -> Phrase:
    head = t("summary.preview" if view.linked else "summary.preview.unlinked")
    return paragraphs(head, view.for_group)


def _post(view: SummaryView) -> tuple[Option, ...]:
    return (Option("post", t("summary.choose.post"), ("gui", "send", "post")),) if view.linked else ()


def _group(view: SummaryView) -> Phrase:
    return t("summary.group.linked" if view.linked else "summary.group.how")


def _unlink(view: SummaryView) -> tuple[Option, ...]:
    done = Option("done", t("summary.choose.done"), ("xong", "done"))
    return (done, Option("unlink", t("summary.choose.unlink"), ("go", "unlink"))) if view.linked else (done,)


SUMMARY = Flow[SummaryView](
    name="summary",
    first="sent",
    commands=("summary", "tonghop"),
    verb=Verb.COUNTS_READ,
    steps=(
        Step(
            "sent",
            ask="summary.sent",
            body=lambda view: t("summary.sent", year=year_of(view.cycle) if view.cycle else 0),
            options=_after,
            leads=("sent", "preview"),
        ),
        Step("preview", ask="summary.preview", body=_preview, options=_post, leads=("sent",), back="sent"),
    ),
)

GROUP = Flow[SummaryView](
    name="group",
    first="group",
    commands=("group", "nhom"),
    verb=Verb.GROUP_LINK,
    steps=(Step("group", ask="summary.group.how", body=_group, options=_unlink, leads=("group", END)),),
)
