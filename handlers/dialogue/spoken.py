"""Commands by words: what a person types without a slash to get somewhere, on every messenger. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.dialogue.fold import fold

# Command, words that mean it wherever they are the whole message, and words that mean it only where the step does
# not understand them itself and waits for no text: "Huy" is somebody's name, "đảng viên" somebody's position.
_SPOKEN: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("menu", ("menu",), ("man hinh chinh", "trang chu", "home")),
    ("review", ("kiem diem", "kiemdiem", "review"), ("ban kiem diem", "viet kiem diem", "tu kiem diem")),
    ("checklist", ("bay viec", "bayviec", "checklist"), ("bay viec trong nam", "7 viec", "danh muc viec")),
    ("summary", ("tong hop", "tonghop", "summary"), ("bang tong hop", "xem tong hop")),
    ("remind", ("remind",), ("nhac", "nhac viec", "nhac nho")),
    ("members", ("members",), ("dang vien", "dangvien", "danh sach", "danh sach dang vien")),
    ("deadlines", ("deadlines",), ("han", "han nop", "thoi han")),
    ("link", ("lien ket", "lienket"), ("link", "them zalo", "them telegram", "them ung dung")),
    ("me", (), ("toi", "me", "du lieu cua toi")),
    ("help", ("tro giup", "trogiup", "help"), ("giup", "giup toi", "huong dan")),
    ("cancel", ("cancel",), ("huy", "huy bo", "dung lai")),
)

_LONGEST = 60  # characters: nothing longer is folded in vain
ANYWHERE: Mapping[str, str] = {word: name for name, words, _ in _SPOKEN for word in words}
ELSE: Mapping[str, str] = {word: name for name, _, words in _SPOKEN for word in words}


def command_anywhere(text: str) -> str | None:
    """The command that the whole message is, at any step."""
    return ANYWHERE.get(fold(text)) if len(text) <= _LONGEST else None


def command_else(text: str) -> str | None:
    """The command that the whole message is, where it was understood as nothing else."""
    return command_anywhere(text) or (ELSE.get(fold(text)) if len(text) <= _LONGEST else None)
