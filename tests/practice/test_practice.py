"""Practice: the whole form of every kind of person played to its receipt, and nothing of it in any table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handlers.practice.actions import PracticeRoom, practice_flow_name
from handlers.review import forms
from handlers.review.actions import ReviewRoom
from handlers.review.rulebook import Form
from storage import cycles, tables
from storage.records import FormKind
from tests.stage import Phone, Seen, Stage

# What nobody but the person who practises ever said.
WORDS = "Chim khuyên nhảy nhót"


@pytest.fixture(params=[(), ("telegram",)], ids=["buttons", "plain words"])
def stage(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage(tmp_path, [ReviewRoom(), PracticeRoom()], plain=frozenset(request.param))
    yield made
    made.close()


def everything(stage: Stage) -> str:
    """Every row of every table, as text."""

    def read(tx: object) -> str:
        rows = [tx.execute(select(table)).all() for table in tables.metadata.sorted_tables]  # type: ignore[attr-defined]
        return "\n".join(map(str, rows))

    return stage.write(read)


def counts(stage: Stage) -> dict[str, int]:
    """How many rows each table of the review has."""
    names = ("reviews", "review_answers", "review_history", "review_versions", "audit", "improvements", "evidence")
    found = {name: tables.metadata.tables[name] for name in names}
    return stage.write(
        lambda tx: {name: tx.execute(select(func.count()).select_from(t)).scalar_one() for name, t in found.items()}
    )


def play(phone: Phone, form: Form, heard: list[Seen]) -> None:
    """Answer every question of a form, in order; at every screen it says that this is practice."""
    for number in range(200):
        # On a messenger without edits what stands right above is not said again.
        above = heard if phone.screen.buttons else phone.messages[-4:]
        assert any("TẬP THỬ" in seen.text for seen in above), [seen.text for seen in above]
        offered = {data.rpartition(":")[2] for _, data in phone.screen.choices}
        if "submit" in offered:
            return
        ways = ["next", *(["none"] if number % 2 else []), "good", "done", "list"]
        if way := next((way for way in ways if way in offered), None):
            heard = phone.presses(way)
            continue
        heard = phone.says(f"{WORDS} {number}")
        if not any("Đã ghi" in seen.text for seen in heard):
            heard = phone.says("5")
    raise AssertionError(f"{form.key} never came to its overview")


@pytest.mark.parametrize("kind", list(FormKind))
def test_every_form_is_played_to_its_receipt_and_nothing_is_kept(stage: Stage, kind: FormKind) -> None:
    an = stage.member("Nguyễn Văn An", form=kind)
    before = counts(stage)
    an.commands("/practice")
    form = forms.rule_set_for(stage.now.year).form_for(kind)
    assert form.code in an.screen.text
    play(an, form, an.presses("begin"))
    an.presses("submit")
    receipt, start = an.presses("yes")
    assert "Tập thử: đã nộp" in receipt.text
    assert "TẬP THỬ" in start.text
    assert counts(stage) == before
    assert WORDS not in everything(stage)
    an.presses("aid.end")
    assert WORDS not in everything(stage)
    assert practice_flow_name(form) not in everything(stage), "leaving removes where they were"


def test_what_is_typed_is_judged_and_not_shown_again(stage: Stage) -> None:
    an = stage.member("Nguyễn Văn An")
    an.commands("/practice")
    an.presses("begin")
    an.says(WORDS)
    assert "Đã ghi (chỉ là tập thử)" in an.screen.text
    assert WORDS not in an.screen.text
    an.says("x" * 5000)
    assert "dài 5.000 ký tự" in an.screen.text
    an.presses("again")
    assert "Đã xóa (chỉ là tập thử)" in an.screen.text
    an.presses("undo")
    assert "Đã viết" in an.screen.text


def test_it_works_by_its_words_and_beside_a_review_in_earnest(stage: Stage) -> None:
    an = stage.member("Nguyễn Văn An")
    cell = stage.cell()
    days = date(2026, 11, 1), date(2026, 12, 15)
    stage.write(lambda tx: cycles.create(tx, cell, 2026, "2025", *days, None, stage.now.date(), stage.now))
    an.commands("/review")
    an.presses("begin")
    an.says("Câu trả lời thật.")
    an.says("tập thử")
    assert "TẬP THỬ" in an.screen.text
    an.presses("begin")
    an.says(WORDS)
    an.commands("/review")
    an.presses("continue")
    assert "Câu trả lời thật." in an.screen.text
    assert "TẬP THỬ" not in an.screen.text
    assert WORDS not in everything(stage)


def test_a_running_cycle_by_other_rules_offers_its_form_too(stage: Stage) -> None:
    an = stage.member("Nguyễn Văn An")
    cell = stage.cell()
    days = date(2026, 11, 1), date(2026, 12, 15)
    stage.write(lambda tx: cycles.create(tx, cell, 2026, "2019", *days, None, stage.now.date(), stage.now))
    an.commands("/practice")
    codes = {forms.rule_set(id).form_for(FormKind.NON_LEADER).code for id in (forms.rule_set_for(2026).id, "2019")}
    assert codes <= {label for label, _ in an.screen.choices}
    an.presses("practice.2019.non_leader")
    an.presses("begin")
    assert "Câu 1/" in an.screen.text


def test_an_old_screen_of_practice_writes_nothing_either(stage: Stage) -> None:
    an = stage.member("Nguyễn Văn An")
    an.commands("/practice")
    an.presses("begin")
    old = an.screen
    an.commands("/menu")
    before = counts(stage)
    if old.buttons:
        an.presses("nav.back", old)
    assert counts(stage) == before
