"""One helper at a time, a day at most, and every proof where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage import assistances, cycles
from storage.assistances import Assistance, Ended, Proof, Source
from storage.records import CycleId, MemberId
from tests.stage import Phone, Stage

DAY = timedelta(days=1)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


@pytest.fixture
def people(stage: Stage) -> tuple[Phone, Phone, Phone]:
    return stage.member("Lan"), stage.member("Bình"), stage.member("Cường")


@pytest.fixture
def cycle(stage: Stage) -> CycleId:
    cell, days = stage.cell(), (date(2026, 11, 1), date(2026, 12, 15))
    made = stage.write(lambda tx: cycles.create(tx, cell, 2026, "2025", *days, None, stage.now.date(), stage.now))
    assert made is not None
    return made.id


def number(phone: Phone) -> MemberId:
    assert phone.member is not None
    return phone.member


def begin(tx: Connection, member: Phone, helper: Phone, cycle: CycleId, now: datetime) -> Assistance | None:
    return assistances.begin(
        tx,
        member=number(member),
        helper=number(helper),
        opened_by=number(helper),
        cycle=cycle,
        source=Source.SPOKEN,
        now=now,
        expires_at=now + DAY,
    )


def test_one_helper_at_a_time(stage: Stage, people: tuple[Phone, ...], cycle: CycleId) -> None:
    lan, binh, cuong = people
    now = stage.now

    def work(tx: Connection) -> None:
        first = begin(tx, lan, binh, cycle, now)
        assert first is not None
        assert begin(tx, lan, cuong, cycle, now) is None
        assert assistances.running(tx, number(lan), cycle, now) == first
        assert assistances.end(tx, first.id, Ended.REVOKED, now)
        assert not assistances.end(tx, first.id, Ended.DECLINED, now), "it ends in one way"
        again = begin(tx, lan, cuong, cycle, now)
        assert again is not None
        assert begin(tx, binh, cuong, cycle, now) is not None, "somebody may help several"
        assert {one.member_id for one in assistances.open_for(tx, number(cuong), now)} == {lan.member, binh.member}

    stage.write(work)


def test_a_day_and_no_longer(stage: Stage, people: tuple[Phone, ...], cycle: CycleId) -> None:
    lan, binh, _ = people
    now = stage.now

    def work(tx: Connection) -> None:
        first = begin(tx, lan, binh, cycle, now)
        assert first is not None
        assert assistances.running(tx, number(lan), cycle, now + DAY) is None
        second = begin(tx, lan, binh, cycle, now + 2 * DAY)
        assert second is not None
        ended = assistances.get(tx, first.id)
        assert ended is not None
        assert (ended.ended_how, ended.ended_at) == (Ended.EXPIRED, now + DAY), "when it ran out"

    stage.write(work)


def test_a_change_ends_what_waited(stage: Stage, people: tuple[Phone, ...], cycle: CycleId) -> None:
    lan, binh, _ = people
    now = stage.now

    def work(tx: Connection) -> None:
        first = begin(tx, lan, binh, cycle, now)
        assert first is not None
        assert assistances.offer(tx, first.id, "d" * 64, "c" * 64, now, now + DAY)
        assistances.mistyped(tx, first.id, spent=False)
        assistances.wrote(tx, first.id)
        kept = assistances.get(tx, first.id)
        assert kept is not None
        assert (kept.offered_at, kept.digest, kept.code_hash, kept.written) == (None, None, None, 1)
        assert assistances.offer(tx, first.id, "e" * 64, "f" * 64, now, now + DAY)
        kept = assistances.get(tx, first.id)
        assert kept is not None
        assert kept.wrong == 0, "a new code has all its tries"

    stage.write(work)


def test_what_is_confirmed_takes_earlier_helpers_with_it(
    stage: Stage, people: tuple[Phone, ...], cycle: CycleId
) -> None:
    lan, binh, cuong = people
    now = stage.now

    def work(tx: Connection) -> None:
        first, idle = begin(tx, lan, binh, cycle, now), None
        assert first is not None
        assistances.wrote(tx, first.id)
        assistances.end(tx, first.id, Ended.REVOKED, now)
        idle = begin(tx, lan, cuong, cycle, now)
        assert idle is not None
        assistances.end(tx, idle.id, Ended.REVOKED, now)
        last = begin(tx, lan, cuong, cycle, now)
        assert last is not None
        assistances.wrote(tx, last.id)
        assert assistances.confirm(tx, last.id, 1, Proof.CODE, now)
        assert not assistances.confirm(tx, last.id, 2, Proof.CODE, now), "once"
        done = assistances.get(tx, last.id)
        assert done is not None
        assistances.join(tx, done)
        found = assistances.of_review(tx, number(lan), cycle)
        assert [(one.version, one.confirmed_by) for one in found] == [
            (1, Proof.CODE),
            (None, None),
            (1, Proof.CODE),
        ]
        assert found[0].ended_how is Ended.REVOKED, "how the typing ended stays as it was"

    stage.write(work)
