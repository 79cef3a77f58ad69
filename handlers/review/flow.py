"""The dialogues of the self-assessment: one flow a form, built from its data; choosing a cycle; the cell's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from handlers.dialogue.flow import ASK, END, LEAVE, Flow, Option, Step, Takes
from handlers.dialogue.phrases import Phrase, lines, paragraphs, t
from handlers.organisation.permissions import Verb
from handlers.review import overview, screens
from handlers.review.comparing import comparing_steps
from handlers.review.drafts_screens import offer_names, offer_steps
from handlers.review.facts import UNIT_PARTS
from handlers.review.naming import year_of
from handlers.review.numbers import parse_count
from handlers.review.places import hearing_lines
from handlers.review.reading import page_of, page_options, reading
from handlers.review.returning import returned_notice
from handlers.review.rulebook import Form, Kind, Question, RuleSet
from handlers.review.rules import grade_text
from handlers.review.scoring import read_score
from handlers.review.units import read_share, unit_options
from handlers.review.views import CellView, PickView, ReviewView, cursor_of, may_write
from handlers.review.words import parse_words
from handlers.review.writing import TASK_PARTS

PICK, CELL = "review", "review_cell"
_TAKES = {
    Kind.TEXT: Takes.LONG_TEXT,
    Kind.LIST: Takes.LIST,
    Kind.REMEDIATION: Takes.LIST,
    Kind.UNITS: Takes.LIST,
    Kind.TASKS: Takes.NUMBER,
    Kind.SCORE: Takes.NUMBER,
    Kind.LEVEL: Takes.CHOICE,
    Kind.GRADE: Takes.CHOICE,
}
_PEOPLE_A_PAGE = 6


def flow_name(form_key: str) -> str:
    """The name of a form's flow: ``review.2025.non_leader``."""
    return "review." + form_key.replace("/", ".")


def form_flow(
    rules: RuleSet, form: Form, name: str = "", ways: frozenset[str] = frozenset({LEAVE, ASK})
) -> Flow[ReviewView]:
    """The dialogue of one form: start, its questions in order, overview, and what stands around it.

    ``name`` and ``ways`` are its own unless the same form is played for practice.
    """
    steps = (_start(form), *_questions(form), *_around(form))
    return Flow(
        name=name or flow_name(form.key),
        first="start",
        steps=tuple(map(_framed, steps)),
        verb=Verb.REVIEW_WRITE,
        version=rules.revision,
        linear=True,
        ways=ways,
    )


def _framed(step: Step[ReviewView]) -> Step[ReviewView]:
    """The step under the view's banner and with the view's aids, where it has any."""

    def body(view: ReviewView) -> Phrase:
        return paragraphs(view.banner, step.says(view)) if view.banner else step.says(view)

    return replace(step, body=body, options=lambda view: (*step.options(view), *view.aids))


def _start(form: Form) -> Step[ReviewView]:
    return Step(
        "start",
        ask="review.start",
        body=overview.start_body,
        options=overview.start_options,
        leads=(*(question.key for question in form.questions), "overview", "read", "versions", END),
    )


def _questions(form: Form) -> Iterator[Step[ReviewView]]:
    for place, question in enumerate(form.questions):
        following = form.questions[place + 1].key if place + 1 < len(form.questions) else "overview"
        onwards = tuple(dict.fromkeys((following, "overview")))
        yield _question(question, onwards)
        if question.kind is Kind.TASKS:
            yield from _counts(question, onwards)
        if question.kind is Kind.REMEDIATION:
            yield from _remedies(question)
        if question.kind is Kind.UNITS:
            yield from _units(question)
        yield from offer_steps(question)


def _question(question: Question, onwards: tuple[str, ...]) -> Step[ReviewView]:
    inner = {Kind.TASKS: f"{question.key}.done", Kind.REMEDIATION: f"{question.key}.state"}
    inner[Kind.UNITS] = f"{question.key}.{UNIT_PARTS[0]}"
    leads = (question.key, *filter(None, (inner.get(question.kind),)), *offer_names(question), *onwards)
    return Step(
        question.key,
        ask=f"review.short.{question.key}",
        takes=_TAKES[question.kind],
        body=screens.question_screen(question),
        options=screens.question_options(question),
        read=_reader(question),
        leads=leads,
    )


def _reader(question: Question) -> Callable[[str], object] | None:
    if question.kind is Kind.SCORE:
        return read_score
    if question.kind is Kind.TASKS:
        return parse_count
    return parse_words if _TAKES[question.kind] in {Takes.LONG_TEXT, Takes.LIST} else None


def _counts(question: Question, onwards: tuple[str, ...]) -> Iterator[Step[ReviewView]]:
    for place, part in enumerate(TASK_PARTS[1:], 1):
        last = place + 1 == len(TASK_PARTS)
        yield Step(
            f"{question.key}.{part}",
            ask=f"review.ask.tasks.{part}",
            takes=Takes.NUMBER,
            body=screens.task_screen(question, part),
            read=parse_count,
            leads=onwards if last else (f"{question.key}.{TASK_PARTS[place + 1]}",),
            applies=_counted(question, TASK_PARTS[place - 1]),
        )


def _counted(question: Question, before: str) -> Callable[[ReviewView], bool]:
    return lambda view: before in (view.answers.get(question.key) or {}) and view.answers[question.key]["given"] > 0


def _remedies(question: Question) -> Iterator[Step[ReviewView]]:
    yield Step(
        f"{question.key}.state",
        ask="review.help.remedy",
        body=screens.state_screen(question),
        options=screens.state_options,
        leads=(question.key, f"{question.key}.note"),
        applies=lambda _: False,
        back=question.key,
    )
    yield Step(
        f"{question.key}.note",
        ask="review.help.remedy_note",
        takes=Takes.LONG_TEXT,
        body=screens.note_screen(question),
        options=screens.note_options,
        leads=(question.key,),
        applies=lambda _: False,
        back=question.key,
    )


def _units(question: Question) -> Iterator[Step[ReviewView]]:
    for place, part in enumerate(UNIT_PARTS):
        onwards = UNIT_PARTS[place + 1 : place + 2]
        yield Step(
            f"{question.key}.{part}",
            ask=f"review.ask.units.{part}",
            takes=Takes.CHOICE if part == "grade" else Takes.NUMBER,
            body=screens.unit_screen(question, part),
            options=unit_options(part),
            read=None if part == "grade" else read_share,
            leads=(question.key, *(f"{question.key}.{name}" for name in onwards)),
            applies=lambda _: False,
            back=question.key,
        )


def _around(form: Form) -> tuple[Step[ReviewView], ...]:
    keys = tuple(question.key for question in form.questions)
    return (
        Step(
            "overview",
            ask="review.overview",
            body=overview.overview_body,
            options=overview.overview_options,
            leads=(*keys, "change", "read", "why", "confirm"),
            back="start",
        ),
        Step(
            "change",
            ask="review.change",
            options=overview.change_options,
            leads=(*keys, "part"),
            back="overview",
        ),
        Step(
            "part",
            ask="review.part",
            body=overview.part_body,
            options=overview.part_options,
            leads=keys,
            back="change",
        ),
        Step("read", ask="review.reading", body=_pages, options=_turning, leads=("read",), back="start"),
        Step("why", ask="review.why", body=overview.why_body, leads=("overview",), back="overview"),
        Step(
            "confirm",
            ask="review.confirm",
            body=overview.confirm_body,
            options=overview.confirm_options,
            leads=("start", "overview"),
            back="overview",
        ),
        Step(
            "versions",
            ask="review.versions",
            body=overview.versions_body,
            options=overview.versions_options,
            leads=("read", "difference"),
            back="start",
        ),
        *comparing_steps("versions"),
    )


def _shown(view: ReviewView) -> tuple[Phrase, ...]:
    """The pages of the draft, or of the submitted version that was chosen."""
    number = cursor_of(view.cursor, "version")
    version = next((v for v in view.versions if v.version == number), None)
    return reading(view.form, version.answers if version else view.answers)


def _pages(view: ReviewView) -> Phrase:
    pages = _shown(view)
    page = page_of(pages, view.cursor)
    version = cursor_of(view.cursor, "version")
    if version:
        notice = t("review.reading.version", version=version)
    elif may_write(view) is None:
        notice = t("review.reading", cell=view.cell)
    else:
        notice = t("review.reading.draft")
    typed_by = view.typed_by if page == 0 else ()
    return paragraphs(lines(notice, *typed_by, t("review.page", page=page + 1, pages=len(pages))), pages[page])


def _turning(view: ReviewView) -> tuple[Option, ...]:
    pages = _shown(view)
    return (
        *page_options(len(pages), page_of(pages, view.cursor)),
        Option("overview", t("review.option.overview"), ("xong", "done")),
    )


def _cycles(view: PickView) -> tuple[Option, ...]:
    options = []
    for cycle, runs, begun in view.cycles:
        if runs or begun:
            label = "review.option.cycle" if runs else "review.option.past"
            options.append(Option(f"c{cycle.id}", t(label, year=year_of(cycle)), (str(cycle.year),)))
    if view.reads_cell and view.cycles:
        options.append(Option("cell", t("review.option.cell"), ("bai cua chi bo", "cell")))
    return tuple(options)


def _pick_body(view: PickView) -> Phrase:
    runs = any(runs for _, runs, _ in view.cycles)
    return t("review.pick" if runs else "review.pick.none_open")


PICK_FLOW = Flow[PickView](
    name=PICK,
    first="cycles",
    commands=("review", "kiemdiem"),
    verb=Verb.REVIEW_WRITE,
    steps=(Step("cycles", ask="review.pick", body=_pick_body, options=_cycles, leads=(END,)),),
)


def _people_body(view: CellView) -> Phrase:
    year = year_of(view.of) if view.of else view.year
    if not view.people:
        return t("review.cell.nobody", year=year)
    return t("review.cell", year=year, count=len(view.people))


def _people(view: CellView) -> tuple[Option, ...]:
    page = cursor_of(view.cursor, "list")
    pages = -(-len(view.people) // _PEOPLE_A_PAGE)
    shown = view.people[page * _PEOPLE_A_PAGE : (page + 1) * _PEOPLE_A_PAGE]
    return (
        *(
            Option(
                f"m{number}",
                t(
                    "review.cell.returned" if number in view.returned else "review.cell.person",
                    name=screens.clip(name, 30),
                    grade=grade_text(grade),
                ),
                (name,),
            )
            for number, name, grade in shown
        ),
        *page_options(pages, page),
        *(
            Option(f"c{cycle.id}", t("review.option.cycle", year=year_of(cycle)), (str(cycle.year),), wide=False)
            for cycle in view.others[:4]
        ),
        *_on_paper(view),
    )


def _on_paper(view: CellView) -> tuple[Option, ...]:
    """Everything that was submitted as files, and empty forms for the others."""
    if view.of is None:
        return ()
    everything = Option("print_cell", t("papers.option.all"), ("in", "in tat ca", "print all"))
    empty = Option("print_blanks", t("papers.option.blanks"), ("mau trong", "in mau trong", "empty forms"))
    return (everything, empty) if view.people else (empty,)


def _cell_pages(view: CellView) -> tuple[Phrase, ...]:
    if view.version is None or view.form is None:
        return (t("review.cell.gone"),)
    return reading(view.form, view.version.answers)


def _cell_reading(view: CellView) -> Phrase:
    pages = _cell_pages(view)
    page = page_of(pages, view.cursor)
    if view.version is None:
        return pages[0]
    head = t(
        "review.cell.reading",
        name=view.name,
        version=view.version.version,
        at=view.version.submitted_at,
        grade=grade_text(view.version.self_grade),
    )
    held = hearing_lines(view.places, view.hearings) if view.hearings else ()
    notice = returned_notice(view.form, view.given_back) if view.form and view.given_back else None
    told = (*held, *(view.typed_by if page == 0 else ()))
    return paragraphs(lines(head, *told, t("review.page", page=page + 1, pages=len(pages))), notice, pages[page])


def _cell_turning(view: CellView) -> tuple[Option, ...]:
    pages = _cell_pages(view)
    hearing = Option("hearing", t("review.option.hearing"), ("ngay kiem diem", "hearing"))
    paper = (
        Option("print_cell", t("papers.option.one"), ("in", "in ra", "word", "print")),
        Option("print_cell_pdf", t("papers.option.one_pdf"), ("in pdf", "pdf")),
        Option("dossier_cell", t("copies.option.dossier"), ("ho so", "ho so ba nam", "dossier")),
    )
    turning = page_options(len(pages), page_of(pages, view.cursor))
    return (*turning, *_handling(view), *((hearing, *paper) if view.version else ()))


def _handling(view: CellView) -> tuple[Option, ...]:
    """What can be done with a form that was read: see what has changed, give it back, take that back."""
    ways = []
    if view.version is not None and view.version.version > 1:
        ways.append(Option("difference", t("review.option.difference"), ("khac nhau", "so sanh", "difference")))
    if view.may_return and view.given_back is None:
        ways.append(Option("return", t("review.option.return"), ("tra lai", "return")))
    if view.may_return and view.given_back is not None:
        ways.append(Option("withdraw", t("review.option.withdraw"), ("rut lai", "withdraw")))
    return tuple(ways)


CELL_FLOW = Flow[CellView](
    name=CELL,
    first="people",
    commands=("reviews", "xembai"),
    verb=Verb.REVIEW_READ_CELL,
    steps=(
        Step("people", ask="review.cell", body=_people_body, options=_people, leads=("people", "reading", END)),
        Step(
            "reading",
            ask="review.cell.reading",
            body=_cell_reading,
            options=_cell_turning,
            leads=("reading", "difference", END),
            back="people",
        ),
        *comparing_steps("reading"),
    ),
)
