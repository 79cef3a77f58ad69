from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import MAC_EPOCH

from handlers.dialogue.flow import Refusal
from handlers.organisation import values
from handlers.organisation.columns import kind_of, letter_of
from handlers.organisation.sheet import Raw
from storage.records import FormKind, Role, Status

DAY = date(1990, 2, 3)


def why(value: object) -> str:
    assert isinstance(value, Refusal)
    return value.why.id.removeprefix("organisation.fault.")


@pytest.mark.parametrize(
    "raw",
    [
        "03/02/1990",
        "3/2/1990",
        " 3-2-1990 ",
        "3.2.1990",
        "03 02 1990",
        "1990-02-03",
        "1990-02-03T00:00:00",
        "03/02/1990 00:00",
        "ngày 3 tháng 2 năm 1990",
        "3 tháng 02 năm 1990",
        "03/02/90",
        "32907",
        32907,
        32907.0,
        32907.5,
        DAY,
        datetime(1990, 2, 3, 8, 30),  # noqa: DTZ001 - cells of a sheet know no zone
    ],
)
def test_one_day_in_the_ways_people_write_it(raw: Raw) -> None:
    assert values.read_date(raw, 2026) == DAY


@pytest.mark.parametrize("raw", [None, "", "  ", "-", "x"])
def test_an_empty_date_is_none(raw: Raw) -> None:
    assert values.read_date(raw, 2026) is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("31/02/1990", "date_impossible"),
        ("02/28/1990", "date_impossible"),
        ("00/01/1990", "date_impossible"),
        ("29/02/2023", "date_impossible"),
        ("1958", "date_partial"),
        (1958, "date_partial"),
        ("05/1958", "date_partial"),
        ("hôm qua", "date_unreadable"),
        ("3/2", "date_unreadable"),
        (12, "date_unreadable"),
        (-5, "date_unreadable"),
        (1e300, "date_unreadable"),
        (time(8, 30), "date_unreadable"),
        ("03/02/1820", "date_too_old"),
    ],
)
def test_what_is_no_day_says_why(raw: Raw, reason: str) -> None:
    assert why(values.read_date(raw, 2026)) == reason


@pytest.mark.parametrize(("latest", "year"), [(2026, 2025), (2008, 1925), (2025, 2025), (2024, 1925)])
def test_two_digits_are_the_latest_year_that_can_be_meant(latest: int, year: int) -> None:
    assert values.read_date("01/06/25", latest) == date(year, 6, 1)


def test_serials_of_an_old_macintosh_count_from_1904() -> None:
    assert values.read_date((DAY - date(1904, 1, 1)).days, 2026, MAC_EPOCH) == DAY


@settings(deadline=None)
@given(st.dates(date(1911, 1, 1), date(2060, 12, 31)))
def test_serials_and_words_agree_with_excel(day: date) -> None:
    assert values.read_date((day - date(1899, 12, 30)).days, 2070) == day
    assert values.read_date(day.strftime("%d/%m/%Y"), 2070) == day


@settings(deadline=None)
@given(st.text(max_size=30) | st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_no_cell_can_make_the_readers_fail(raw: Raw) -> None:
    for read in (
        values.read_words,
        values.read_name,
        values.read_number,
        values.read_phone,
        values.read_form,
        values.read_status,
        values.read_roles,
    ):
        read(raw)
    values.read_date(raw, 2026)


@pytest.mark.parametrize(
    ("raw", "phone"),
    [
        ("0912345678", "0912345678"),
        ("0912 345 678", "0912345678"),
        ("0912.345.678", "0912345678"),
        ("(0912) 345-678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("+84(0)912345678", "0912345678"),
        ("0084912345678", "0912345678"),
        ("84912345678", "0912345678"),
        (912345678, "0912345678"),
        (912345678.0, "0912345678"),
        ("912345678", "0912345678"),
        (2438251234, "02438251234"),
        ("024 3825 1234", "02438251234"),
        ("+1 415 555 0100", "+14155550100"),
        ("0912345678 / 0987654321", "0912345678; 0987654321"),
        ("", ""),
        (None, ""),
    ],
)
def test_telephones_keep_their_zero(raw: Raw, phone: str) -> None:
    assert values.read_phone(raw) == phone


@pytest.mark.parametrize("raw", ["không có", "12345", "091234567890123", "0912345678 nhà riêng"])
def test_what_is_no_telephone_is_named(raw: str) -> None:
    assert why(values.read_phone(raw)) == "phone"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("2A", FormKind.LEADER),
        ("2b", FormKind.NON_LEADER),
        ("Mẫu 2C", FormKind.OUTSIDE_SYSTEM),
        ("Mẫu 02B", FormKind.NON_LEADER),
        ("Mẫu số 02B-HD KĐ.ĐG 2025", FormKind.NON_LEADER),
        ("02A (2023)", FormKind.NON_LEADER),
        ("02B (2023)", FormKind.LEADER),
        ("giữ chức vụ lãnh đạo, quản lý", FormKind.LEADER),
        ("Không giữ chức vụ", FormKind.NON_LEADER),
        ("Hưu trí", FormKind.OUTSIDE_SYSTEM),
        ("", None),
    ],
)
def test_the_letter_is_read_with_its_year(raw: str, kind: FormKind | None) -> None:
    assert values.read_form(raw) == kind


@pytest.mark.parametrize("raw", ["2D", "2", "2C (2023)", "2A (2019)", "B"])
def test_a_letter_that_the_year_does_not_have_is_refused(raw: str) -> None:
    assert why(values.read_form(raw)) == "form"


def test_the_same_letter_in_two_years() -> None:
    assert kind_of("2A", 2024) is FormKind.NON_LEADER
    assert kind_of("2A", 2026) is FormKind.LEADER
    assert kind_of("2A", 2020) is None
    assert {kind_of(letter_of(kind), 2026) for kind in FormKind} == set(FormKind)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("Chính thức", Status.OFFICIAL),
        ("ĐVCT", Status.OFFICIAL),
        ("dự bị", Status.PROBATIONARY),
        ("Được miễn công tác và sinh hoạt đảng", Status.EXEMPT),
        ("Được miễn công tác và sinh hoạt", Status.EXEMPT),
        ("ĐÌNH CHỈ SINH HOẠT", Status.SUSPENDED),
        ("", None),
        ("nghỉ thai sản", None),
    ],
)
def test_statuses(raw: str, status: Status | None) -> None:
    assert values.read_status(raw) == status


def test_an_unknown_status_is_named() -> None:
    assert why(values.read_status("đã chuyển")) == "status"


@pytest.mark.parametrize(
    ("raw", "roles"),
    [
        ("Bí thư", {Role.CHAIR}),
        ("Phó Bí thư, thư ký", {Role.DEPUTY, Role.SECRETARY}),
        ("Bí thư + Chi ủy viên phụ trách", {Role.CHAIR, Role.SECRETARY}),
        ("đảng viên", set()),
        (None, set()),
    ],
)
def test_roles(raw: Raw, roles: set[Role]) -> None:
    assert values.read_roles(raw) == frozenset(roles)


def test_an_unknown_role_is_named() -> None:
    assert why(values.read_roles("Bí thư, giám đốc")) == "role"


@pytest.mark.parametrize(
    ("raw", "number"), [(25001234, "25001234"), (25001234.0, "25001234"), (" 25.001 234 ", "25.001 234")]
)
def test_numbers_stay_as_written(raw: Raw, number: str) -> None:
    assert values.read_number(raw) == number


def test_a_number_that_excel_rounded_is_refused() -> None:
    assert why(values.read_number(2.5001234567890123e18)) == "number_rounded"


@pytest.mark.parametrize(
    ("one", "other"), [("001234", "1234"), ("25.001.234", "25001234"), ("ĐV-12", "đv 12"), ("000", "000")]
)
def test_spellings_of_one_number(one: str, other: str) -> None:
    assert values.number_key(one) == values.number_key(other) != ""


@pytest.mark.parametrize("name", ["Trần <b>Văn</b> A & B", "Âu Thị Hồng Thắm", "H'Hen Niê", "A"])
def test_names_stay_as_typed(name: str) -> None:
    assert values.read_name(name) == name


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("", "name_missing"), (123, "name_without_letters"), ("A" * 201, "too_long"), ("#REF!", "formula")],
)
def test_what_is_no_name_says_why(raw: Raw, reason: str) -> None:
    assert why(values.read_name(raw)) == reason
