"""Commands by words: what a person types without a slash to get somewhere, on every messenger. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from handlers.dialogue.fold import fold
from handlers.dialogue.said import Command

# Command, words that mean it wherever they are the whole message, and words that mean it only where the step does
# not understand them itself and waits for no text: "Huy" is somebody's name, "đảng viên" somebody's position.
_SPOKEN: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("menu", ("menu",), ("man hinh chinh", "trang chu", "home")),
    ("review", ("kiem diem", "kiemdiem", "review"), ("ban kiem diem", "viet kiem diem", "tu kiem diem")),
    ("checklist", ("bay viec", "bayviec", "checklist"), ("bay viec trong nam", "7 viec", "danh muc viec")),
    ("note", ("ghi chep", "ghichep"), ("note", "ghi chep trong nam", "so tay")),
    ("tasks", ("nhiemvu", "tasks"), ("nhiem vu", "nhiem vu trong nam", "nhiem vu duoc giao")),
    ("summary", ("tong hop", "tonghop", "summary"), ("bang tong hop", "xem tong hop")),
    ("remind", ("remind",), ("nhac", "nhac viec", "nhac nho")),
    ("members", ("members",), ("dang vien", "dangvien", "danh sach", "danh sach dang vien")),
    ("deadlines", ("deadlines",), ("han", "han nop", "thoi han")),
    ("criteria", ("tieuchi",), ("tieu chi", "tieu chi cham diem", "criteria")),
    ("assist", ("viet giup", "vietgiup"), ("nhap giup", "assist")),
    ("bangiay", ("ban giay", "bangiay"), ()),
    ("practice", ("tap thu", "tapthu"), ("practice",)),
    ("templates", ("mau in", "mauin", "templates"), ("sua mau in",)),
    ("link", ("lien ket", "lienket"), ("link", "them zalo", "them telegram", "them ung dung")),
    ("me", (), ("toi", "me", "du lieu cua toi")),
    ("help", ("tro giup", "trogiup", "help"), ("giup", "giup toi", "huong dan")),
    ("cancel", ("cancel",), ("huy", "huy bo", "dung lai")),
)

_LONGEST = 60  # characters: nothing longer is folded in vain
_OF_A_YEAR = frozenset({"review", "summary"})
_DATED = re.compile(r"(.+?)(?: nam)? (20[0-9]{2})")
ANYWHERE: Mapping[str, str] = {word: name for name, words, _ in _SPOKEN for word in words}
ELSE: Mapping[str, str] = {word: name for name, _, words in _SPOKEN for word in words}


def command_anywhere(text: str) -> Command | None:
    """The command that the whole message is, at any step; "tổng hợp 2025" is one with its year."""
    if len(text) > _LONGEST:
        return None
    folded = fold(text)
    if name := ANYWHERE.get(folded):
        return Command(name)
    dated = _DATED.fullmatch(folded)
    name = ANYWHERE.get(dated[1]) if dated else None
    return Command(name, dated[2]) if dated and name in _OF_A_YEAR else None


def command_else(text: str) -> Command | None:
    """The command that the whole message is, where it was understood as nothing else."""
    if known := command_anywhere(text):
        return known
    name = ELSE.get(fold(text)) if len(text) <= _LONGEST else None
    return Command(name) if name else None
