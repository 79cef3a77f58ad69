"""Fifty invented members of two cells: who they are, what they type into their forms, what happens to each of them.

Every kind is there: leaders (2A), non-leaders (2B), outside the system (2C), probationary, exempt, under six
months; some are on Zalo, some are helped, some are given their form back, some do not finish.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from docs.examples.installation import Person

CELLS = ("Chi bộ Thôn Đoài", "Chi bộ Phòng Đào tạo")
FIRST_DEADLINE, MOVED_DEADLINE = "15/12/2026", "18/12/2026"
CRITERIA = (
    "Chính trị, đạo đức, kỷ luật – 10",
    "Năng lực, thái độ công tác – 12,5",
    "Tự phê bình và phê bình – 7,5",
)
# fmt: off
_GIVEN = (
    "An", "Bình", "Chi", "Dung", "Đức", "Giang", "Hạnh", "Khánh", "Loan", "Mạnh", "Nhàn", "Oanh", "Phượng",
    "Quỳnh", "Rạng", "Sửu", "Thủy", "Uyên", "Vượng", "Xuyến", "Yến", "Ánh", "Bảo", "Cường", "Đoan",
)
# fmt: on
_MIDDLES = ("Nguyễn Thị", "Trần Đăng")


class Turn(StrEnum):
    """What happens to somebody beside writing and submitting."""

    RETURNED = "returned"
    REOPENED = "reopened"
    HELPED_CODE = "helped_code"
    HELPED_YES = "helped_yes"
    PROMISES = "promises"
    YEAR_KEPT = "year_kept"
    DRAFT_ONLY = "draft_only"
    NOTHING = "nothing"
    LATER = "later"  # must write only since the deadline was moved
    OUTSIDE = "outside"  # no form: exempt, or a member for less than six months


@dataclass(frozen=True, slots=True)
class Part:
    """One person: what they type by question (``!`` before a choice), and what happens to them."""

    person: Person
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    turns: frozenset[Turn] = frozenset()
    zalo: bool = False
    helper: str = ""

    @property
    def form(self) -> str:
        """The key of the form that this person fills in 2026."""
        kinds = {"2A": "leader", "2B": "non_leader", "2C": "outside_system"}
        return f"2025/{kinds[self.person.form]}"

    @property
    def writes(self) -> bool:
        """Whether the person fills a form without anybody's help, from the first screen to the last."""
        return not self.turns & {Turn.OUTSIDE, Turn.NOTHING, Turn.HELPED_CODE, Turn.HELPED_YES}

    @property
    def hands_in(self) -> bool:
        """Whether there is a submitted form at the end."""
        return not self.turns & {Turn.OUTSIDE, Turn.NOTHING, Turn.DRAFT_ONLY}


# What is not an ordinary 2B, by the place in the cell; the places are the same in both cells.
_FORMS = dict.fromkeys((1, 2, 3, 4), "2A") | dict.fromkeys((5, 6, 7), "2C")
_ROLES = {0: "Thư ký", 1: "Bí thư"}
_POSITIONS = {1: "Bí thư Chi bộ, Trưởng phòng", 2: "Phó trưởng phòng", 3: "Trưởng khoa", 4: "Hiệu trưởng"}
_ZALO = {4, 7, 11}
_TURNS = {
    3: {Turn.RETURNED, Turn.PROMISES},
    7: {Turn.RETURNED},
    10: {Turn.YEAR_KEPT, Turn.PROMISES},
    12: {Turn.RETURNED},
    13: {Turn.REOPENED},
    14: {Turn.HELPED_CODE},
    15: {Turn.HELPED_YES},
    16: {Turn.YEAR_KEPT},
    20: {Turn.DRAFT_ONLY},
    21: {Turn.NOTHING},
    22: {Turn.OUTSIDE},
    23: {Turn.OUTSIDE},
    24: {Turn.LATER},
}
_HELPERS = {14: 17, 15: 18}
_PROBATIONARY, _EXEMPT, _UNDER_SIX_MONTHS, _SIX_MONTHS_WHEN_MOVED = {8, 9}, 22, 23, 24
_GRADES = ("good", "excellent", "good", "completed", "good", "not_completed", "excellent")


def everybody() -> tuple[Part, ...]:
    """All fifty, cell by cell; the first of each cell is its secretary, the second its chair."""
    return tuple(part for cell in CELLS for part in _cell(cell))


def _cell(cell: str) -> Iterator[Part]:
    which = CELLS.index(cell)
    names = [f"{_MIDDLES[which]} {given}" for given in _GIVEN]
    for place, name in enumerate(names):
        form = _FORMS.get(place, "2B")
        person = Person(
            number=f"FM{which + 1}{place:02}",
            name=name,
            cell=cell,
            role=_ROLES.get(place, ""),
            form=form,
            status=_status(place),
            admitted=_admitted(place),
            born=f"{place % 28 + 1:02}/{place % 12 + 1:02}/{1955 + place}",
            position=_POSITIONS.get(place, ""),
        )
        turns = frozenset(_TURNS.get(place, set()))
        said = _said(which, place, form, turns)
        yield Part(person, said, turns, place in _ZALO, names[_HELPERS[place]] if place in _HELPERS else "")


def _status(place: int) -> str:
    if place == _EXEMPT:
        return "Được miễn công tác và sinh hoạt đảng"
    young = place in _PROBATIONARY or place in {_UNDER_SIX_MONTHS, _SIX_MONTHS_WHEN_MOVED}
    return "Dự bị" if young else "Chính thức"


def _admitted(place: int) -> str:
    # Six months are full on 17/12: not by the first deadline, but by the one it is moved to.
    days = {_UNDER_SIX_MONTHS: "01/09/2026", _SIX_MONTHS_WHEN_MOVED: "17/06/2026"}
    return days.get(place, "19/05/2026" if place in _PROBATIONARY else f"03/02/{1985 + place}")


def _said(which: int, place: int, form: str, turns: frozenset[Turn]) -> dict[str, tuple[str, ...]]:
    """What this person types; no two people type the same, so that a word in the wrong form would be seen."""
    me = f"{which + 1}.{place:02}"
    general, task = 15 + place % 16, 40 + place % 31
    said = {
        "conduct": (f"Giữ gìn đoàn kết, nêu gương (số {me}).",),
        "duties": (f"Dạy {12 + place} lớp, đạt {100 + place}% kế hoạch; “đúng hạn” & đủ <sổ sách> ({me}).",),
        "commitment": (f"Cam kết {me}: đã làm đủ.\nViệc còn lại: đi cơ sở {place} lần.",),
        "shortcomings": (f"Ít đi thực tế, việc {me}.", f"Chưa đọc đủ tài liệu {me}.")[: 1 + place % 2],
        "causes": (f"Chủ quan: chưa sắp xếp thời gian {me}.",),
        "measures": (f"Mỗi quý đi thực tế một lần, {me}.",),
        "general_score": (f"{general},5" if place % 3 == 0 and general < 30 else str(general),),
        "task_score": (str(task),),
        "self_grade": (f"!{_GRADES[place % len(_GRADES)]}",),
    }
    if which == 0 and form == "2B":  # only this cell's secretary has set criteria, and only for 2B
        said["general_score"] = ("9", "11,5", "7")
    if place % 4 == 0:
        fault, note = f"Năm trước họp muộn {me}.", f"Còn hai buổi, khó khăn do lịch dạy {me}."
        said["remediation"] = (fault, "!done") if place % 8 == 0 else (fault, "!ongoing", note)
        said["prompts"] = (f"Giải trình về việc {me}: đã báo cáo chi ủy.",)
    if place % 4 == 1:
        said["responsibility"] = (f"Nhận một phần trách nhiệm, {me}.",)
    if form != "2A" and place % 3 == 1:
        said["tasks"] = (str(20 + place), str(19 + place), "1", str(place))
    if form == "2A":
        said |= _led(me, place)
    if Turn.YEAR_KEPT in turns:
        said |= {"conduct": ("!drafts", "!all"), "annex": ("!drafts", "!all"), "tasks": ("!counted",)}
    return said


def _led(me: str, place: int) -> dict[str, tuple[str, ...]]:
    # On Zalo the unit's grade is typed by what stands beside it, like every choice there.
    unit = (f"Khoa số {me}", "95,5", "5", "10", "!good")
    return {
        "leadership": (f"Đơn vị hoàn thành kế hoạch năm, {me}.",),
        "units": unit if place % 2 else (),
        "drive": (f"Mạnh dạn đổi mới giáo trình {me}.",),
        "example": (f"Gia đình chấp hành tốt, {me}.",),
        "annex": (f"Giáo trình số {me}; đúng hạn; tốt", f"Đề tài {me}, chưa nghiệm thu"),
    }


def notes_of(part: Part) -> tuple[str, ...]:
    """What somebody notes down in the year, tied to a point of the list or to nothing."""
    return tuple(f"{words} {part.person.number}" for words in ("dự hội giảng cấp tỉnh, giải nhì,", "đi cơ sở"))


def tasks_of(part: Part) -> Mapping[str, str]:
    """The year's tasks as typed, and how each ended."""
    number = part.person.number
    return {
        f"Viết giáo án {number} – 3 chuyên đề – 30/6": "exceeded",
        f"Soạn đề cương {number} – 1 tập – 30/9": "late",
        f"Dự giờ {number} – 12 giờ": "done",
    }
