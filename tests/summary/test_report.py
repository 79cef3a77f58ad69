"""The figures in words: what each reader sees, and what the group can never see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handlers.dialogue.phrases import Phrase
from handlers.review.forms import rule_set
from handlers.summary.report import MOST_CALLS, Counts, Report, calls, cap, for_group, for_observer, overview, whole
from handlers.summary.rules import cap_readings, figures_of, grade_counts
from handlers.texts import catalogue
from storage.records import (
    CellId,
    ChecklistItem,
    ItemId,
    MemberId,
    NotRequired,
    Role,
    RosterLine,
)
from tests.summary.build import CYCLE, HANOI, graded, look, member

NOW = datetime(2026, 12, 22, 2, 0, tzinfo=UTC)


def report(lines: list[RosterLine], rules: str = "2025", exempt: tuple[int, ...] = ()) -> Report:
    items = [ChecklistItem(ItemId(n), CellId(1), 2026, n, f"Việc số {n}") for n in range(1, 8)]
    found = look(lines, {MemberId(n): NotRequired.SUSPENDED for n in exempt}, items)
    readings = cap_readings(rule_set(rules).cap_readings, grade_counts(found))
    return Report(Counts("Chi bộ <Một>", CYCLE, figures_of(found), NOW), found, readings)


def write(*phrases: Phrase | None, language: str = "vi") -> str:
    return "\n\n".join(str(catalogue(language, HANOI).write(phrase)) for phrase in phrases if phrase)


def test_the_year_2020_in_words() -> None:
    text = write(*for_observer(report(graded(9, 32), "2019")))
    assert "Đã kiểm điểm: <b>41</b> (100,0% số phải kiểm điểm)" in text
    assert "Tính trên 41 đồng chí đã kiểm điểm" in text
    assert "Hoàn thành xuất sắc nhiệm vụ: <b>9</b>, 22,0%" in text
    assert "Hoàn thành tốt nhiệm vụ: <b>32</b>, 78,0%" in text
    assert "chưa phải kết quả" in text


def test_the_cap_of_2020_is_told_under_each_reading_and_blocks_nothing() -> None:
    lines = graded(9, 32)
    head = replace(lines[0].member, roles=frozenset({Role.MEMBER, Role.CHAIR}))
    text = write(cap(report([replace(lines[0], member=head), *lines[1:]], "2019")))
    told = {line[0]: line for line in text.splitlines() if line[1:3] == ". "}
    assert "tối đa 6–7, <b>vượt 2–3</b>" in told["A"]
    assert "tối đa 8–9, <b>vượt 1 hoặc vừa mức</b>" in told["B"]
    assert "tối đa 8–9, <b>vượt 1 hoặc vừa mức</b>" in told["C"]
    assert "tối đa 8, <b>trong mức</b>" in told["F"]
    assert "tối đa 6–7, <b>vượt 1–2</b>" in told["G"]
    assert "không chặn mức nào" in text


def test_no_cap_where_nobody_took_the_highest_grade() -> None:
    assert cap(report(graded(0, 5))) is None


def test_without_a_submission_there_is_no_per_cent() -> None:
    text = write(*whole(report([RosterLine(member(1))])))
    assert "không đủ dữ liệu để tính tỷ lệ" in text
    assert "Hoàn thành" not in text
    nobody = write(overview(report([]).counts))
    assert "không đủ dữ liệu để tính tỷ lệ" in nobody


@pytest.mark.parametrize("language", ["vi", "en"])
def test_names_are_in_the_call_list_and_nowhere_else(language: str) -> None:
    lines = [*graded(2, 3), RosterLine(member(77, full_name="Hoàng <Văn> Vắng", phone="0912 345 678"))]
    found = report(lines, exempt=(5,))
    text = write(*whole(found), language=language)
    assert "Hoàng &lt;Văn&gt; Vắng, 0912 345 678" in text
    for harmless in (write(*for_observer(found), language=language), write(for_group(found.counts))):
        assert not any(line.member.full_name.split()[0] in harmless for line in lines)
        assert "0912" not in harmless


def test_the_group_sees_counts_and_neither_grades_nor_reasons() -> None:
    found = report([*graded(2, 3, 1, 1), RosterLine(member(50)), RosterLine(member(51))], exempt=(50,))
    text = write(for_group(found.counts)).lower()
    assert "phải kiểm điểm: 8" in text
    assert "đã kiểm điểm: <b>7</b>" in text
    for word in ("xuất sắc", "tốt", "hoàn thành", "đình chỉ", "miễn", "trễ", "%"):
        assert word not in text


def test_a_long_call_list_is_cut_and_says_so() -> None:
    found = report([RosterLine(member(n)) for n in range(1, MOST_CALLS + 12)])
    text = write(calls(found))
    assert text.count("•") == MOST_CALLS
    assert "Còn 11 đồng chí nữa" in text


def test_each_message_fits_a_phone() -> None:
    lines = [*graded(30, 60, 5, 5), *(RosterLine(member(n, phone="0912 345 678")) for n in range(200, 260))]
    for phrase in whole(report(lines)):
        assert len(write(phrase)) < 2000


def test_counts_beyond_the_required_are_told_apart() -> None:
    found = report(graded(1, 1), exempt=(1,))
    text = write(overview(found.counts))
    assert "Ngoài diện phải kiểm điểm mà vẫn nộp: 1" in text
    assert "Đã kiểm điểm: <b>1</b>" in text


def test_the_cell_without_a_list_has_no_message_about_points() -> None:
    found = look(graded(1, 1))
    counts = Counts("Chi bộ Một", CYCLE, figures_of(found), NOW)
    assert "việc" not in write(*for_observer(Report(counts, found)), for_group(counts))
