"""The bell on a real database: what is sent and kept, once, whatever stops, repeats or goes wrong in between."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from handlers.dialogue.room import House as Place
from handlers.reminders import bell
from handlers.reminders.bell import RingReport, cells_to_ring, next_due, ring
from storage import accounts, cycles, tables
from storage import reminders as kept
from storage.database import Database
from storage.records import CellId, CycleState, DeliveryTrouble, ItemState, Role, Status, Urgency
from tests.reminders.conftest import House, at
from tests.stage import ZONE, Stage


def test_an_invitation_says_thanks_what_is_missing_and_how_to_go_on(house: House) -> None:
    an = house.stage.member("Nguyễn Văn An")
    house.opens()
    assert house.rings("23/11 07:59") == RingReport()
    assert house.rings("23/11 08:00") == RingReport(sent=1)
    [told] = house.stage.delivered(an)
    assert "Cảm ơn đồng chí" in told.text
    assert "Thứ Sáu, 25/12/2026" in told.text
    assert "còn 32 ngày" in told.text
    assert [label for label, _ in told.buttons] == ["Làm ngay", "Nhắc tôi tối nay", "Nhắc ngày mai", "Hỏi người"]
    assert told.buttons[0][1] == "1!review:"
    assert told.post.urgency is Urgency.REMINDER
    assert told.post.member_id == an.member


def test_ringing_again_says_nothing_again(house: House) -> None:
    an = house.stage.member("An")
    house.opens()
    house.rings("23/11 08:00")
    house.stage.delivered(an)
    for minute in range(1, 30):
        assert house.rings(at("23/11 08:00") + timedelta(minutes=minute)) == RingReport()
    assert house.stage.delivered(an) == []
    assert house.rows() == [("bundle", "sent", None), ("review.invitation", "sent", None)]


def test_review_and_points_come_in_one_message_with_only_what_is_open(house: House) -> None:
    an = house.stage.member("An")
    house.opens()
    first, second = house.item(1, date(2026, 12, 25)), house.item(2, date(2026, 12, 25))
    house.rings("11/12 08:00")
    an.says("vâng")
    house.marks(an, first, ItemState.DONE)
    house.stage.delivered(an)
    house.rings("18/12 08:00")
    [told] = house.stage.delivered(an)
    assert "Bản kiểm điểm năm 2026" in told.text
    assert "Việc số 2" in told.text
    assert "Việc số 1" not in told.text
    assert second != first


def test_the_first_thanks_and_the_last_offers_help(house: House) -> None:
    an = house.stage.member("An")
    house.opens()
    texts = []
    for day in ("23/11", "11/12", "18/12", "22/12", "24/12", "25/12", "26/12"):
        house.rings(f"{day} 08:00")
        [told] = house.stage.delivered(an)
        texts.append(told.text)
        an.says("vâng")
        house.stage.delivered(an)
    assert "Cảm ơn" in texts[0]
    assert "hạn là ngày mai" in texts[4]
    assert "hạn là hôm nay" in texts[5]
    assert "đã qua 1 ngày" in texts[6]
    assert "sẵn sàng giúp" in texts[6]
    assert not any("!" in text for text in texts)
    assert len(set(texts)) == 7


def test_english_readers_are_reminded_in_english(house: House) -> None:
    an = house.stage.member("An", language="en")
    house.opens()
    house.rings("23/11 08:00")
    [told] = house.stage.delivered(an)
    assert "Thank you for taking the time" in told.text
    assert "Friday, 25/12/2026" in told.text


def test_an_hour_and_a_week_of_outage(house: House) -> None:
    an = house.stage.member("An")
    house.opens()
    house.rings("23/11 09:12")
    an.says("vâng")
    house.stage.delivered(an)
    report = house.rings("21/12 09:00")  # down since November
    assert report == RingReport(dropped=2)
    assert house.rows()[2:] == [
        ("review.before_14", "dropped", "overtaken"),
        ("review.before_7", "dropped", "day_passed"),
    ]
    assert house.stage.delivered(an) == []
    house.rings("22/12 08:00")
    assert "còn 3 ngày" in house.stage.delivered(an)[0].text


def test_what_is_interrupted_is_done_once_by_the_next_ring(house: House) -> None:
    an = house.stage.member("An")
    house.opens()
    house.stage.now = at("23/11 08:00")
    cell = house.stage.cell()

    def killed(tx: Connection) -> None:
        assert ring(tx, house.stage.house, cell, house.stage.now).sent == 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.stage.write(killed)
    house.stage.deliver()
    assert house.stage.delivered(an) == []
    assert house.rows() == []
    assert house.rings("23/11 08:01").sent == 1
    assert len(house.stage.delivered(an)) == 1


def test_two_processes_that_ring_at_once_send_one_message(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.now = at("22/11 09:00")
    for number in range(20):
        stage.member(f"Đảng viên {number}")
    House(stage).opens()
    cell = stage.cell()
    stage.close()
    assert asyncio.run(_ring_together(f"sqlite+aiosqlite:///{tmp_path / 'stage.db'}", cell)) == (20, 20)


async def _ring_together(url: str, cell: CellId) -> tuple[int, int]:
    """Returns how many messages two processes sent together, and how many wait in the outbox."""
    programs = [Database(url), Database(url)]
    for program in programs:
        await program.open()
    rings = [
        program.write(partial(ring, house=Place(zone=ZONE), cell=cell, now=at(f"23/11 08:0{minute}")))
        for program in programs
        for minute in (0, 0, 1)
    ]
    reports = await asyncio.gather(*rings)
    posts = await programs[0].read(lambda tx: len(tx.execute(select(tables.outbox.c.id)).all()))
    for program in programs:
        await program.close()
    return sum(report.sent for report in reports), posts


def test_whoever_loses_the_claim_of_the_day_says_nothing_and_keeps_it_for_tomorrow(house: House) -> None:
    an = house.stage.member("An")
    house.opens()
    cell, now = house.stage.cell(), at("23/11 08:00")
    house.stage.write(
        lambda tx: tx.execute(
            insert(tables.reminders).values(
                subject=f"member:{an.member}",
                rule="bundle",
                occasion="2026-11-23",
                cell_id=cell,
                member_id=an.member,
                due_at=at("22/11 08:00"),
                state="sent",
                settled_at=at("22/11 08:00"),  # another process, whose clock says yesterday
            )
        )
    )
    assert house.rings(now) == RingReport()
    assert house.stage.delivered(an) == []
    assert house.rings("24/11 08:00") == RingReport(), (
        "the Day of Vietnamese Culture is a public holiday from 2026 on"
    )
    assert house.rings("25/11 08:00").sent == 1


def test_a_clock_that_ran_ahead_and_was_put_back_loses_no_reminder(house: House) -> None:
    an = house.stage.member("An")
    house.opens()
    house.rings("23/11 08:00")
    an.says("vâng")
    house.stage.delivered(an)
    house.rings("05/01/2027 09:00")  # drops everything, posts nothing useful
    assert ("review.before_7", "dropped", "overtaken") in house.rows()
    house.stage.delivered(an)
    cell = house.stage.cell()
    house.stage.now = at("01/12 08:30")
    assert house.stage.write(lambda tx: cells_to_ring(tx, house.stage.now)) == (cell,)
    house.rings("01/12 08:30")
    house.rings("11/12 08:00")
    assert len(house.stage.delivered(an)) == 1


def test_cells_do_not_see_each_other(house: House) -> None:
    an = house.stage.member("An")
    binh = house.stage.member("Bình", Role.SECRETARY, cell="Chi bộ Hai")
    house.stage.member("Cúc", cell="Chi bộ Hai", joined=False)
    house.opens()
    house.opens(deadline_on=date(2026, 12, 11), cell="Chi bộ Hai")
    house.rings("23/11 08:00", "Chi bộ Hai")
    assert house.stage.delivered(an) == []
    assert len(house.stage.delivered(binh)) == 2  # an invitation, and Cúc on the call list
    house.rings("23/11 08:00")
    [told] = house.stage.delivered(an)
    assert "25/12/2026" in told.text
    assert house.stage.delivered(binh) == []


def test_who_is_not_asked_is_not_disturbed(house: House) -> None:
    an = house.stage.member("An", status=Status.EXEMPT)
    binh = house.stage.member("Bình", status=Status.SUSPENDED)
    cuc = house.stage.member("Cúc", admitted_on=date(2026, 9, 1))
    dung = house.stage.member("Dũng", away_from=date(2026, 11, 1))
    phuc = house.stage.member("Phúc", status=Status.PROBATIONARY, admitted_on=date(2026, 3, 1))
    house.opens()
    assert house.rings("23/11 08:00") == RingReport(sent=1, dropped=1)
    assert [len(house.stage.delivered(who)) for who in (an, binh, cuc, dung, phuc)] == [0, 0, 0, 0, 1]
    assert ("review.invitation", "dropped", "away") in house.rows()


def test_a_planned_cycle_opens_on_its_day_and_invites(house: House) -> None:
    an = house.stage.member("An")
    cycle = house.opens(opens_on=date(2026, 12, 1))
    assert cycle.state is CycleState.PLANNED
    house.rings("30/11 08:00")
    assert house.stage.delivered(an) == []
    house.rings("01/12 00:05")
    opened = house.stage.write(lambda tx: cycles.get(tx, cycle.id))
    assert opened is not None
    assert opened.state is CycleState.OPEN
    assert house.rings("01/12 08:00").sent == 1


def test_blocked_is_noticed_and_being_back_brings_the_reminders_back(house: House) -> None:
    an = house.stage.member("An")
    house.opens()
    house.rings("23/11 08:00")
    house.stage.write(lambda tx: accounts.set_trouble(tx, an.address, DeliveryTrouble.BLOCKED, house.stage.now))
    assert house.rings("11/12 08:00") == RingReport(dropped=1, calls=1)
    house.stage.delivered(an)
    an.says("tôi đây")
    house.stage.delivered(an)
    assert house.rings("18/12 08:00").sent == 1


def test_the_summary_goes_to_the_chair_once_the_morning_after(house: House) -> None:
    chair = house.stage.member("Bí thư", Role.CHAIR)
    house.opens(deadline_on=date(2026, 12, 24))
    house.rings("24/12 20:00")
    house.stage.delivered(chair)
    report = house.rings("25/12 08:00")
    assert report.summaries == 1
    assert any("2026" in seen.text for seen in house.stage.delivered(chair))
    assert house.rings("25/12 08:01").summaries == 0
    assert house.rings("28/12 08:00").summaries == 0


def test_what_comes_next_is_known_without_ringing(house: House) -> None:
    house.stage.member("An")
    stage = house.stage
    assert stage.write(lambda tx: next_due(tx, stage.house, stage.now)) is None
    house.opens()
    assert stage.write(lambda tx: next_due(tx, stage.house, stage.now)) == at("23/11 08:00")
    house.rings("23/11 08:00")
    assert stage.write(lambda tx: next_due(tx, stage.house, stage.now)) == at("11/12 08:00")


def test_with_many_cells_only_those_are_looked_at_whose_time_has_come(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "_FEW_CELLS", 3)
    stage = house.stage
    names = [f"Chi bộ {number}" for number in range(8)]
    for name in names:
        stage.member("An", cell=name)
        house.opens(cell=name)

    def to_visit(after: CellId = bell.BEFORE_ALL) -> int:
        cells = stage.write(lambda tx: cells_to_ring(tx, stage.now, after=after, limit=3))
        assert len(cells) <= 3
        return len(cells) + to_visit(cells[-1]) if cells else 0

    assert to_visit() == 8
    for name in names:
        house.rings("23/11 08:00", name)
    assert to_visit() == 0
    assert stage.write(lambda tx: next_due(tx, stage.house, stage.now)) == at("11/12 08:00")
    stage.now = at("23/11 14:00")
    assert to_visit() == 8, "every window looks again, because other rooms do not tell"
    stage.now = at("23/11 09:00")
    woken = stage.cell(names[3])
    stage.write(lambda tx: kept.wake(tx, woken))
    assert to_visit() == 1


def test_a_very_large_cell_is_spoken_to_in_several_rings(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "_AT_ONCE", 3)
    people = [house.stage.member(f"Đảng viên {number}") for number in range(7)]
    house.opens()
    sent = []
    now = at("23/11 08:00")
    while house.stage.write(lambda tx: cells_to_ring(tx, now)):
        sent.append(house.rings(now).sent)
    assert sent == [3, 3, 1]
    assert [len(house.stage.delivered(who)) for who in people] == [1] * 7


def test_a_cell_that_is_gone_is_nothing(house: House) -> None:
    assert house.stage.write(lambda tx: ring(tx, house.stage.house, CellId(99), house.stage.now)) == RingReport()
