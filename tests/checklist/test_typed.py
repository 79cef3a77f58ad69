"""Typed marks: what people write, what is understood, and what must never be taken for a mark."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.checklist.typed import Doubt, TypedMark, UnclearMark, fold, read_marks
from storage.records import ItemState

DONE, DOING, BLOCKED = ItemState.DONE, ItemState.IN_PROGRESS, ItemState.BLOCKED
NOT_YET, NOT_APPLICABLE = ItemState.NOT_STARTED, ItemState.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("typed", "number", "state", "remark"),
    [
        ("3 xong", 3, DONE, ""),
        ("3 Xong.", 3, DONE, ""),
        ("  3   XONG RỒI ạ  ", 3, DONE, ""),
        ("3xong", 3, DONE, ""),
        ("3: xong", 3, DONE, ""),
        ("3) xong", 3, DONE, ""),
        ("3. Đã xong", 3, DONE, ""),
        ("3 - hoàn thành", 3, DONE, ""),
        ("việc 3 xong", 3, DONE, ""),
        ("Việc số 3: đã hoàn thành", 3, DONE, ""),
        ("mục 7 xong nhé", 7, DONE, ""),
        ("#3 done", 3, DONE, ""),
        ("item 3 done", 3, DONE, ""),
        ("3 done", 3, DONE, ""),
        ("done 3", 3, DONE, ""),
        ("Đã xong việc 3", 3, DONE, ""),
        ("xong 3 rồi", 3, DONE, ""),
        ("3 ✅", 3, DONE, ""),
        ("3️⃣ ✔️", 3, DONE, ""),
        ("- 3 xong", 3, DONE, ""),
        ("3 xong: đã nộp báo cáo 12/11", 3, DONE, "đã nộp báo cáo 12/11"),
        ("3 xong (nộp cho đ/c Hoà)", 3, DONE, "nộp cho đ/c Hoà"),
        ("3 đang làm", 3, DOING, ""),
        ("3 dang lam", 3, DOING, ""),
        ("3 in progress", 3, DOING, ""),
        ("3 đang làm, còn một phần", 3, DOING, "còn một phần"),
        ("3 chưa", 3, NOT_YET, ""),
        ("3 chưa làm", 3, NOT_YET, ""),
        ("3 not started", 3, NOT_YET, ""),
        ("3 không áp dụng", 3, NOT_APPLICABLE, ""),
        ("3 khong ap dung: mới chuyển về", 3, NOT_APPLICABLE, "mới chuyển về"),
        ("3 n/a", 3, NOT_APPLICABLE, ""),
        ("3 vuong: thiếu kinh phí", 3, BLOCKED, "thiếu kinh phí"),
        ("3 vướng: thiếu kinh phí", 3, BLOCKED, "thiếu kinh phí"),
        ("3 vướng thiếu kinh phí", 3, BLOCKED, "thiếu kinh phí"),
        ("Việc 3 đang vướng – chờ duyệt <b>KH</b> & kinh phí", 3, BLOCKED, "chờ duyệt <b>KH</b> & kinh phí"),
        ("3 vướng mắc, vì chưa có người", 3, BLOCKED, "vì chưa có người"),
        ("3 vướng: ai ký?", 3, BLOCKED, "ai ký?"),
        ("3 blocked: no budget", 3, BLOCKED, "no budget"),
        ("12 xong", 12, DONE, ""),
        ("0 xong", 0, DONE, ""),
    ],
)
def test_one_mark(typed: str, number: int, state: ItemState, remark: str) -> None:
    for form in ("NFC", "NFD"):
        assert read_marks(unicodedata.normalize(form, typed)) == (TypedMark(number, state, remark),)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "3",
        "xong",
        "xong hết",
        "3 xong?",
        "3 xong chưa?",
        "3 xong chưa",
        "3 xong, đúng không?",
        "3 vướng gì?",
        "3 vướng?",
        "3 chưa được duyệt",
        "3 người xong việc",
        "20/11 xong",
        "3.5 xong",
        "Tôi đã xong 3 việc trong năm",
        "135,7%",
        "2.157",
        "năm 2026 xong",
        "123 xong",
        "3 xongxong",
        "3 xong\nhôm nay trời đẹp",
        "😀" * 4096,
        "3" * 4096,
        "3 " * 2048,
    ],
)
def test_not_a_mark(typed: str) -> None:
    assert read_marks(typed) == ()


def test_either_tone_placement_is_the_same_word() -> None:
    assert read_marks("3 hoàn tất") == read_marks("3 hòan tất") == (TypedMark(3, DONE),)


def test_blocked_needs_a_reason() -> None:
    for typed in ("3 vướng", "3 vuong:", "3 blocked.", "3 vướng: …"):
        assert read_marks(typed) == (UnclearMark(3, Doubt.NEEDS_REASON),)


def test_not_finished_is_asked_about_and_never_taken_for_done() -> None:
    assert read_marks("3 chưa xong") == (UnclearMark(3, Doubt.BEGUN_OR_NOT),)
    assert read_marks("3 not done") == (UnclearMark(3, Doubt.BEGUN_OR_NOT),)
    assert read_marks("3 chưa xong vì thiếu người") == (UnclearMark(3, Doubt.BEGUN_OR_NOT, "vì thiếu người"),)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1, 2 xong", [(1, DONE, ""), (2, DONE, "")]),
        ("1 và 2 xong", [(1, DONE, ""), (2, DONE, "")]),
        ("việc 1, việc 4 xong", [(1, DONE, ""), (4, DONE, "")]),
        ("1 1 xong", [(1, DONE, "")]),
        ("3 xong 4 chưa", [(3, DONE, ""), (4, NOT_YET, "")]),
        ("3 xong, 4 đang làm, 5 chưa", [(3, DONE, ""), (4, DOING, ""), (5, NOT_YET, "")]),
        ("3 xong; 4 vướng: thiếu người", [(3, DONE, ""), (4, BLOCKED, "thiếu người")]),
        ("4 vướng: thiếu người; 3 xong", [(4, BLOCKED, "thiếu người"), (3, DONE, "")]),
        ("4 vướng: thiếu người, 3 máy", [(4, BLOCKED, "thiếu người, 3 máy")]),
        ("4 vướng: thiếu người; thiếu máy", [(4, BLOCKED, "thiếu người; thiếu máy")]),
        ("1 xong\n\n2: đang làm\n3 không áp dụng", [(1, DONE, ""), (2, DOING, ""), (3, NOT_APPLICABLE, "")]),
    ],
)
def test_several_marks(typed: str, expected: list[tuple[int, ItemState, str]]) -> None:
    assert read_marks(typed) == tuple(TypedMark(*one) for one in expected)


@given(st.text(max_size=60))
def test_any_text_is_read_without_error(text: str) -> None:
    for reading in read_marks(text):
        assert 0 <= reading.number <= 99


@given(st.text(min_size=1, max_size=200).map(lambda text: unicodedata.normalize("NFC", f"lý do {text.strip()} z")))
def test_a_reason_is_kept_letter_for_letter(reason: str) -> None:
    if len(reason.splitlines()) == 1 and ";" not in reason and not {"\ufe0f", "\u20e3", "\u200b"} & set(reason):
        assert read_marks(f"3 vướng: {reason}") == (TypedMark(3, BLOCKED, reason),)


@given(st.text().map(lambda text: unicodedata.normalize("NFC", text)))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)
