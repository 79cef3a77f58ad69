"""Links to files end with the account, the membership or the consent, and when their person says so."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import make_rooms
from handlers.dialogue.buttons import standing_data
from handlers.joining.request import link_phone
from handlers.privacy.links import COMMAND, end_line
from storage import handouts, members
from storage.records import Address, PostId, Role
from tests.stage import Phone, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, make_rooms()[1:])
    yield made
    made.close()


def given(stage: Stage, phone: Phone, number: int) -> PostId:
    """A file that this person can fetch at the moment."""
    post = PostId(number)
    stage.write(
        lambda tx: handouts.keep(
            tx,
            token_hash=f"{number:064}",
            post_id=post,
            address=phone.address,
            member=phone.member,
            file_name="tong-hop.xlsx",
            picture=False,
            content=b"x",
            now=stage.now,
            expires_at=stage.now + timedelta(minutes=30),
        )
    )
    return post


def is_open(stage: Stage, post: PostId) -> bool:
    found = stage.write(lambda tx: handouts.of_post(tx, post))
    assert found is not None
    assert found.is_kept is (found.revoked_at is None)
    return found.is_kept


def test_whoever_withdraws_the_consent_takes_the_links_along(stage: Stage) -> None:
    stage.member("Cúc", Role.SECRETARY)
    an, binh = stage.member("An"), stage.member("Bình")
    mine, other = given(stage, an, 1), given(stage, binh, 2)
    an.commands("/me")
    an.presses("withdraw")
    an.presses("yes")
    assert (is_open(stage, mine), is_open(stage, other)) == (False, True)


def test_whoever_is_taken_off_the_roster_keeps_no_link(stage: Stage) -> None:
    cuc, an = stage.member("Cúc", Role.SECRETARY), stage.member("An")
    mine, other = given(stage, an, 1), given(stage, cuc, 2)
    cuc.commands("/members")
    cuc.presses(f"m{an.member}")
    cuc.presses("edit")
    cuc.presses("remove")
    cuc.presses("remove")
    assert (is_open(stage, mine), is_open(stage, other)) == (False, True)


def test_a_telephone_that_is_replaced_keeps_no_link(stage: Stage) -> None:
    an = stage.member("An")
    mine = given(stage, an, 1)
    whose = an.member
    assert whose is not None
    member = stage.write(lambda tx: members.find(tx, whose))
    assert member is not None
    new = Address(an.address.channel, "990099")
    stage.write(lambda tx: link_phone(tx, member, new, None, stage.now))
    assert not is_open(stage, mine)


def test_a_person_ends_a_link_and_nobody_elses(stage: Stage) -> None:
    an, binh = stage.member("An"), stage.member("Bình")
    mine = given(stage, an, 7)
    assert "hết hiệu lực từ trước" in binh.commands(f"/{COMMAND} {mine}")[-1].text
    assert is_open(stage, mine)
    for nonsense in ("", "-7", "7 7", "٧", "9" * 40, "x"):
        assert "hết hiệu lực từ trước" in an.commands(f"/{COMMAND} {nonsense}")[-1].text
    assert is_open(stage, mine)
    assert "đã được hủy" in an.commands(f"/{COMMAND} {mine}")[-1].text
    assert not is_open(stage, mine)
    assert "hết hiệu lực từ trước" in an.commands(f"/{COMMAND} {mine}")[-1].text
    line = end_line(mine)
    assert standing_data(line.command, line.args).endswith("7")
