"""What people do becomes the updates that Telegram would send."""

import base64
from typing import Any

import pytest

from bot.simulator import groups, people, updates
from bot.simulator.view import chat, phones
from tests.simulator.conftest import Stage


def last(stage: Stage, kind: str) -> Any:
    return stage.updates()[-1][kind]


def test_deep_link_is_a_command(stage: Stage) -> None:
    other = people.add_user(stage.world, {"first_name": "Mai", "last_name": "Lý", "username": "mai"}).id
    people.send(stage.world, {"user": other, "text": "/start AB12CD34"})
    message = last(stage, "message")
    assert message["text"] == "/start AB12CD34"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["from"] == {
        "id": other,
        "is_bot": False,
        "first_name": "Mai",
        "last_name": "Lý",
        "username": "mai",
        "language_code": "vi",
    }
    assert stage.call("sendMessage", chat_id=other, text="x")[0] == 200


@pytest.mark.parametrize("kind", ["photo", "sticker", "voice", "video", "document"])
def test_files_from_people_can_be_fetched(stage: Stage, kind: str) -> None:
    people.send(stage.world, {"user": stage.user, kind: True})
    part = last(stage, "message")[kind]
    part = part[-1] if kind == "photo" else part
    found = stage.call("getFile", file_id=part["file_id"])[1]
    assert stage.world.store.get_bytes(found["file_path"]) == people.SMALLEST[kind][2]


def test_document_with_content_and_caption(stage: Stage) -> None:
    content = base64.b64encode("Họ và tên".encode()).decode()
    wish = {"name": "Danh sách.csv", "content_base64": content}
    people.send(stage.world, {"user": stage.user, "document": wish, "caption": "đây"})
    message = last(stage, "message")
    assert (message["document"]["file_name"], message["caption"]) == ("Danh sách.csv", "đây")
    assert message["document"]["file_size"] == len("Họ và tên".encode())


def test_download_limit(stage: Stage) -> None:
    big = base64.b64encode(bytes(20 * 1024 * 1024 + 1)).decode()
    people.send(stage.world, {"user": stage.user, "document": {"name": "a.bin", "content_base64": big}})
    number = last(stage, "message")["document"]["file_id"]
    assert stage.call("getFile", file_id=number) == (400, "Bad Request: file is too big")


def test_forward_location_contact_reply_edit(stage: Stage) -> None:
    people.send(stage.world, {"user": stage.user, "forward": {"text": "a", "from_name": "Ẩn danh"}})
    assert last(stage, "message")["forward_origin"]["type"] == "hidden_user"
    people.send(stage.world, {"user": stage.user, "forward": {"text": "a", "from_user": stage.user}})
    assert last(stage, "message")["forward_origin"]["sender_user"]["id"] == stage.user
    people.send(stage.world, {"user": stage.user, "location": True})
    assert last(stage, "message")["location"].keys() == {"latitude", "longitude"}
    people.send(stage.world, {"user": stage.user, "contact": {"phone_number": "+84912345678"}})
    assert last(stage, "message")["contact"]["phone_number"] == "+84912345678"
    sent = people.send(stage.world, {"user": stage.user, "text": "một", "reply_to": 1})
    assert last(stage, "message")["reply_to_message"]["text"] == "/start"
    people.edit(stage.world, {"user": stage.user, "message_id": sent["message_id"], "text": "hai"})
    assert last(stage, "edited_message")["text"] == "hai"


def test_blocking_is_told_once(stage: Stage) -> None:
    groups.set_blocked(stage.world, {"user": stage.user, "blocked": True})
    change = last(stage, "my_chat_member")
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "kicked")
    assert groups.set_blocked(stage.world, {"user": stage.user, "blocked": True}) == {"update_id": None}
    with pytest.raises(people.ControlError, match="blocked"):
        people.send(stage.world, {"user": stage.user, "text": "x"})
    groups.set_blocked(stage.world, {"user": stage.user, "blocked": False})
    assert last(stage, "my_chat_member")["new_chat_member"]["status"] == "member"
    assert stage.call("sendMessage", chat_id=stage.user, text="x")[0] == 200


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("xin chào", False),
        ("/menu", True),
        ("/menu@chi_bo_demo_bot", True),
        ("/menu@other_bot", False),
        ("nhờ @chi_bo_demo_bot xem", True),
    ],
)
def test_privacy_in_groups(stage: Stage, text: str, heard: bool) -> None:
    group = groups.add_group(stage.world, {"title": "Nhóm", "members": [stage.user]})["id"]
    sent = people.send(stage.world, {"user": stage.user, "chat": group, "text": text})
    assert (sent["update_id"] is not None) == heard
    groups.set_bot(stage.world, {"user": stage.user, "chat": group, "bot": "administrator"})
    assert people.send(stage.world, {"user": stage.user, "chat": group, "text": text})["update_id"]


def test_groups_tell_who_came(stage: Stage) -> None:
    other = people.add_user(stage.world, {"first_name": "Mai"}).id
    group = groups.add_group(stage.world, {"title": "Nhóm", "members": [stage.user]})["id"]
    kinds = [next(iter(u.keys() - {"update_id"})) for u in stage.updates()[-2:]]
    assert kinds == ["my_chat_member", "message"]
    groups.join(stage.world, {"user": other, "chat": group})
    assert last(stage, "message")["new_chat_members"][0]["id"] == other
    assert groups.join(stage.world, {"user": other, "chat": group})["update_id"] is None


@pytest.mark.parametrize(
    "wish",
    [
        {"user": 1, "text": "x"},
        {"text": ""},
        {"text": "😀" * 2049},
        {},
        {"chat": -5, "text": "x"},
        {"document": {"name": "a", "content_base64": "?"}},
        {"text": "x", "reply_to": 99},
    ],
)
def test_wishes_that_cannot_be(stage: Stage, wish: dict[str, Any]) -> None:
    with pytest.raises(people.ControlError):
        people.send(stage.world, {"user": stage.user} | wish)


def test_updates_confirm_by_offset(stage: Stage) -> None:
    for text in "abc":
        people.send(stage.world, {"user": stage.user, "text": text})
    ids = [u["update_id"] for u in stage.updates()]
    assert ids == list(range(ids[0], ids[0] + 4))
    assert [u["update_id"] for u in stage.call("getUpdates", limit=2)[1]] == ids[:2]
    assert [u["update_id"] for u in stage.call("getUpdates", offset=-1)[1]] == ids[3:]
    assert [u["update_id"] for u in stage.call("getUpdates", offset=ids[3])[1]] == ids[3:]
    assert stage.call("getUpdates", offset=ids[3] + 1)[1] == []
    assert stage.updates() == []


def test_allowed_updates_and_raw_ones(stage: Stage) -> None:
    stage.call("getUpdates", allowed_updates=["callback_query"])
    assert people.send(stage.world, {"user": stage.user, "text": "x"})["update_id"] is None
    number = updates.push_raw(stage.world, {"message": {"message_id": "?"}})
    assert stage.updates()[-1] == {"update_id": number, "message": {"message_id": "?"}}


def test_phones_show_what_stands(stage: Stage) -> None:
    groups.change_user(stage.world, {"user": stage.user, "label": "Đảng viên", "show": True})
    shown = phones(stage.world)["phones"]
    assert [(p["name"], p["label"], p["started"]) for p in shown] == [("Lan", "Đảng viên", True)]
    gone = stage.sent("a")
    stage.call("deleteMessage", chat_id=stage.user, message_id=gone["message_id"])
    stage.sent("b")
    assert [m["text"] for m in chat(stage.world, stage.user)["messages"]] == ["/start", "b"]
