from __future__ import annotations

import io
import unicodedata
import zipfile
from datetime import date

import openpyxl
import pytest
from openpyxl.utils.datetime import MAC_EPOCH

from handlers.organisation import workbook
from storage.records import FormKind, Role, Status
from tests.organisation.sheets import HEADINGS, LAN, csv, faults, only, read, refused, saved, xlsx

LAN_TYPED = [
    "Nguyễn Thị Lan",
    "25001234",
    "02/03/1980",
    "19/05/2005",
    "19/05/2006",
    "Giảng viên",
    "2B",
    "Chính thức",
    "0912345678",
    "Chi bộ Phòng Đào tạo",
]


def test_one_person_with_every_column() -> None:
    row = only(xlsx([LAN]))
    assert row.number == 2
    assert (row.full_name, row.party_number) == ("Nguyễn Thị Lan", "25001234")
    assert (row.born_on, row.admitted_on, row.official_on) == (
        date(1980, 3, 2),
        date(2005, 5, 19),
        date(2006, 5, 19),
    )
    assert (row.position, row.form, row.status) == ("Giảng viên", FormKind.NON_LEADER, Status.OFFICIAL)
    assert (row.phone, row.cell_name) == ("0912345678", "Chi bộ Phòng Đào tạo")


def test_columns_in_any_order_under_other_names_below_a_title() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["B1"] = "ĐẢNG BỘ TRƯỜNG CHÍNH TRỊ TỈNH"
    sheet["B3"] = "DANH SÁCH ĐẢNG VIÊN"
    sheet.append([])
    sheet.append(["TT", "SĐT", "Số thẻ\nđảng viên", "HỌ TÊN", "Ngày vào Đảng (dd/mm/yyyy)", "Mẫu *", "Dân tộc"])
    sheet.append([1, 912345678, 1234, "Lò Văn Hặc", 38491, "Mẫu 02C", "Thái"])
    reading = read(saved(book))
    (row,) = reading.rows
    assert (row.number, row.full_name, row.party_number, row.phone) == (6, "Lò Văn Hặc", "1234", "0912345678")
    assert (row.admitted_on, row.form) == (date(2005, 5, 19), FormKind.OUTSIDE_SYSTEM)
    assert reading.ignored == ("Dân tộc",)


def test_the_sheet_with_people_is_found_behind_others() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "Hướng dẫn"
    sheet = book.create_sheet("Danh sách")
    for row in (HEADINGS, LAN):
        sheet.append(list(row))
    assert only(saved(book)).full_name == "Nguyễn Thị Lan"


def test_family_and_given_name_in_two_columns() -> None:
    row = only(xlsx([["Nguyễn Thị", "Lan", "12"]], ["Họ và tên đệm", "Tên", "Mã ĐV"]))
    assert row.full_name == "Nguyễn Thị Lan"


def test_the_better_of_two_number_columns_is_taken_and_the_other_named() -> None:
    reading = read(xlsx([["Lan", "the-1", "ma-1"]], ["Họ tên", "Số thẻ", "Mã đảng viên"]))
    assert reading.rows[0].party_number == "ma-1"
    assert reading.ignored == ("Số thẻ",)


def test_names_with_markup_stay_as_typed_and_become_nfc() -> None:
    typed = "Trần <b>Văn</b> Á & B"
    assert only(xlsx([[unicodedata.normalize("NFD", typed), "1"]], ["Họ tên", "Mã số"])).full_name == typed


def test_absence_needs_its_days() -> None:
    headings = ["Họ tên", "Mã số", "Trạng thái", "Vắng từ", "Vắng đến"]
    row = only(xlsx([["Lan", "1", "thai sản", "01/10/2026", "31/03/2027"]], headings))
    assert (row.status, row.away_from, row.away_to) == (None, date(2026, 10, 1), date(2027, 3, 31))
    assert faults(xlsx([["Lan", "1", "ốm", "", ""]], headings)) == [(2, "Vắng từ", "away_without_day")]
    assert faults(xlsx([["Lan", "1", "", "", "01/10/2026"]], headings)) == [(2, "Vắng từ", "away_without_day")]
    assert faults(xlsx([["Lan", "1", "", "02/10/2026", "01/10/2026"]], headings)) == [
        (2, "Vắng đến", "away_ends_before")
    ]


def test_roles_come_from_their_own_column_only() -> None:
    headings = ["Họ tên", "Mã số", "Chức vụ", "Vai trò"]
    reading = read(xlsx([["Lan", "1", "Bí thư Chi bộ", ""], ["Hà", "2", "", "Bí thư, thư ký"]], headings))
    assert [row.roles for row in reading.rows] == [frozenset(), {Role.CHAIR, Role.SECRETARY}]


def test_every_fault_of_a_row_is_named_by_row_column_and_reason() -> None:
    bad = ["", "", "31/02/1980", "19/05/2030", "", "", "2D", "nghỉ", "abc", ""]
    assert faults(xlsx([LAN, bad])) == [
        (3, "Họ và tên", "name_missing"),
        (3, "Mã đảng viên", "number_missing"),
        (3, "Loại mẫu", "form"),
        (3, "Trạng thái", "status"),
        (3, "Ngày sinh", "date_impossible"),
        (3, "Điện thoại", "phone"),
        (3, "Ngày kết nạp", "date_future"),
    ]


def test_dates_that_contradict_each_other() -> None:
    early = ["Lan", "1", "02/03/1980", "02/03/1979", "02/03/1978", *LAN[5:]]
    assert faults(xlsx([early])) == [
        (2, "Ngày kết nạp", "admitted_before_born"),
        (2, "Ngày chính thức", "official_before_admitted"),
    ]


def test_a_number_twice_names_the_first_row() -> None:
    rows = [LAN, ["Hà", "025.001.234", *LAN[2:]], ["Hòa", "25001235", *LAN[2:]]]
    (fault,) = read(xlsx(rows)).faults
    assert (fault.row, fault.why.id) == (3, "organisation.fault.number_twice")
    assert dict(fault.why.params) == {"value": "025.001.234", "first": 2}


def test_empty_rows_and_rows_outside_the_columns_are_skipped() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([None, *HEADINGS])
    sheet.append([])
    sheet.append([1, *LAN])
    sheet.append(["", "   "])
    sheet.append(["Danh sách có 1 đảng viên"])
    assert only(saved(book)).number == 3


def test_date_cells_serials_and_a_workbook_that_counts_from_1904() -> None:
    book = openpyxl.Workbook()
    book.epoch = MAC_EPOCH
    sheet = book.worksheets[0]
    sheet.append(["Họ tên", "Mã số", "Ngày sinh", "Ngày kết nạp"])
    sheet.append(["Lan", "1", date(1980, 3, 2), 37029])
    row = only(saved(book))
    assert (row.born_on, row.admitted_on) == (date(1980, 3, 2), date(2005, 5, 19))


def test_formulas_count_by_their_stored_result() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Họ tên", "Mã số"])
    sheet.append(['="Lan"', "1"])
    assert faults(saved(book)) == [(2, "Họ tên", "name_missing")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"], ids=str)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_in_every_encoding_and_with_every_separator(encoding: str, delimiter: str) -> None:
    text = csv([[*LAN_TYPED[:5], '"Giảng viên, Khoa ""Xây dựng Đảng"""', *LAN_TYPED[6:]]], delimiter=delimiter)
    row = only(text.encode(encoding))
    assert (row.full_name, row.position) == ("Nguyễn Thị Lan", 'Giảng viên, Khoa "Xây dựng Đảng"')
    assert row.born_on == date(1980, 3, 2)


def windows_1258(text: str) -> bytes:
    """Text as Vietnamese Windows writes it: base letters of the code page, tones as marks after them."""
    out = bytearray()
    for ch in unicodedata.normalize("NFC", text):
        try:
            out += ch.encode("cp1258")
        except UnicodeEncodeError:
            base, tone = unicodedata.normalize("NFD", ch), ""
            tones = [mark for mark in base[1:] if mark in "\u0300\u0301\u0303\u0309\u0323"]
            tone = tones[0]
            rest = unicodedata.normalize("NFC", base.replace(tone, "", 1))
            out += rest.encode("cp1258") + tone.encode("cp1258")
    return bytes(out)


def test_csv_in_windows_1258() -> None:
    people = ["Nguyễn Thị Thu Hà", "Đỗ Xuân Hoà", "Âu Thị Hồng Thắm", "Lường Văn Ưởng", "Bế Thị Huệ"]
    rows = [[name, str(number)] for number, name in enumerate(people, 1)]
    content = windows_1258(csv(rows, ["Họ và tên", "Mã đảng viên"], ";"))
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    assert [row.full_name for row in read(content).rows] == people


def test_csv_in_windows_1252() -> None:
    content = csv([["Trần Café ñandú".replace("ầ", "a"), "1"]], ["Ho ten", "Ma so"]).encode("cp1252")
    assert only(content).full_name == "Tran Café ñandú"


def test_a_declared_separator_keeps_the_row_numbers() -> None:
    text = "sep=;\r\n" + csv([["Lan", ""]], ["Họ tên", "Mã số"], ";")
    assert faults(text.encode()) == [(3, "Mã số", "number_missing")]


def test_addresses_with_commas_do_not_hide_the_semicolons() -> None:
    rows = [["Lan", "1", "Số 1, ngõ 2, phố 3, phường 4"] for _ in range(1)]
    assert only(csv(rows, ["Họ tên", "Mã số", "Chức vụ"], ";").encode()).position.startswith("Số 1, ngõ")


def test_a_roster_of_two_thousand_rows_with_thirty_broken() -> None:
    broken = set(range(10, 1990, 66))
    assert len(broken) == 30
    rows = []
    for number in range(2000):
        person = [f"Đảng viên {number:04}", f"{25000000 + number}", *LAN[2:]]
        if number in broken:
            person[2] = "30/02/1980"
        rows.append(person)
    content = xlsx(rows)
    reading = read(content)
    assert len(reading.rows) == 1970
    assert [fault.row for fault in reading.faults] == sorted(number + 2 for number in broken)
    assert {fault.why.id for fault in reading.faults} == {"organisation.fault.date_impossible"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_excel"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected",
        ),
        (b"PK\x03\x04" + b"\x01" * 500, "damaged"),
        (b"<html><table><tr><td>Lan</td></tr></table></html>", "damaged"),
        (b"%PDF-1.7\n", "no_table"),
        (b"\x89PNG\r\n\x1a\n", "no_table"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "damaged"),
        (bytes(range(1, 200)), "no_table"),
        (b"x" * (workbook.MAX_BYTES + 1), "too_large"),
        ("Chào các đồng chí, danh sách gửi sau".encode(), "no_heading"),
        (b"Lan", "no_table"),
        (xlsx([["Lan", "1"]], ["Cột một", "Cột hai"]), "no_heading"),
        (xlsx([["Lan", "2B"]], ["Họ tên", "Loại mẫu"]), "no_column"),
        (xlsx([]), "nobody"),
        (saved(openpyxl.Workbook()), "no_heading"),
    ],
)
def test_what_is_no_roster_gets_one_clear_refusal(content: bytes, reason: str) -> None:
    assert refused(content) == f"organisation.file.{reason}"


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    parts = unzipped(xlsx([LAN])) | {"xl/media/huge.bin": b"\0" * (workbook.MAX_EXPANDED + 1)}
    content = zipped(parts)
    assert len(content) < workbook.MAX_BYTES
    assert refused(content) == "organisation.file.too_large"


def test_entities_in_the_xml_are_refused() -> None:
    parts = unzipped(xlsx([LAN]))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    sheet = "xl/worksheets/sheet1.xml"
    assert refused(zipped(parts | {sheet: bomb + parts[sheet]})) == "organisation.file.damaged"


def test_a_text_document_in_an_archive_is_no_workbook() -> None:
    assert refused(zipped({"word/document.xml": b"<x/>"})) == "organisation.file.no_table"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
def test_a_workbook_with_a_broken_part_is_damaged(part: str) -> None:
    parts = unzipped(xlsx([LAN]))
    assert refused(zipped(parts | {part: b"<broken"})) == "organisation.file.damaged"


def test_a_cut_off_file_is_damaged() -> None:
    content = xlsx([LAN])
    assert refused(content[: len(content) // 2]) == "organisation.file.damaged"


def test_a_sheet_that_lies_about_its_size_loses_no_row() -> None:
    parts = unzipped(xlsx([LAN, ["Hà", "2", *LAN[2:]]]))
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'<dimension ref="A1:J3"', b'<dimension ref="A1:B2"')
    assert b'ref="A1:B2"' in parts[sheet]
    assert len(read(zipped(parts)).rows) == 2


def test_more_rows_than_any_organisation_has() -> None:
    rows = [["Lan", str(number)] for number in range(workbook.MAX_ROWS + 1)]
    assert refused(csv(rows, ["Họ tên", "Mã số"]).encode()) == "organisation.file.too_many_rows"


def test_reading_depends_on_the_day_it_is_given() -> None:
    later = [*LAN[:3], "19/05/2027", "", *LAN[5:]]
    assert faults(xlsx([later])) == [(2, "Ngày kết nạp", "date_future")]
    assert read(xlsx([later]), today=date(2027, 5, 19)).faults == ()
