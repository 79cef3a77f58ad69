"""Fifty members of all kinds, a year by the rules of 2025 over HTTP: records, versions and papers say the same."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from bot.opening import opened
from docs.examples.fifty_members import ADDED, YEAR, Year, year
from docs.examples.fifty_people import CELLS, CRITERIA, Part, Turn, everybody, notes_of
from docs.examples.fifty_ways import RETURNED_QUESTION
from handlers.papers.checking import words_in
from handlers.papers.cleaning import paragraphs
from handlers.papers.document import figure
from handlers.papers.layout import layout_of
from handlers.review import forms
from handlers.review.facts import parts_of, points_of
from handlers.review.rulebook import Form, Kind, Question
from storage import assistances, cycles, improvements, members, reviews
from storage.assistances import Proof
from storage.records import Grade, Member, ReviewVersion

pytestmark = pytest.mark.process

RULES = forms.rule_set("2025")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database holds of one person: every version, who typed, what was given back, what was promised."""

    member: Member
    form: str
    versions: tuple[ReviewVersion, ...]
    proofs: tuple[Proof | None, ...]
    promised: int

    @property
    def latest(self) -> ReviewVersion:
        return self.versions[-1]


async def test_the_records_the_versions_and_the_papers_agree(tmp_path: Path) -> None:
    async with year(tmp_path) as end, opened(end.settings.database_url) as (database, _):
        kept = await database.read(everything)
        parts = {part.person.number: part for part in everybody()}
        assert {number for number, part in parts.items() if part.hands_in} == kept.keys() == end.own.keys()
        for number, one in kept.items():
            as_typed(parts[number], one)
            said = words_in(end.own[number])
            on_paper(one, said)
            typed = [line for line in said if line.startswith("Nhập giúp: ")]
            assert [parts[number].helper in line for line in typed] == [True] * bool(parts[number].helper)
        for cell in CELLS:
            the_same_in_the_zip(end, cell, parts, kept)
            the_summary_counts_what_is_kept(end, cell, parts, kept)
        assert Counter(proof for one in kept.values() for proof in one.proofs) == {Proof.CODE: 2, Proof.PHONE: 2}


def everything(tx: Connection) -> dict[str, Kept]:
    """Everybody who handed in, by party number."""
    found = {}
    for member in members.everybody(tx):
        cycle = next(cycle for cycle in cycles.of_cell(tx, member.cell_id) if cycle.year == YEAR)
        review = reviews.find(tx, cycle.id, member.id)
        if review is None or not review.version:
            continue
        helped = assistances.of_review(tx, member.id, cycle.id)
        promised = [one for one in improvements.of_member(tx, member.id) if one.due_on]
        found[member.party_number] = Kept(
            member, review.form, reviews.versions(tx, review), tuple(h.confirmed_by for h in helped), len(promised)
        )
    return found


def as_typed(part: Part, kept: Kept) -> None:
    """What was typed stands in the first version; a later one differs in the question that was given back."""
    assert kept.form == part.form
    first, *later = kept.versions
    for question in forms.form(part.form).questions:
        assert first.answers[question.key] == expected(part, question), (part.person.name, question.key)
    added = [ADDED[turn] for turn in part.turns if turn in ADDED]
    assert len(later) == len(added), part.person.name
    for version, words in zip(later, added, strict=True):
        differs = {key for key in version.answers if version.answers[key] != first.answers.get(key)}
        assert differs == {RETURNED_QUESTION}
        assert version.answers[RETURNED_QUESTION] == f"{first.answers[RETURNED_QUESTION]}\n{words}"
    assert kept.promised == (len(part.said["shortcomings"]) if Turn.PROMISES in part.turns else 0)


def expected(part: Part, question: Question) -> Any:
    """The answer that follows from what somebody typed, in the shape in which it is kept."""
    words = part.said.get(question.key)
    if Turn.YEAR_KEPT in part.turns and question.key in {"conduct", "annex", "tasks"}:
        return from_the_year(part, question.key)
    if not words:
        return None
    match question.kind:
        case Kind.TEXT:
            return "\n".join(words)
        case Kind.LIST:
            return list(words)
        case Kind.REMEDIATION:
            return [{"text": words[0], "state": words[1][1:], "note": "".join(words[2:])}]
        case Kind.TASKS:
            return dict(zip(("given", "done", "late", "exceeded"), map(int, words), strict=True))
        case Kind.UNITS:
            done, late, exceeded = map(tenths, words[1:4])
            unit = {"name": words[0], "done": done, "late": late, "exceeded": exceeded}
            return [{**unit, "grade": words[4][1:]}]
        case Kind.SCORE if len(words) > 1:
            return {"parts": [{**one, "points": tenths(given)} for one, given in zip(PARTS, words, strict=True)]}
        case Kind.SCORE:
            return tenths(words[0])
    return words[0].removeprefix("!")


def from_the_year(part: Part, key: str) -> Any:
    """What became of the notes and tasks that were offered and taken as they are."""
    number = part.person.number
    if key == "tasks":
        return {"given": 3, "done": 3, "late": 1, "exceeded": 1}
    if key == "conduct":
        return "\n".join(f"{note[0].upper()}{note[1:]}." for note in notes_of(part))
    return [
        f"Viết giáo án {number} – 3 chuyên đề; hạn 30/06/2026; hoàn thành vượt mức",
        f"Soạn đề cương {number} – 1 tập; hạn 30/09/2026; hoàn thành chậm hạn",
        f"Dự giờ {number} – 12 giờ; không đặt hạn; hoàn thành đúng hạn",
    ]


def tenths(figure: str) -> int:
    """A typed figure in tenths."""
    return round(float(figure.replace(",", ".")) * 10)


PARTS = [
    {"label": label, "maximum": tenths(maximum)}
    for label, _, maximum in (line.rpartition(" – ") for line in CRITERIA)
]


def on_paper(kept: Kept, said: Sequence[str]) -> None:
    """Every field of the newest version stands on the paper, in the form's order; nothing else is ticked."""
    form, answers, member = forms.form(kept.form), kept.latest.answers, kept.member
    for line in head_of(kept):
        assert line in said, (member.full_name, line)
    place = 0
    for question in form.questions:
        if not question.printed or question.key == "annex":
            continue
        section = form.section(question.section)
        if question.kind is not Kind.SCORE and question.heading != section.heading:
            number = question.number.rpartition(".")[2]
            place = said.index(f"{number}. {question.heading}", place)
        elif question.kind is not Kind.SCORE:
            place = said.index(f"{section.number.rpartition('.')[2]}. {section.heading}", place)
        wanted = list(lines_of(form, question, answers[question.key]))
        place = found_after(said, place, wanted) if wanted else place
    grade = RULES.grade_names[kept.latest.self_grade]
    assert [line for line in said if line.startswith("☒")] == [f"☒ {grade}"]
    assert answers["self_grade"] == kept.latest.self_grade
    total = [points_of(answers[question.key]) or 0 for question in form.of_kind(Kind.SCORE)]
    at = said.index("Tổng điểm")
    assert [*said[at + 1 : at + 3]] == ["100", figure(sum(total))]
    if "annex" in answers:
        assert annex_of(said) == [list(cells_of(item)) for item in answers["annex"] or ()]


def head_of(kept: Kept) -> Iterator[str]:
    """The lines of the head and the margin that belong to this person and this version."""
    member, latest = kept.member, kept.latest
    at = latest.submitted_at.astimezone(ZONE)
    yield f"Họ và tên: {member.full_name}"
    yield f"Ngày sinh: {member.born_on:%d/%m/%Y}"
    yield forms.form(kept.form).code
    yield f"Năm {YEAR}"
    yield member.full_name
    yield f"{member.full_name} | Bản nộp lần {latest.version}, lúc {at:%H:%M %d/%m/%Y}"


def lines_of(form: Form, question: Question, given: Any) -> Iterator[str]:
    """What an answer looks like on paper, line by line."""
    match question.kind:
        case Kind.GRADE:
            return
        case Kind.SCORE:
            points = parts_of(given)
            yield question.heading
            if not points:
                group = next(group for group in form.scores if group.key == question.group)
                yield from (f"- {name}" for name in group.criteria)
            yield from (str(question.maximum), figure(points_of(given) or 0))
            for part in points:
                yield from ("", part.label, figure(part.maximum), figure(part.points or 0))
        case _ if not given:
            yield "Không có."
        case Kind.REMEDIATION:
            for number, fault in enumerate(given, 1):
                state = layout_of("2025").remedies[fault["state"]]
                yield from (str(number), *paragraphs(fault["text"]), state, *(paragraphs(fault["note"]) or ("",)))
        case Kind.LIST:
            yield from (f"- {item}" for item in given)
        case _:
            yield from paragraphs(given)


def found_after(said: Sequence[str], place: int, wanted: list[str]) -> int:
    """Where these lines stand one after the other, at that place or behind it; the place of the last."""
    for at in range(place, len(said)):
        if list(said[at : at + len(wanted)]) == wanted:
            return at + len(wanted) - 1
    raise AssertionError(f"not on paper behind {said[place]!r}: {wanted}")


def annex_of(said: Sequence[str]) -> list[list[str]]:
    """The rows of the annex below its head: product, progress, quality."""
    if "PHỤ LỤC" not in said:
        return []
    at = said.index("Chất lượng", said.index("PHỤ LỤC")) + 1
    rows: list[list[str]] = []
    while said[at] == str(len(rows) + 1):
        rows.append(list(said[at + 1 : at + 4]))
        at += 4
    return rows


def cells_of(item: str) -> Iterator[str]:
    """A task as it was typed: three cells where it is in three pieces."""
    pieces = item.split("; ")
    yield from pieces if len(pieces) == 3 else (item, "", "")


def the_same_in_the_zip(end: Year, cell: str, parts: dict[str, Part], kept: dict[str, Kept]) -> None:
    """Who handles the cell's forms gets the papers that the members have; one's own is for another to handle."""
    with zipfile.ZipFile(io.BytesIO(end.zips[cell])) as archive:
        papers = sorted(words_in(archive.read(name)) for name in archive.namelist())
    of_others = [n for n in kept if parts[n].person.cell == cell and parts[n].person.role != "Thư ký"]
    assert papers == sorted(words_in(end.own[number]) for number in of_others)


def the_summary_counts_what_is_kept(end: Year, cell: str, parts: dict[str, Part], kept: dict[str, Kept]) -> None:
    """The secretary's figures and the list in the spreadsheet, beside what the database holds."""
    here = {number: one for number, one in kept.items() if parts[number].person.cell == cell}
    everyone = [part for part in parts.values() if part.person.cell == cell]
    must = [part for part in everyone if Turn.OUTSIDE not in part.turns]
    words = "\n".join(end.summaries[cell].lines)
    grades = Counter(one.latest.self_grade for one in here.values())
    for pattern, expected_count in (
        (r"Tổng số đảng viên: (\d+)", len(everyone)),
        (r"Được miễn công tác, sinh hoạt: (\d+)", 1),
        (r"Kết nạp chưa đủ 6 tháng: (\d+)", 1),
        (r"Phải kiểm điểm: (\d+)", len(must)),
        (r"Đã kiểm điểm: (\d+)", len(here)),
        (r"Đúng hạn: (\d+)", len(here)),
        (r"Chưa kiểm điểm: (\d+)", len(must) - len(here)),
        *((rf"^{RULES.grade_names[grade]}: (\d+)", grades[grade]) for grade in Grade),
    ):
        found = re.search(pattern, words, re.MULTILINE)
        assert found is not None, (cell, pattern, words)
        assert int(found[1]) == expected_count, (cell, pattern, words)
    sheet = dict(line.removeprefix("Danh sách ").split(" ", 1) for line in end.summaries[cell].cells if " " in line)
    rows = {value: place[1:] for place, value in sheet.items() if place.startswith("C")}
    for number, one in here.items():
        assert sheet[f"E{rows[number]}"] == RULES.grade_names[one.latest.self_grade]
