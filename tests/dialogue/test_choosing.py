"""Typed words that are a button: folded, unless folding makes two people one."""

from __future__ import annotations

import unicodedata

import pytest

from handlers.dialogue.engine import choose
from handlers.dialogue.flow import Option
from handlers.dialogue.phrases import Phrase, Plain

PEOPLE = (
    Option("p1", Plain("Nguyễn Văn An")),
    Option("p2", Plain("Nguyễn Văn Ân")),
    Option("p3", Plain("Trần Thị Bình"), ("sua",)),
    Option("p4", Plain("Sửa"), ("sua",)),
)
SHOWN = tuple(option.id for option in PEOPLE)


def label(phrase: Phrase) -> str:
    assert isinstance(phrase, Plain)
    return phrase.words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Nguyễn Văn An", "p1"),
        ("nguyễn văn ân", "p2"),
        (unicodedata.normalize("NFD", "Nguyễn Văn Ân"), "p2"),
        ("nguyen van an", None),
        ("NGUYEN VAN AN", None),
        ("tran thi binh", "p3"),
        ("2", "p2"),
        ("Số 2", "p2"),
        ("chon so 2", "p2"),
        ("so 22", None),
        ("-2", None),
        ("5", None),
        ("3. Trần Thị Bình", "p3"),
        ("2) nguyễn văn ân", "p2"),
        ("2. Trần Thị Bình", None),
        ("5. Trần Thị Bình", None),
        ("sửa", "p4"),
        ("", None),
    ],
)
def test_one_name_is_one_person(typed: str, meant: str | None) -> None:
    assert choose(typed, PEOPLE, SHOWN, label, numbers=True) == meant
