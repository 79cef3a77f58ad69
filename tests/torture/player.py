"""The plan of one member's conversation: what they do, one act after the other, and what must come of it."""

from __future__ import annotations

from handlers.review.rulebook import Question
from tests.torture.acts import Act, Kinds, Stretch
from tests.torture.answering import Answering
from tests.torture.model import Mark
from tests.torture.thumb import BACK_WORDS

_STATES = {
    "done": ("xong", "đã xong", "hoan thanh"),
    "in_progress": ("đang làm", "dang"),
    "not_started": ("chưa", "chua lam"),
    "not_applicable": ("không áp dụng",),
}
POINTS = 7


class Player(Answering):
    """Makes the acts of one member and keeps the model in step with them; equal seeds give equal plans."""

    def play(self, stretch: Stretch) -> tuple[Act, ...]:
        """The acts of one part of the run, exactly so many messages."""
        self._stretch, self._acts, self._burst = stretch, [], ""
        if stretch.reminded:
            self._act(Kinds.REMINDED)
            self.model.enter("review", "start")
        elif stretch.messages:
            self._say("/menu", hurry=False)
            self.model.enter("home", "doors")
        while self._left() > 0:
            self._turn()
        return tuple(self._acts)

    def _turn(self) -> None:
        if self._rng.random() < 0.14:
            self._interlude()
            return
        model = self.model
        if model.question is not None:
            self._at_question(model.question)
            return
        getattr(self, f"_at_{model.step}")()

    def _interlude(self) -> None:
        """What changes nothing, or only the place."""
        choice = self._rng.randrange(8)
        match choice:
            case 0:
                self._say(f"/{self._words.sign()}")
            case 1:
                self._act(Kinds.STICKER, hurry=self._stretch.ordered and self._rng.random() < 0.4)
            case 2:
                self._act(Kinds.EDIT, hurry=self._stretch.ordered and self._rng.random() < 0.4)
            case 3 if self._stretch.ordered and self._left() > 2 and len(self._acts) > 3:
                self._act(Kinds.OLD)
                self._settle()
            case 4:
                self._say("/help")
                self.model.enter("help", "help")
            case 5:
                self._say(self._rng.choice(("/checklist", "/bayviec")))
                self.model.enter("checklist", "list")
            case 6 if self._stretch.review:
                self._say(self._rng.choice(("/review", "/kiemdiem")))
                self.model.enter("review", "start")
            case _:
                self._say("/menu")
                self.model.enter("home", "doors")

    # Home and help.

    def _at_doors(self) -> None:
        if self._stretch.review and self._rng.random() < 0.75:
            self._press("review", ("/review", "/kiemdiem"))
            self.model.enter("review", "start")
        elif self._rng.random() < 0.5:
            self._typed_mark()
        else:
            self._press("checklist", ("/checklist",))
            self.model.enter("checklist", "list")

    def _at_help(self) -> None:
        if self._stretch.review:
            self._say("/review")
            self.model.enter("review", "start")
        else:
            self._say("/checklist")
            self.model.enter("checklist", "list")

    # The seven points.

    def _at_list(self) -> None:
        chance = self._rng.random()
        number = self._rng.randint(1, POINTS)
        if self._stretch.review and chance < 0.35:
            self._say("/review")
            self.model.enter("review", "start")
        elif chance < 0.6:
            self._press(f"p#{number}")
            self.model.tap(number)
        elif chance < 0.85:
            self._typed_mark()
        else:
            self._press("more", ("ghi chú", "vuong"))
            self.model.step = "pick"

    def _typed_mark(self) -> None:
        number = self._rng.randint(1, POINTS)
        state = self._rng.choice((*_STATES, "blocked"))
        if state == "blocked":
            reason = self._words.piece(most=60).replace(";", ",")
            self._say(f"{number} vướng: {reason}")
            self.model.mark(number, state, remark=reason)
            return
        self._say(f"{number} {self._rng.choice(_STATES[state])}")
        self.model.mark(number, state)

    def _at_pick(self) -> None:
        number = self._rng.randint(1, POINTS)
        self._press(f"p#{number}")
        self.model.point, self.model.step = number, "point"

    def _at_point(self) -> None:
        state = self.model.marks.get(self.model.point, Mark()).state
        choice = self._rng.choice([*(s for s in (*_STATES, "blocked") if s != state), "note", "back"])
        match choice:
            case "back":
                self._press("nav.back", BACK_WORDS)
                self.model.back()
            case "note":
                self._press("note", ("ghi chú",))
                self.model.step = "note"
            case "blocked":
                self._press("blocked")
                self.model.step = "reason"
            case _:
                self._press(choice)
                self.model.mark(self.model.point, choice)

    def _at_reason(self) -> None:
        words = self._words.piece(most=80)
        self._say(words)
        self.model.mark(self.model.point, "blocked", remark=words)

    def _at_note(self) -> None:
        words = self._words.piece(most=80)
        self._say(words)
        self.model.note(self.model.point, words)
        self.model.enter("checklist", "list")

    # Around the questions.

    def _at_start(self) -> None:
        model = self.model
        if model.answers is None:
            self._press("begin", ("bắt đầu", "viet"))
            model.begin()
        elif model.submitted and self._rng.random() < 0.3:
            self._press("versions", ("các lần đã nộp",))
            model.step = "versions"
        elif model.submitted or self._rng.random() < 0.15:
            self._press("overview", ("xem", "sua"))
            model.step = "overview"
        else:
            self._press("continue", ("viết tiếp", "tiep tuc"))
            model.go_on()

    def _at_overview(self) -> None:
        model, missing = self.model, self.model.missing()
        if not missing and not model.submitted and self._rng.random() < 0.8:
            self._press("submit", ("nộp", "nop bai"))
            model.step = "confirm"
        elif missing and self._rng.random() < 0.8:
            self._press("fill", ("câu còn thiếu",))
            model.change(missing[0])
        else:
            way = self._rng.choice(("change", "change", "read", "why"))
            self._press(way)
            model.step = way

    def _at_confirm(self) -> None:
        if self._rng.random() < 0.85:
            self._press("yes", ("đồng ý", "nộp"))
            self.model.submit()
        else:
            self._press("no", ("chưa",))
            self.model.step = "overview"

    def _at_change(self) -> None:
        model = self.model
        place = self._rng.randrange(len(model.form.sections))
        inside = self._inside(place)
        self._press(f"s{place}")
        if len(inside) == 1:
            model.change(inside[0])
        else:
            model.section, model.step = place, "part"

    def _inside(self, place: int) -> list[Question]:
        number = self.model.form.sections[place].number
        return [q for q in self.model.form.questions if q.section == number]

    def _at_part(self) -> None:
        question = self._rng.choice(self._inside(self.model.section))
        self._press(question.key)
        self.model.change(question)

    def _at_read(self) -> None:
        self._press("overview", ("xong",))
        self.model.step = "overview"

    def _at_why(self) -> None:
        self._press("nav.back", BACK_WORDS)
        self.model.back()

    def _at_versions(self) -> None:
        self._press("nav.back", BACK_WORDS)
        self.model.back()
