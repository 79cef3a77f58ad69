"""How a member answers each kind of question, with what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from handlers.review.rulebook import Kind, Need, Question
from tests.torture.model import PARTS, UNIT_PARTS
from tests.torture.thumb import BACK_WORDS, Thumb

_NEXT = ("tiếp", "tiep theo", "xong", "Tiếp tục")
_GRADES = {
    "excellent": ("xuat sac", "1"),
    "good": ("Hoàn thành tốt nhiệm vụ", "2", "tot"),
    "completed": ("3", "hoan thanh nhiem vu"),
}


class Answering(Thumb):
    """The questions of the form."""

    def _at_question(self, question: Question) -> None:
        if self._rng.random() < 0.05:
            self._press("nav.back", BACK_WORDS)
            self.model.back()
            return
        by_kind: dict[Kind, Callable[[Question], None]] = {
            Kind.TEXT: self._text,
            Kind.LIST: self._list,
            Kind.REMEDIATION: self._remediation,
            Kind.TASKS: self._tasks,
            Kind.UNITS: self._units,
            Kind.SCORE: self._score,
            Kind.GRADE: self._grade,
        }
        by_kind[question.kind](question)

    def _goes_on(self, question: Question, *, keen: float = 0.6) -> bool:
        """Leave the question where something is written, or say that there is nothing."""
        model = self.model
        given = model.written.get(question.key)
        if given or (question.key in model.written and self._rng.random() < 0.7):
            if self._rng.random() < keen:
                self._press("next", _NEXT)
                model.onwards()
                return True
        elif question.need is not Need.REQUIRED and self._rng.random() < 0.6:
            self._press("none", ("không có", "khong"))
            model.write(None, replaces=True, to=None)
            return True
        return False

    def _text(self, question: Question) -> None:
        model = self.model
        if self._goes_on(question):
            return
        old = model.written.get(question.key) or ""
        if old and (self._rng.random() < 0.12 or len(old) > 7000):
            self._press("again", ("viết lại",))
            model.remove()
            return
        words = self._words.long() if self._rng.random() < 0.15 else self._words.piece()
        self._say(words, burst=f"text {question.key}")
        if self._acts[-1].hurry and not self._stretch.ordered:
            model.unordered.add(question.key)
        model.write(f"{old}\n{words}" if old else words, replaces=False, to=model.step)

    def _list(self, question: Question) -> None:
        model = self.model
        items = list(model.written.get(question.key) or [])
        if self._goes_on(question):
            return
        if items and self._stretch.ordered and (self._rng.random() < 0.15 or len(items) > 8):
            self._press("drop", ("bỏ ý cuối",))
            if items[1:]:
                model.write(items[:-1], replaces=True, to=model.step)
            else:
                model.remove()
            return
        words = self._words.piece(most=120)
        self._say(words, burst=f"list {question.key}")
        if self._acts[-1].hurry and not self._stretch.ordered:
            model.unordered.add(question.key)
        model.write([*items, words], replaces=False, to=model.step)

    def _remediation(self, question: Question) -> None:
        model = self.model
        faults = [dict(fault) for fault in model.written.get(question.key) or []]
        if model.step.endswith(".state"):
            self._remedy_state(question, faults)
        elif model.step.endswith(".note"):
            words = self._words.piece(most=80)
            self._say(words)
            faults[model.item]["note"] = "\n".join(filter(None, (faults[model.item]["note"], words)))
            model.write(faults, replaces=False, to=question.key)
        elif any(not fault["state"] for fault in faults):
            # Left open by going back: the way on leads to it again.
            self._press("next", _NEXT)
            model.stay_with(f"{question.key}.state")
        elif len(faults) > 5 or not self._goes_on(question):
            if len(faults) > 5:
                self._press("next", _NEXT)
                model.onwards()
                return
            words = self._words.piece(most=120)
            self._say(words)
            faults.append({"text": words, "state": None, "note": ""})
            model.write(faults, replaces=False, to=f"{question.key}.state")

    def _remedy_state(self, question: Question, faults: list[dict[str, object]]) -> None:
        typed = {"done": ("đã",), "ongoing": ("đang", "dang khac phuc"), "not_yet": ("chưa",)}
        state = self._rng.choice(tuple(typed))
        self._press(state, typed[state])
        self.model.item = next(place for place, fault in enumerate(faults) if not fault["state"])
        faults[self.model.item]["state"] = state
        to = question.key if state == "done" else f"{question.key}.note"
        self.model.write(faults, replaces=False, to=to)

    def _tasks(self, question: Question) -> None:
        model = self.model
        part = model.step.partition(".")[2] or PARTS[0]
        given = model.written.get(question.key) or {}
        if part == PARTS[0] and (not given or len(given) == len(PARTS)) and self._goes_on(question, keen=0.9):
            return
        place = PARTS.index(part)
        most = {"given": 40, "done": given.get("given", 0)}.get(part, given.get("done", 0))
        number = self._rng.randint(1 if part == "given" else 0, most)
        self._say(str(number))
        counts = {name: given.get(name, 0) for name in PARTS[:place]} | {part: number}
        to = None if len(counts) == len(PARTS) else f"{question.key}.{PARTS[place + 1]}"
        model.write(counts, replaces=bool(given.get(part)), to=to)

    def _units(self, question: Question) -> None:
        """A unit that is led: its name, then what is asked about it, one thing after the other."""
        model = self.model
        units = [dict(unit) for unit in model.written.get(question.key) or []]
        open_unit = next((unit for unit in units if not unit.keys() >= set(UNIT_PARTS)), None)
        part = model.step.partition(".")[2]
        if part and open_unit is not None:
            open_unit[part] = self._about_unit(part, open_unit)
            place = UNIT_PARTS.index(part) + 1
            to = f"{question.key}.{UNIT_PARTS[place]}" if place < len(UNIT_PARTS) else question.key
            model.write(units, replaces=False, to=to)
        elif open_unit is not None:
            # Left open by going back: the way on leads to it again.
            self._press("next", _NEXT)
            model.stay_with(f"{question.key}.{next(p for p in UNIT_PARTS if p not in open_unit)}")
        elif len(units) > 3:
            self._press("next", _NEXT)
            model.onwards()
        elif not self._goes_on(question):
            name = " ".join(self._words.piece(most=60).split())
            self._say(name)
            model.write([*units, {"name": name}], replaces=False, to=f"{question.key}.{UNIT_PARTS[0]}")

    def _about_unit(self, part: str, unit: dict[str, Any]) -> Any:
        if part != "done" and self._rng.random() < 0.3:
            self._press("unknown", ("chưa rõ",))
            return None
        if part == "grade":
            grade = self._rng.choice(tuple(_GRADES))
            self._press(grade)
            return grade
        share = self._rng.randint(50, 100) if part == "done" else self._rng.randint(0, unit["done"] // 10)
        self._say(f"{share}%")
        return share * 10

    def _score(self, question: Question) -> None:
        if self._goes_on(question, keen=0.5):
            return
        tenths = self._rng.randrange(1, question.maximum * 2 + 1) * 5
        shown = f"{tenths // 10},{tenths % 10}" if tenths % 10 else str(tenths // 10)
        self._say(self._rng.choice((shown, f"{shown} điểm", f"{shown}/{question.maximum}")))
        self.model.write(tenths, replaces=True, to=None)

    def _grade(self, question: Question) -> None:
        if self._goes_on(question, keen=0.5):
            return
        grade = self._rng.choice(tuple(_GRADES))
        self._press(grade, _GRADES[grade])
        self.model.write(grade, replaces=True, to=None)
