"""Points by criteria: which criteria count for a question, what a reply means, the screen that asks for the next.

The criteria are the committee's own. Where their greatest points do not add up to the question's, they are not
used, and the whole group is asked for as one figure. What was given stays when the criteria change: only what is
missing is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.dialogue.engine import Answer
from handlers.dialogue.flow import Option, Refusal, refusal
from handlers.dialogue.fold import fold
from handlers.dialogue.phrases import Phrase, Points, Strong, Text, lines, paragraphs, t
from handlers.review.facts import Part, in_parts, parts_of, points_of, points_so_far, running_points
from handlers.review.numbers import looks_like_points, parse_part_points, parse_points
from handlers.review.rulebook import Form, Kind, Question
from handlers.review.taken import NEXT, STAY, Taken
from handlers.review.views import ReviewView
from storage.records import ScoreTenths

Criteria = Mapping[str, tuple[Part, ...]]

_LIST_ROOM = 1500
_LABEL = 600


def usable(parts: Iterable[Part], maximum: int) -> bool:
    """Whether these criteria can be counted with: their greatest points add up to the question's (whole) points."""
    return sum(part.maximum for part in parts) == maximum * 10


def settled(question: Question, given: Any, criteria: tuple[Part, ...]) -> Any:
    """An answer under the criteria that count now: points stay with their label, what is new has none yet.

    What cannot stay (a total of the whole group, a criterion that went, points above a new maximum) is kept inside
    as ``before`` until the next reply puts it into the history.
    """
    if given is None or not usable(criteria, question.maximum):
        return given
    old = parts_of(given)
    if [(part.label, part.maximum) for part in old] == [(part.label, part.maximum) for part in criteria]:
        return given
    known = {fold(part.label): part.points for part in old}
    now = [Part(part.label, part.maximum, _kept(part, known.get(fold(part.label)))) for part in criteria]
    kept = sum(part.points is not None for part in now)
    loses = not old or kept < sum(part.points is not None for part in old)
    return in_parts(now) | ({"before": given} if loses else {})


def settle(form: Form, answers: Mapping[str, Any], criteria: Criteria) -> dict[str, Any]:
    """All answers of a draft under the criteria that count now."""
    scores = {question.key: question for question in form.of_kind(Kind.SCORE)}
    return {
        key: settled(scores[key], given, criteria.get(key, ())) if key in scores else given
        for key, given in answers.items()
    }


def parts_now(view: ReviewView, question: Question) -> tuple[Part, ...]:
    """The criteria by which this question is answered now; nothing where it takes one figure."""
    if question.kind is not Kind.SCORE:
        return ()
    criteria = view.criteria.get(question.key, ())
    if usable(criteria, question.maximum):
        return parts_of(settled(question, view.answers.get(question.key), criteria)) or criteria
    return parts_of(view.answers.get(question.key))


def current(view: ReviewView, question: Question) -> int | None:
    """The criterion in view, from 0: the one chosen, else the first without points; None: all have theirs."""
    parts = parts_now(view, question)
    chosen = view.cursor.get("part")
    if view.cursor.get("part_of") == question.key and isinstance(chosen, int) and chosen < len(parts):
        return chosen
    return _open_after(parts, -1)


def read_score(text: str) -> object:
    """Words that may be points, as they are: how many there can be depends on the criterion in view."""
    return text if looks_like_points(text) else refusal("review.points.figure")


def take_score(view: ReviewView, question: Question, answer: Answer) -> Taken:
    """What a figure, or a choice among the criteria, means."""
    parts = parts_now(view, question)
    if not parts:
        return _whole(view, question, str(answer.value))
    place = current(view, question)
    if answer.option is not None:
        return _turned(parts, place, answer.option)
    if place is None:
        return Taken(say=t("review.score.choose_part"))
    points = parse_part_points(str(answer.value), ScoreTenths(parts[place].maximum))
    if isinstance(points, Refusal):
        return Taken(say=points.why, part=place)
    now = [*parts[:place], Part(parts[place].label, parts[place].maximum, points), *parts[place + 1 :]]
    following = _open_after(tuple(now), place)
    corrected = _open_after(parts, -1) is None
    return Taken(
        NEXT if following is None and not corrected else STAY,
        writes=True,
        value=in_parts(now),
        replaces=parts[place].points is not None or "before" in _given(view, question),
        say=_sums(view, question, now[place], in_parts(now)),
        part=following,
    )


def score_screen(view: ReviewView, question: Question) -> Phrase:
    """The criteria with their points, the sums, and what is asked next."""
    parts = parts_now(view, question)
    place = current(view, question)
    room = max(30, _LIST_ROOM // max(1, len(parts)))
    given = in_parts(parts)
    so_far = t("review.score.sums", **_running(view, question, given))
    asked: Phrase = t("review.score.done")
    if place is not None:
        part = parts[place]
        head = t("review.score.part", place=place + 1, total=len(parts), label=_clip(part.label, _LABEL))
        asked = lines(Strong(head), t("review.score.type", max=Points(part.maximum)))
    changed = "before" in _given(view, question)
    return paragraphs(
        t("review.score.changed") if changed else None,
        lines(t("review.criteria"), *(_line(n, part, room, here=n == place) for n, part in enumerate(parts))),
        so_far,
        asked,
    )


def score_options(view: ReviewView, question: Question) -> tuple[Option, ...]:
    """The ways among the criteria: the one before, this one later, and any one to be corrected."""
    parts, place = parts_now(view, question), current(view, question)
    if not parts:
        return ()
    if place is None:
        return tuple(_correct(n) for n in range(len(parts)))
    ways = []
    if place > 0:
        ways.append(Option("before", t("review.score.before"), ("tieu chi truoc", "previous"), wide=False))
    if _open_after(parts, place) not in {None, place}:
        ways.append(Option("later", t("review.score.later"), ("tieu chi sau", "next one"), wide=False))
    return tuple(ways)


def score_phrase(question: Question, given: Any) -> Phrase:
    """The points of a score answer in one line."""
    whole = points_of(given)
    if whole is not None:
        return t("review.points", points=Points(whole), max=question.maximum)
    parts = parts_of(given)
    done = sum(part.points is not None for part in parts)
    return t("review.score.partly", done=done, total=len(parts), points=Points(points_so_far(given)))


def part_lines(given: Any) -> tuple[Text, ...]:
    """Each criterion of a score answer with its points, for whoever reads the form."""
    return tuple(
        t(
            "review.score.read",
            label=part.label,
            points="–" if part.points is None else Points(part.points),
            max=Points(part.maximum),
        )
        for part in parts_of(given)
    )


def _whole(view: ReviewView, question: Question, text: str) -> Taken:
    points = parse_points(text, question.maximum)
    if isinstance(points, Refusal):
        return Taken(say=points.why)
    total, maximum = running_points(view.form, {**view.answers, question.key: points})
    say = t("review.saved.points", total=Points(total), max=maximum)
    return Taken(NEXT, writes=True, value=points, replaces=True, say=say)


def _turned(parts: tuple[Part, ...], place: int | None, option: str) -> Taken:
    if option == "before" and place:
        return Taken(part=place - 1)
    if option == "later" and place is not None:
        return Taken(part=_open_after(parts, place))
    number = option.removeprefix("p")
    return Taken(part=int(number)) if number.isdigit() and int(number) < len(parts) else Taken()


def _open_after(parts: tuple[Part, ...], place: int) -> int | None:
    """The next criterion without points, those behind ``place`` first; None where all have theirs."""
    waiting = [n for n, part in enumerate(parts) if part.points is None]
    return next((n for n in waiting if n > place), waiting[0] if waiting else None)


def _kept(part: Part, points: ScoreTenths | None) -> ScoreTenths | None:
    return points if points is not None and points <= part.maximum else None


def _given(view: ReviewView, question: Question) -> Mapping[str, Any]:
    given = view.answers.get(question.key)
    return given if isinstance(given, dict) else {}


def _sums(view: ReviewView, question: Question, part: Part, value: Any) -> Phrase:
    figures = {"points": Points(part.points or 0), "max": Points(part.maximum)}
    return t("review.score.saved", **figures, **_running(view, question, value))


def _running(view: ReviewView, question: Question, value: Any) -> dict[str, Any]:
    answers = {**view.answers, question.key: value}
    group = [asked for asked in view.form.of_kind(Kind.SCORE) if asked.group == question.group]
    in_group = sum(points_so_far(answers[asked.key]) for asked in group if answers.get(asked.key) is not None)
    return {
        "group": Points(in_group),
        "group_max": sum(asked.maximum for asked in group),
        "total": Points(running_points(view.form, answers)[0]),
        "total_max": view.form.maximum,
    }


def _line(place: int, part: Part, room: int, *, here: bool) -> Phrase:
    label = _clip(part.label, room)
    if part.points is None:
        return t(
            "review.score.open", mark="▸" if here else "○", number=place + 1, label=label, max=Points(part.maximum)
        )
    figures = {"points": Points(part.points), "max": Points(part.maximum)}
    return t("review.score.given", mark="▸" if here else "✓", number=place + 1, label=label, **figures)


def _correct(place: int) -> Option:
    number = place + 1
    words = (f"sua {number}", f"tieu chi {number}", f"change {number}")
    return Option(f"p{place}", t("review.score.correct", number=number), words, wide=False)


def _clip(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 2]} …"
