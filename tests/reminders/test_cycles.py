"""Cycles of every rhythm: quarters, when needed, copied from the last, paused, resumed, closed, opened again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.dialogue.flow import Refusal
from handlers.reminders.periods import Copy, Period, copied, quarter_after, quarters_to_open, read_quarter
from handlers.review.actions import ReviewRoom
from handlers.review.forms import rule_set_for
from handlers.review.rulebook import CycleForms
from storage import audit, cycles, returns, reviews
from storage.records import (
    CellId,
    Cycle,
    CycleId,
    CycleKind,
    CycleState,
    FormKind,
    MemberId,
    ReturnKind,
    ReturnOutcome,
    Role,
)
from tests.reminders.conftest import House, at
from tests.stage import Phone, Stage

LAST = Cycle(
    CycleId(1), CellId(1), 2026, "2025", date(2026, 12, 1), date(2026, 12, 20), meeting_on=date(2026, 12, 28)
)


def working(day: date) -> date:
    return day


def secretary(house: House) -> Phone:
    return house.stage.member("Trần Thị Bình", Role.SECRETARY)


def every(house: House) -> tuple[Cycle, ...]:
    cell = house.stage.cell()
    return house.stage.write(lambda tx: cycles.of_cell(tx, cell))


def acts(house: House) -> list[str]:
    cell = house.stage.cell()
    return [act.what for act in house.stage.write(lambda tx: audit.of_cell(tx, cell))]


def opens_new(who: Phone, *steps: str) -> None:
    """A new cycle, opened today, to be handed in by the first day offered, without a meeting."""
    who.commands("/deadlines")
    who.presses("year")
    for step in steps:
        who.presses(step)
    who.presses("today")
    who.presses(next(data.split(":")[-1] for _, data in who.screen.choices if ":d2" in data))
    who.presses("none")
    who.presses("yes")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("4/2026", Period(2026, CycleKind.QUARTERLY, 4)),
        ("Quý IV/2026", Period(2026, CycleKind.QUARTERLY, 4)),
        ("quý 2 năm 2027", Period(2027, CycleKind.QUARTERLY, 2)),
        ("q3", Period(0, CycleKind.QUARTERLY, 3)),
    ],
)
def test_a_quarter_as_it_is_typed(typed: str, meant: Period) -> None:
    assert read_quarter(typed) == meant


@pytest.mark.parametrize("typed", ["5/2026", "quý", "2026", "4/26", "bốn"])
def test_what_is_no_quarter_is_asked_again(typed: str) -> None:
    assert isinstance(read_quarter(typed), Refusal)


def test_quarters_follow_each_other_over_the_year() -> None:
    last = Period(2026, CycleKind.QUARTERLY, 4)
    assert quarter_after(last) == Period(2027, CycleKind.QUARTERLY, 1)
    assert quarter_after(Period(2027, CycleKind.QUARTERLY, 1), -1) == last
    assert last.ends_on == date(2026, 12, 31)
    assert Period(2028, CycleKind.QUARTERLY, 1).ends_on == date(2028, 3, 31)
    assert quarters_to_open(date(2026, 11, 22), [last]) == (quarter_after(last), quarter_after(last, -1))


def test_a_copy_is_the_next_period_with_its_days_as_far_on() -> None:
    made = copied(LAST, [Period(2026)], date(2027, 11, 22), working)
    assert made == Copy(LAST, Period(2027), date(2027, 12, 1), date(2027, 12, 20), date(2027, 12, 28))
    leap = Cycle(
        CycleId(2),
        CellId(1),
        2027,
        "2025",
        date(2027, 11, 30),
        date(2028, 2, 29),
        kind=CycleKind.QUARTERLY,
        period=4,
    )
    following = copied(leap, [], date(2028, 1, 5), working)
    assert following is not None
    assert (following.period, following.opens, following.deadline) == (
        Period(2028, CycleKind.QUARTERLY, 1),
        date(2028, 2, 29),
        date(2028, 5, 29),
    )


def test_a_copy_skips_what_is_taken_or_long_over_and_never_lies_in_the_past() -> None:
    late = copied(LAST, [Period(2026), Period(2027)], date(2028, 12, 10), working)
    assert late is not None
    assert (late.period.year, late.opens, late.deadline) == (2028, date(2028, 12, 10), date(2028, 12, 20))
    assert copied(LAST, [Period(2026)], date(2027, 12, 21), working) is None
    needed = Cycle(
        CycleId(3),
        CellId(1),
        2026,
        "2025",
        date(2026, 3, 2),
        date(2026, 3, 16),
        kind=CycleKind.WHEN_NEEDED,
        period=1,
    )
    again = copied(needed, [Period(2026, CycleKind.WHEN_NEEDED, 1)], date(2026, 11, 22), working)
    assert again is not None
    assert (again.period.number, again.opens, again.deadline) == (2, date(2026, 11, 22), date(2026, 12, 6))


def test_a_quarter_runs_beside_the_year_and_a_second_one_is_refused(house: House) -> None:
    yearly = house.opens()
    binh = secretary(house)
    opens_new(binh, "quarter", "q2026-4")
    assert "Năm 2026 (quý 4): đang mở" in binh.screen.text
    quarter = next(one for one in every(house) if one.kind is CycleKind.QUARTERLY)
    assert (quarter.year, quarter.period, quarter.rules, quarter.state) == (2026, 4, "2025", CycleState.OPEN)
    assert house.cycle().id != yearly.id or house.cycle().state is CycleState.OPEN
    binh.commands("/deadlines")
    binh.presses("year")
    binh.presses("quarter")
    [refused] = binh.says("quý IV/2026")
    assert "đã có kỳ kiểm điểm năm 2026 (quý 4)" in refused.text
    [refused] = binh.says("4/1990")
    assert "chưa có biểu mẫu" in refused.text
    cell = house.stage.cell()
    named = house.stage.write(lambda tx: cycles.of_year(tx, cell, 2026))
    assert named is not None
    assert named.id == yearly.id, "a year by itself means the yearly one"


def test_when_needed_there_can_be_a_second_one(house: House) -> None:
    binh = secretary(house)
    for number in (1, 2):
        opens_new(binh, "needed")
        assert f"Năm 2026 (đợt {number}): đang mở" in binh.screen.text
    assert {(one.kind, one.period) for one in every(house)} == {
        (CycleKind.WHEN_NEEDED, 1),
        (CycleKind.WHEN_NEEDED, 2),
    }


def test_the_next_cycle_is_proposed_from_the_last_and_every_day_can_be_changed(house: House) -> None:
    house.opens(date(2026, 11, 23), date(2026, 12, 20))
    binh = secretary(house)
    binh.commands("/deadlines")
    binh.presses("year")
    [proposed] = binh.presses("Như kỳ năm 2026")
    assert "Mở kỳ kiểm điểm năm 2027" in proposed.text
    assert "Bot đề xuất theo kỳ năm 2026" in proposed.text
    assert "23/11/2027" in proposed.text
    assert "Thứ Hai, 20/12/2027" in proposed.text
    assert "Bộ quy định áp dụng: 2025" in proposed.text
    binh.presses("deadline")
    binh.says("17/12")
    binh.presses("none")
    assert "17/12/2027" in binh.screen.text
    binh.presses("yes")
    made = every(house)[0]
    assert (made.year, made.opens_on, made.deadline_on, made.state) == (
        2027,
        date(2027, 11, 23),
        date(2027, 12, 17),
        CycleState.PLANNED,
    )
    assert acts(house)[0] == "cycle.created"


def test_a_proposed_deadline_on_a_day_off_moves_to_the_working_day_before(house: House) -> None:
    house.opens(date(2026, 11, 23), date(2027, 1, 1))  # a year later it would be New Year's Day again
    binh = secretary(house)
    binh.commands("/deadlines")
    binh.presses("year")
    [proposed] = binh.presses("copy")
    assert "31/12/2027" in proposed.text
    assert "01/01/2028" not in proposed.text


def test_who_has_a_form_given_back_is_reminded_of_its_own_day_and_then_no_more(house: House) -> None:
    cycle = house.opens(date(2026, 11, 1), date(2026, 12, 10))
    binh, an = secretary(house), house.stage.member("An")
    house.stage.now = at("1/12 09:00")
    for one in (binh, an):
        house.submits(one, cycle)
    member = MemberId(an.member or 0)
    review = house.stage.write(lambda tx: reviews.find(tx, cycle.id, member))
    assert review is not None
    assert house.rings("9/12 08:30").sent == 0
    house.stage.now = at("14/12 09:00")
    given = house.stage.write(
        lambda tx: returns.give_back(
            tx,
            review,
            ReturnKind.REOPENED,
            ["duties"],
            "xin bổ sung",
            MemberId(binh.member or 0),
            date(2026, 12, 18),
            house.stage.now,
        )
    )
    assert given is not None
    assert house.rings("14/12 09:30").sent == 0, "they were told a moment ago"
    assert house.rings("15/12 08:30").sent == 1
    assert "18/12/2026" in an.messages[-1].text
    house.stage.write(lambda tx: returns.settle(tx, given, ReturnOutcome.SUBMITTED, house.stage.now))
    assert house.rings("18/12 08:30").sent == 0


def test_while_paused_nothing_is_said_and_afterwards_it_goes_on(house: House) -> None:
    house.opens(date(2026, 11, 23), date(2026, 12, 25))
    binh, an = secretary(house), house.stage.member("An")
    house.rings("23/11 08:30")
    told = len(an.messages)
    binh.commands("/deadlines")
    binh.presses("Tạm dừng kỳ")
    binh.says("chờ hướng dẫn mới")
    assert "chờ hướng dẫn mới" in binh.screen.text
    binh.presses("yes")
    assert "đang tạm dừng" in binh.screen.text
    assert "Lý do: chờ hướng dẫn mới" in binh.screen.text
    for day in ("11/12", "18/12", "22/12", "24/12", "25/12", "26/12", "28/12"):
        report = house.rings(f"{day} 08:30")
        assert (report.sent, report.summaries, report.calls) == (0, 0, 0)
    assert len(an.messages) == told
    binh.commands("/deadlines")
    [asked] = binh.presses("Nối lại kỳ")
    assert "Hạn nộp này đã qua" in asked.text
    binh.presses("yes")
    assert "Xin đồng chí dời hạn chung" in binh.screen.text
    binh.presses("move")
    binh.says("8/1/2027")
    binh.presses("yes")
    house.rings("28/12 09:30")
    assert "08/01/2027" in an.messages[-1].text
    assert acts(house)[:3] == ["cycle.moved", "cycle.resumed", "cycle.paused"]
    cycle = house.cycle()
    turns = house.stage.write(lambda tx: cycles.turns(tx, cycle.id))
    assert [(turn, reason, by) for turn, reason, by, _ in turns] == [
        (cycles.Turn.PAUSED, "chờ hướng dẫn mới", binh.member),
        (cycles.Turn.RESUMED, "", binh.member),
    ]


def test_a_closed_cycle_is_opened_again_with_a_reason_and_a_day(house: House) -> None:
    cycle = house.opens(date(2026, 11, 23), date(2026, 12, 15))
    binh, an = secretary(house), house.stage.member("An")
    chi = house.stage.member("Chi", Role.CHAIR)
    house.rings("23/11 08:30")
    house.stage.now = at("14/12 09:00")
    house.stage.write(lambda tx: cycles.close(tx, cycle.id, "đã họp", house.stage.now))
    house.rings("14/12 10:00")
    summaries = sum("kết thúc" in message.text for message in chi.messages)
    house.stage.now = at("20/12 09:00")
    binh.commands("/deadlines")
    binh.presses("Mở lại kỳ này")
    binh.says("cấp trên yêu cầu bổ sung")
    assert "Ngày này đã qua" in binh.says("1/12/2026")[0].text
    binh.says("28/12")
    assert "cấp trên yêu cầu bổ sung" in binh.screen.text
    [done] = binh.presses("yes")
    assert "đã mở lại, đến hết Thứ Hai, 28/12/2026" in done.text
    again = house.cycle()
    assert (again.id, again.state, again.deadline_on) == (cycle.id, CycleState.OPEN, date(2026, 12, 28))
    house.rings("21/12 08:30")
    assert "28/12/2026" in an.messages[-1].text
    assert acts(house)[0] == "cycle.reopened"
    house.stage.now = at("22/12 09:00")
    house.stage.write(lambda tx: cycles.close(tx, cycle.id, "xong hẳn", house.stage.now))
    house.rings("22/12 10:00")
    assert sum("kết thúc" in message.text for message in chi.messages) > summaries, "closed again is told again"


def test_opened_again_with_its_old_deadline_only_single_forms_can_be_returned(house: House) -> None:
    cycle = house.opens(date(2026, 11, 1), date(2026, 11, 20))
    binh = secretary(house)
    house.stage.write(lambda tx: cycles.close(tx, cycle.id, "đã họp", house.stage.now))
    binh.commands("/deadlines")
    binh.presses("reopen_reason")
    binh.says("một đồng chí cần sửa")
    [confirm] = binh.presses("keep")
    assert "chỉ bài nào được trả lại" in confirm.text
    [done] = binh.presses("yes")
    assert "trả lại từng bài" in done.text
    assert house.cycle().deadline_on == date(2026, 11, 20)


def test_what_somebody_else_turned_meanwhile_is_not_turned_twice(house: House) -> None:
    cycle = house.opens()
    binh = secretary(house)
    house.stage.now = at("24/11 09:00")
    house.rings("24/11 09:00")
    binh.commands("/deadlines")
    binh.presses("pause_reason")
    binh.says("chờ")
    house.stage.write(lambda tx: cycles.close(tx, cycle.id, "xong", house.stage.now))
    [shown] = binh.presses("yes")
    assert "vừa được thay đổi" in shown.text
    assert "đã kết thúc" in shown.text
    assert house.cycle().state is CycleState.CLOSED
    assert house.stage.write(lambda tx: cycles.turns(tx, cycle.id)) == ()


def test_the_summary_of_a_quarter_is_asked_for_by_its_button(house: House) -> None:
    house.opens()
    binh = secretary(house)
    opens_new(binh, "quarter", "q2026-4")
    binh.commands("/summary 2026")
    assert "2026 (quý 4)" not in binh.screen.text
    binh.presses("Năm 2026 (quý 4)")
    assert "2026 (quý 4)" in binh.screen.text
    binh.presses("preview")
    assert "2026 (quý 4)" in binh.screen.text


@pytest.fixture
def stage(tmp_path: object) -> Stage:
    return Stage(tmp_path, [ReviewRoom()])  # type: ignore[arg-type]


def test_a_member_chooses_among_open_cycles_and_reads_why_one_is_paused(stage: Stage) -> None:
    an, cell = stage.member("An"), stage.cell()
    days = date(2026, 11, 1), date(2026, 12, 15)

    def opened(kind: CycleKind, period: int) -> Cycle:
        made = stage.write(
            lambda tx: cycles.create(
                tx, cell, 2026, "2025", *days, None, date(2026, 11, 22), stage.now, kind=kind, period=period
            )
        )
        assert made is not None
        return made

    yearly, quarter = opened(CycleKind.YEARLY, 0), opened(CycleKind.QUARTERLY, 4)
    an.commands("/review")
    assert [label for label, data in an.screen.choices if ":c" in data] == ["Năm 2026", "Năm 2026 (quý 4)"]
    an.presses("Năm 2026 (quý 4)")
    assert "Bản kiểm điểm năm 2026 (quý 4)" in an.screen.text
    an.presses("begin")
    an.says("Việc của quý này.")
    stage.write(lambda tx: cycles.pause(tx, quarter.id, "chờ hướng dẫn"))
    [refused] = an.says("Câu gõ khi đang dừng.")
    assert "đang tạm dừng" in refused.text
    assert "chờ hướng dẫn" in refused.text
    assert "vẫn được giữ riêng" in refused.text
    an.commands("/review 2026")
    assert "(quý 4)" not in an.screen.text, "a year by itself means the yearly one"
    stage.write(lambda tx: cycles.resume(tx, quarter.id))
    an.commands("/review")
    an.presses(f"c{quarter.id}")
    an.presses("continue")
    assert "Việc của quý này." in an.screen.text
    an.commands("/review")
    an.presses(f"c{yearly.id}")
    assert "Bắt đầu viết" in {label for label, _ in an.screen.choices}
    stage.close()


def test_the_data_decide_which_form_another_rhythm_uses() -> None:
    rules = rule_set_for(2026)
    own = rules.of_rhythm(CycleKind.QUARTERLY)
    assert own is not None
    assert not own.verified
    assert "Mẫu 05" in own.note
    yearly = rules.form_for(FormKind.NON_LEADER)
    assert rules.form_for(FormKind.NON_LEADER, CycleKind.QUARTERLY) is yearly
    quarter = replace(yearly, key="2025/quarter", kinds=(FormKind.NON_LEADER,))
    named = replace(
        rules, forms=(*rules.forms, quarter), cycle_forms=(CycleForms(CycleKind.QUARTERLY, ("2025/quarter",)),)
    )
    assert named.form_for(FormKind.NON_LEADER, CycleKind.QUARTERLY) is quarter
    assert named.form_for(FormKind.LEADER, CycleKind.QUARTERLY).key == "2025/leader"
    assert named.form_for(FormKind.NON_LEADER) is yearly
