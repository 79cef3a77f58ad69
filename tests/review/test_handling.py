"""Who handles whose form: nobody their own, the deputy the head's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from handlers.review.handling import handles, is_head, officers_of, who_handles
from storage.records import CellId, FormKind, Member, MemberId, Role, Status
from tests.review.scene import Scene, fill


def person(number: int, *roles: Role) -> Member:
    return Member(
        MemberId(number),
        CellId(1),
        str(number),
        f"Người {number}",
        FormKind.NON_LEADER,
        Status.OFFICIAL,
        roles=frozenset({Role.MEMBER, *roles}),
    )


HEAD, DEPUTY, CLERK, PLAIN, WATCHER = (
    person(1, Role.CHAIR),
    person(2, Role.DEPUTY),
    person(3, Role.SECRETARY),
    person(4),
    person(5, Role.OBSERVER),
)
CELL = (HEAD, DEPUTY, CLERK, PLAIN, WATCHER)


def test_the_officers_are_those_who_may_read_and_are_still_there() -> None:
    assert officers_of(CELL) == (HEAD, DEPUTY, CLERK)
    assert officers_of([replace(DEPUTY, removed_at=date.today())]) == ()  # type: ignore[arg-type]  # noqa: DTZ011


def test_a_members_form_is_every_officers_and_never_their_own() -> None:
    officers = officers_of(CELL)
    assert who_handles(PLAIN, officers) == {1, 2, 3}
    assert who_handles(CLERK, officers) == {1, 2}
    assert who_handles(DEPUTY, officers) == {1, 3}


def test_the_heads_form_is_the_deputys_alone() -> None:
    assert is_head(HEAD)
    assert who_handles(HEAD, officers_of(CELL)) == {2}
    assert not handles(CLERK, HEAD, officers_of(CELL))
    assert not handles(HEAD, HEAD, officers_of(CELL))


def test_without_a_deputy_the_heads_form_does_not_lie_unread() -> None:
    assert who_handles(HEAD, (HEAD, CLERK)) == {3}
    assert who_handles(HEAD, (HEAD,)) == frozenset()
    # A head who is the only deputy too handles nothing of their own.
    both = person(1, Role.CHAIR, Role.DEPUTY)
    assert who_handles(both, (both, CLERK)) == {3}


def test_another_cells_officer_handles_nothing_here() -> None:
    assert who_handles(PLAIN, [replace(DEPUTY, cell_id=CellId(2))]) == frozenset()


def test_the_reading_list_shows_the_heads_form_to_the_deputy_only(scene: Scene) -> None:
    scene.open_cycle()
    head = scene.member("Bí thư Minh", Role.CHAIR)
    deputy = scene.member("Phó bí thư Lan", Role.DEPUTY)
    clerk = scene.member("Thư ký Hoa", Role.SECRETARY)
    an = scene.member("An")
    for phone in (head, an):
        fill(phone)
        phone.presses("submit")
        assert ("do phó bí thư đọc và xử lý" in phone.screen.text) is (phone is head)
        phone.presses("yes")
    seen = {}
    for phone in (head, deputy, clerk):
        phone.commands("/reviews")
        seen[phone.member] = [label for label, _ in phone.screen.buttons if "–" in label]
    assert [len(labels) for labels in seen.values()] == [1, 2, 1]
    assert not any("Minh" in label for label in (*seen[clerk.member], *seen[head.member]))
