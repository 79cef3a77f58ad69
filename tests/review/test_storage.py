"""What is remembered of a self-assessment, on a real database file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from storage import reviews
from storage.records import Grade, MemberId, Review, ReviewState
from tests.review.scene import Scene

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def begun(scene: Scene) -> tuple[Scene, Callable[[], Review]]:
    """A scene with one review begun, and how to look at it again."""
    cycle, an = scene.open_cycle(), scene.member("An")
    scene.write(lambda tx: reviews.begin(tx, cycle.id, MemberId(an.member or 0), "2025/non_leader", NOW))
    return scene, lambda: scene.review(cycle, an)


def test_beginning_twice_is_beginning_once(begun: tuple[Scene, Callable[[], Review]]) -> None:
    scene, look = begun
    first = look()
    again = scene.write(lambda tx: reviews.begin(tx, first.cycle_id, first.member_id, "2025/leader", NOW))
    assert again == first
    assert (first.form, first.state, first.version) == ("2025/non_leader", ReviewState.DRAFT, 0)
    assert scene.write(lambda tx: reviews.begun_cycles(tx, first.member_id)) == {first.cycle_id}


@pytest.mark.parametrize(
    "value", ["chữ", ["một", "hai"], {"given": 3}, 895, None, [], [{"text": "a", "state": None}]]
)
def test_every_shape_of_answer_comes_back_as_it_went_in(
    begun: tuple[Scene, Callable[[], Review]], value: object
) -> None:
    scene, look = begun
    scene.write(lambda tx: reviews.write(tx, look(), "conduct", "trước", NOW))
    review = look()
    scene.write(lambda tx: reviews.write(tx, review, "conduct", value, NOW))
    assert look().answers == {"conduct": value}


def test_what_is_put_away_comes_back_only_to_its_own_question(begun: tuple[Scene, Callable[[], Review]]) -> None:
    scene, look = begun
    review = look()
    number = scene.write(lambda tx: reviews.keep(tx, review, "causes", ["một"], NOW))
    assert scene.write(lambda tx: reviews.kept(tx, review, "causes", number)) == ["một"]
    assert scene.write(lambda tx: reviews.kept(tx, review, "conduct", number)) is None
    assert scene.write(lambda tx: reviews.kept(tx, review, "causes", number + 1)) is None


def test_versions_never_change_and_the_draft_goes_on(begun: tuple[Scene, Callable[[], Review]]) -> None:
    scene, look = begun
    for text, grade in (("một", Grade.GOOD), ("hai", Grade.EXCELLENT)):
        review = look()
        scene.write(partial(reviews.write, review=review, key="conduct", value=text, now=NOW))
        written = look()
        later = NOW + timedelta(days=written.version)
        scene.write(partial(reviews.submit, review=written, self_grade=grade, suggested=None, now=later))
    review = look()
    scene.write(lambda tx: reviews.remove(tx, review, "conduct"))
    after = look()
    assert (after.state, after.version, after.answers) == (ReviewState.DRAFT, 2, {})
    kept = scene.write(lambda tx: reviews.versions(tx, after))
    assert [(v.version, v.answers["conduct"], v.self_grade) for v in kept] == [
        (1, "một", Grade.GOOD),
        (2, "hai", Grade.EXCELLENT),
    ]
    [submission] = scene.write(lambda tx: reviews.submissions(tx, after.cycle_id))
    assert submission.latest == kept[1]
    assert submission.first_at == NOW
    assert submission.full_name == "An"


def test_drafts_are_not_among_the_submissions(begun: tuple[Scene, Callable[[], Review]]) -> None:
    scene, look = begun
    review = look()
    scene.write(lambda tx: reviews.write(tx, review, "conduct", "nháp", NOW))
    assert scene.write(lambda tx: reviews.submissions(tx, review.cycle_id)) == ()


def test_the_place_is_remembered(begun: tuple[Scene, Callable[[], Review]]) -> None:
    scene, look = begun
    review = look()
    scene.write(lambda tx: reviews.set_place(tx, review, "causes"))
    assert look().place == "causes"
