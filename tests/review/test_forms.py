"""The data of the years: complete, in order, and every mistake in a file told with its place."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pytest

from handlers.review import forms
from handlers.review.forms import FormsError, NoRulesError, read_rule_set, rule_set, rule_set_for, rule_sets
from handlers.review.rulebook import Form, Kind, Need
from storage.records import FormKind

EVERY_FORM = [form for rules in rule_sets() for form in rules.forms]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the year 2025, to be spoilt."""
    with resources.as_file(resources.files(forms) / "2025") as shipped:
        return Path(shutil.copytree(shipped, tmp_path / "2025"))


def spoil(folder: Path, file: str, old: str, new: str) -> str:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FormsError) as refused:
        read_rule_set(folder)
    return str(refused.value)


def test_the_letters_of_2025_go_with_the_kinds_of_2025() -> None:
    rules = rule_set("2025")
    codes = {kind: rules.form_for(kind).code for kind in FormKind}
    assert codes == {
        FormKind.LEADER: "Mẫu 02A-HD KĐ.ĐG 2025",
        FormKind.NON_LEADER: "Mẫu 02B-HD KĐ.ĐG 2025",
        FormKind.OUTSIDE_SYSTEM: "Mẫu 02C-HD KĐ.ĐG 2025",
    }
    assert [form.verified for form in rules.forms] == [False, True, True]


def test_2b_and_2c_ask_what_the_forms_print() -> None:
    rules = rule_set("2025")
    printed = {
        kind: [q.number for q in rules.form_for(kind).questions if q.printed]
        for kind in (FormKind.NON_LEADER, FormKind.OUTSIDE_SYSTEM)
    }
    after = ["II.1", "II.2", "III", "IV", "V", "VI", "B.I.1", "B.I.2", "B.II"]
    assert printed[FormKind.NON_LEADER] == ["I.1", "I.2", "PL", "I.3", *after]
    assert printed[FormKind.OUTSIDE_SYSTEM] == ["I.1", "I.2", "I.3", *after]
    second = {kind: rules.form_for(kind).question("duties").heading for kind in printed}
    assert second[FormKind.NON_LEADER] != second[FormKind.OUTSIDE_SYSTEM]


def test_points_add_up_to_a_hundred_in_2025_and_there_are_none_in_2019() -> None:
    assert {form.maximum for form in rule_set("2025").forms} == {100}
    assert {form.maximum for form in rule_set("2019").forms} == {0}
    assert rule_set("2019").level_names == {
        "excellent": "Xuất sắc",
        "good": "Tốt",
        "average": "Trung bình",
        "poor": "Kém",
    }


@pytest.mark.parametrize("form", EVERY_FORM, ids=lambda form: form.key)
def test_what_may_be_left_is_what_the_form_prints_as_if_any(form: Form) -> None:
    for question in form.questions:
        if "(nếu có)" in question.heading:
            assert question.need is Need.IF_ANY, question.key
    assert [q.key for q in form.of_kind(Kind.GRADE)][-1] == "self_grade"


@pytest.mark.parametrize("year", [2010, 2017])
def test_a_year_without_confirmed_rules_says_so(year: int) -> None:
    with pytest.raises(NoRulesError, match=str(year)):
        rule_set_for(year)


def test_unknown_names_say_so() -> None:
    with pytest.raises(NoRulesError, match="1999"):
        rule_set("1999")
    with pytest.raises(NoRulesError):
        forms.form("1999/non_leader")
    with pytest.raises(KeyError):
        forms.form("2025/nobody")
    assert forms.form("2019/leader").kinds == (FormKind.LEADER,)


def test_a_new_year_is_a_new_folder(folder: Path) -> None:
    newer = folder.rename(folder.parent / "2031")
    rules = newer / "rules.toml"
    rules.write_text(
        rules.read_text(encoding="utf-8")
        .replace('id = "2025"', 'id = "2031"')
        .replace("first_year = 2025", "first_year = 2031"),
        encoding="utf-8",
    )
    read = read_rule_set(newer)
    assert read.serves(2031)
    assert not read.serves(2030)
    assert read.form_for(FormKind.NON_LEADER).key == "2031/non_leader"


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("leader.toml", 'kind = "text"', 'kind = "test"', "2025/leader → questions → 0 → kind"),
        ("leader.toml", 'number = "I.1"', 'nummer = "I.1"', "2025/leader → questions → 0 → number"),
        ("leader.toml", 'kinds = ["leader"]', 'kinds = ["non_leader"]', "exactly one form must be for"),
        ("non_leader.toml", 'key = "causes"', 'key = "shortcomings"', "'shortcomings' twice"),
        ("non_leader.toml", "maximum = 70\n\n", "maximum = 60\n\n", "add up to 60"),
        ("non_leader.toml", 'group = "task"', 'group = "tasks"', "needs a group"),
        ("non_leader.toml", 'section = "A.IV"', 'section = "A.9"', "no section 'A.9'"),
        ("non_leader.toml", 'kind = "tasks"', 'kind = "text"', "which 2025/non_leader does not ask"),
        ("non_leader.toml", 'kind = "remediation"', 'kind = "level"', "names no levels"),
        ("rules.toml", "at_least = 70", "at_least = 95", "bands must go down"),
        ("rules.toml", "at_least = 30\n", "", "nothing to compare with"),
        ("rules.toml", "above = 50", "", "one of above, below"),
        ("rules.toml", 'cap_default = "A"', 'cap_default = "Z"', "'Z' is no reading"),
        ("rules.toml", 'id = "2025"', 'id = "2026"', "the folder is '2025'"),
        ("rules.toml", 'grade = "excellent"', 'grade = "superb"', "bands → 0 → grade"),
        ("rules.toml", "first_year = 2025", "first_year = ", "2025/rules.toml"),
        ("rules.toml", 'good = "Hoàn thành tốt nhiệm vụ"\n', "", "four grades"),
    ],
)
def test_a_mistake_is_told_with_its_place(folder: Path, file: str, old: str, new: str, told: str) -> None:
    assert told in spoil(folder, file, old, new)


def test_a_missing_file_is_told(folder: Path) -> None:
    (folder / "rules.toml").unlink()
    with pytest.raises(FormsError, match=r"rules\.toml"):
        read_rule_set(folder)
