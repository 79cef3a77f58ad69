"""The summary as people meet it: who gets what, the group, the deadline, and cells that do not see each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from handlers.checklist.actions import ChecklistRoom
from handlers.dialogue.buttons import read_data
from handlers.dialogue.said import Command, Incoming, Pressed
from handlers.joining.actions import JoiningRoom
from handlers.summary.actions import SummaryRoom, post_at_deadline
from storage import accounts, audit, cycles, members, outbox
from storage.records import Cell, Cycle, DeliveryTrouble, Grade, Role, Status
from tests.stage import Phone, Seen, Stage
from tests.summary.build import submit

ONE, TWO = "Chi bộ Một", "Chi bộ Hai"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, [ChecklistRoom(), SummaryRoom(), JoiningRoom()])
    yield made
    made.close()


def open_cycle(stage: Stage, cell: str = ONE, year: int = 2026) -> Cycle:
    opens, deadline = date(year, 11, 1), date(year, 12, 20)
    rules, id_ = "2025", stage.cell(cell)
    cycle = stage.write(
        lambda tx: cycles.create(tx, id_, year, rules, opens, deadline, None, date(2026, 11, 22), stage.now)
    )
    assert cycle is not None
    return cycle


def in_group(stage: Stage, group: Phone, who: Phone, line: str) -> list[Seen]:
    name, _, args = line.removeprefix("/").partition(" ")
    stage.hear(Incoming(group.address, who.address.chat, Command(name, args), private=False))
    return stage.delivered(group)


def a_cell(stage: Stage, cell: str = ONE) -> tuple[Cycle, dict[str, Phone]]:
    """Nine people: seven have handed in (2 excellent, 5 good), one is exempt, one is missing."""
    cycle = open_cycle(stage, cell)
    people = {
        "lan": stage.member(f"Trần Lan {cell[-3:]}", Role.SECRETARY, cell=cell),
        "ha": stage.member(f"Lê Hà {cell[-3:]}", Role.CHAIR, cell=cell),
        "phuc": stage.member(f"Vũ Phúc {cell[-3:]}", Role.DEPUTY, cell=cell),
        "minh": stage.member(f"Đỗ Minh {cell[-3:]}", Role.OBSERVER, cell=cell),
        "an": stage.member(f"Ngô An {cell[-3:]}", cell=cell),
        "binh": stage.member(f"Bùi Bình {cell[-3:]}", cell=cell),
        "cuc": stage.member(f"Hồ Cúc {cell[-3:]}", cell=cell),
        "dung": stage.member(f"Mai Dung {cell[-3:]}", cell=cell, status=Status.EXEMPT),
        "vang": stage.member(f"Tạ Vắng {cell[-3:]}", cell=cell, joined=False, phone="0912 345 678"),
    }
    for name in ("lan", "ha", "phuc", "minh", "an", "binh", "cuc"):
        submit(stage, cycle, people[name], Grade.EXCELLENT if name in {"ha", "an"} else Grade.GOOD)
    return cycle, people


def text_of(seen: list[Seen]) -> str:
    return "\n".join(one.text for one in seen)


def files(seen: list[Seen]) -> list[str]:
    return [one.post.file_name for one in seen if one.post.file_name]


@pytest.mark.parametrize("who", ["lan", "ha", "phuc"])
@pytest.mark.parametrize("line", ["/summary", "/tonghop", "/summary 2026", "/tonghop chi bo mot 2026"])
def test_those_in_charge_get_all_of_it(stage: Stage, who: str, line: str) -> None:
    _, people = a_cell(stage)
    seen = people[who].commands(line)
    text = text_of(seen)
    assert "Tổng số đảng viên: <b>9</b>" in text
    assert "Đã kiểm điểm: <b>7</b> (87,5% số phải kiểm điểm)" in text
    assert "Hoàn thành xuất sắc nhiệm vụ: <b>2</b>, 28,6%" in text
    assert "Tạ Vắng Một, 0912 345 678" in text
    assert files(seen) == ["tong-hop-2026.png", "tong-hop-chi-bo-mot-2026.xlsx"]
    assert seen[-1].buttons, "the screen comes last"


def test_the_files_can_be_made(stage: Stage) -> None:
    _, people = a_cell(stage)
    posts = [seen.post for seen in people["lan"].commands("/summary") if seen.post.recipe]
    made = [stage.desk.cook(post.recipe, post.data).content for post in posts if post.recipe and post.data]
    assert [content[:4] for content in made] == [b"\x89PNG", b"PK\x03\x04"]


def test_an_observer_gets_counts_and_no_name(stage: Stage) -> None:
    _, people = a_cell(stage)
    seen = people["minh"].commands("/summary")
    assert "Tổng số đảng viên: <b>9</b>" in text_of(seen)
    assert files(seen) == ["tong-hop-2026.png"]
    assert "Vắng" not in text_of(seen)
    assert "0912" not in text_of(seen)
    assert not any("nhóm" in label for one in seen for label, _ in one.buttons)
    people["minh"].hears(Pressed(1, "preview"))
    people["minh"].commands("/summary_group 2026")
    assert "Nhóm sẽ thấy" not in text_of(people["minh"].messages)


def test_an_ordinary_member_gets_a_polite_sentence(stage: Stage) -> None:
    _, people = a_cell(stage)
    seen = people["an"].commands("/summary")
    assert "người được phân công" in text_of(seen)
    assert "Tổng số" not in text_of(seen)
    assert files(seen) == []


def test_two_cells_do_not_see_each_other(stage: Stage) -> None:
    _, one = a_cell(stage, ONE)
    cycle, two = a_cell(stage, TWO)
    stage.member("Riêng của Hai", cell=TWO)
    submit(stage, cycle, two["dung"], Grade.NOT_COMPLETED)
    one["lan"].commands("/checklist")
    for line in ("/summary", "/summary 2026", f"/summary {TWO}", f"/summary {TWO} 2026", "/tonghop chi bo hai"):
        text = text_of(one["lan"].commands(line))
        assert "Hai" not in text
        if "Tổng số" in text:
            assert "Tổng số đảng viên: <b>9</b>" in text
    assert "Tổng số đảng viên: <b>10</b>" in text_of(two["lan"].commands("/summary"))


def test_another_cells_name_is_refused_whether_it_exists_or_not(stage: Stage) -> None:
    _, one = a_cell(stage, ONE)
    stage.cell(TWO)
    [known] = one["lan"].commands("/summary chi bộ Hai")
    [unknown] = one["lan"].commands("/summary chi bộ Chín")
    assert known.text == unknown.text
    assert "xem được tổng hợp của Chi bộ Một" in known.text


def test_years_are_apart_and_can_be_changed(stage: Stage) -> None:
    _, people = a_cell(stage)
    old = open_cycle(stage, year=2025)
    submit(stage, old, people["an"], Grade.NOT_COMPLETED)
    text = text_of(people["lan"].commands("/summary"))
    assert "năm 2026" in text
    assert "Không hoàn thành nhiệm vụ: <b>0</b>" in text
    before = people["lan"].screen.ref
    seen = people["lan"].presses("Năm 2025")
    assert "Không hoàn thành nhiệm vụ: <b>1</b>, 100,0%" in text_of(seen)
    assert seen[-1].buttons
    assert seen[-1].ref != before, "the screen stands below what was just sent, not edited above it"
    assert "2024" not in text_of(people["lan"].commands("/summary 2024"))
    assert "các năm: 2026, 2025" in people["lan"].screen.text


def test_without_a_cycle_there_is_a_way_on(stage: Stage) -> None:
    lan = stage.member("Lan", Role.SECRETARY)
    [told] = lan.commands("/summary")
    assert "/han" in told.text


def test_the_group_is_linked_by_those_in_charge_only(stage: Stage) -> None:
    _, people = a_cell(stage)
    group = stage.stranger("-100777")
    for who in ("an", "minh", "phuc"):
        [told] = in_group(stage, group, people[who], "/nhom")
        assert "nhắn riêng" in told.text
    assert stage.write(members.every_cell)[0].group is None
    [linked] = in_group(stage, group, people["lan"], "/nhom")
    assert "đã nối với Chi bộ Một" in linked.text
    assert stage.write(members.every_cell)[0].group == group.address


def test_a_group_of_another_cell_stays_with_it(stage: Stage) -> None:
    _, one = a_cell(stage, ONE)
    _, two = a_cell(stage, TWO)
    group = stage.stranger("-100777")
    in_group(stage, group, one["lan"], "/group")
    [told] = in_group(stage, group, two["lan"], "/group")
    assert "chi bộ khác" in told.text
    assert {cell.name: cell.group for cell in stage.write(members.every_cell)} == {ONE: group.address, TWO: None}


def test_commands_in_a_group_say_nothing_personal(stage: Stage) -> None:
    _, people = a_cell(stage)
    group = stage.stranger("-100777")
    in_group(stage, group, people["lan"], "/nhom")
    for line in ("/checklist", "/checklist 3 xong", "/me", "/review", "/start"):
        [told] = in_group(stage, group, people["an"], line)
        assert told.text.startswith("Xin đồng chí nhắn riêng")
    [told] = in_group(stage, group, people["lan"], "/summary")
    assert told.text == "Bot đã gửi riêng cho đồng chí."
    assert "Tạ Vắng Một" in text_of(stage.delivered(people["lan"]))
    [stranger] = in_group(stage, group, stage.stranger("999"), "/summary")
    assert stranger.text.startswith("Xin đồng chí nhắn riêng")


def test_preview_then_post_and_the_group_gets_what_was_previewed(stage: Stage) -> None:
    _, people = a_cell(stage)
    lan, group = people["lan"], stage.stranger("-100777")
    lan.commands("/checklist 1 xong")
    lan.commands("/summary")
    [unlinked] = lan.presses("preview")
    assert "/nhom" in unlinked.text
    assert not any(label == "Gửi vào nhóm" for label, _ in unlinked.buttons)
    in_group(stage, group, lan, "/nhom")
    lan.commands("/summary")
    assert stage.delivered(group) == []
    [preview] = lan.presses("preview")
    assert stage.delivered(group) == [], "a preview posts nothing"
    lan.presses("post")
    [posted] = stage.delivered(group)
    assert posted.text in preview.text
    assert "Đã kiểm điểm: <b>7</b>" in posted.text
    for person in people.values():
        member = person.member
        assert member is not None
        found = stage.write(lambda tx, m=member: members.find(tx, m))  # type: ignore[misc]
        assert found is not None
        assert found.full_name not in posted.text
    assert "xuất sắc" not in posted.text.lower()
    assert not posted.buttons
    acts = [act.what for act in stage.write(lambda tx: audit.of_cell(tx, stage.cell(ONE)))]
    assert acts.count("summary_posted") == 1


def test_a_second_press_on_post_posts_nothing_more(stage: Stage) -> None:
    _, people = a_cell(stage)
    lan, group = people["lan"], stage.stranger("-100777")
    in_group(stage, group, lan, "/nhom")
    lan.commands("/summary")
    [preview] = lan.presses("preview")
    lan.presses("post", preview)
    lan.presses("post", preview)
    assert len(stage.delivered(group)) == 1


def test_a_group_can_be_let_go(stage: Stage) -> None:
    _, people = a_cell(stage)
    lan, group = people["lan"], stage.stranger("-100777")
    lan.commands("/nhom")
    assert "mời bot vào nhóm" in lan.screen.text
    in_group(stage, group, lan, "/nhom")
    lan.commands("/group")
    lan.presses("Ngừng nối nhóm này")
    assert stage.write(members.every_cell)[0].group is None
    lan.commands("/summary")
    lan.presses("preview")
    lan.hears(Pressed(99, "post"))
    assert stage.delivered(group) == []


def at_deadline(stage: Stage, cycle: Cycle) -> list[tuple[str, str]]:
    def work(tx: Connection) -> list[tuple[str, str]]:
        cell = members.cell(tx, cycle.cell_id)
        assert isinstance(cell, Cell)
        posts = post_at_deadline(tx, stage.house, cell, cycle, stage.now)
        for post in posts:
            outbox.put(tx, post, stage.now)
        return [(post.address.chat, post.text) for post in posts]

    found = stage.write(work)
    stage.deliver()
    return found


def test_the_chair_gets_it_at_the_deadline(stage: Stage) -> None:
    cycle, people = a_cell(stage)
    stage.now = datetime(2026, 12, 21, 0, 30, tzinfo=UTC)
    posts = at_deadline(stage, cycle)
    assert {chat for chat, _ in posts} == {people["ha"].address.chat}
    seen = stage.delivered(people["ha"])
    assert "là 20/12/2026 đã qua" in seen[0].text
    assert "Tạ Vắng Một" in text_of(seen)
    assert len(files(seen)) == 2
    [(label, data)] = seen[-1].buttons
    assert label == "Xem trước bản gửi nhóm"
    [preview] = people["ha"].hears(read_data(data), ref=seen[-1].ref)
    assert "Đã kiểm điểm: <b>7</b>" in preview.text


def test_a_chair_who_has_not_joined_is_replaced_by_the_secretary(stage: Stage) -> None:
    cycle = open_cycle(stage)
    stage.member("Hà", Role.CHAIR, joined=False)
    lan = stage.member("Lan", Role.SECRETARY)
    assert {chat for chat, _ in at_deadline(stage, cycle)} == {lan.address.chat}


def test_nobody_to_send_it_to(stage: Stage) -> None:
    cycle = open_cycle(stage)
    stage.member("An")
    assert at_deadline(stage, cycle) == []


def test_a_closed_cycle_says_so(stage: Stage) -> None:
    cycle, _ = a_cell(stage)
    stage.write(lambda tx: cycles.close(tx, cycle.id, "", stage.now))
    closed = stage.write(lambda tx: cycles.get(tx, cycle.id))
    assert closed is not None
    assert "đã kết thúc" in at_deadline(stage, closed)[0][1]


def test_in_english(stage: Stage) -> None:
    open_cycle(stage)
    lan = stage.member("Lan", Role.SECRETARY, language="en")
    an = stage.member("An")
    stage.write(lambda tx: accounts.set_trouble(tx, an.address, DeliveryTrouble.BLOCKED, stage.now))
    text = text_of(lan.commands("/summary"))
    assert "Required to review: <b>2</b>" in text
    assert "The bot cannot reach: 1" in text
    assert "not enough data" in text
