"""Who may be written to, what may be edited, pressed, answered and listed: Telegram's status codes and words."""

from typing import Any

import pytest

from bot.simulator import groups, people
from bot.simulator.pictures import picture_size, plain_picture
from bot.simulator.replies import Upload
from bot.simulator.view import chat
from tests.simulator.conftest import Stage, Staged

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as "
    "a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
CALLBACK = {"inline_keyboard": [[{"text": "a", "callback_data": "x"}]]}


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "a"} | button]]}


def test_chats_that_cannot_be_written_to(stage: Stage) -> None:
    world = stage.world
    other = people.add_user(world, {"first_name": "Mai"}).id
    gone = people.add_user(world, {"first_name": "Bảy", "start": True}).id
    groups.deactivate(world, {"user": gone})
    group = groups.add_group(world, {"title": "Nhóm", "members": [stage.user]})["id"]
    kicked = groups.add_group(world, {"title": "Nhóm", "members": [stage.user]})["id"]
    groups.set_bot(world, {"user": stage.user, "chat": kicked, "bot": "kicked"})
    left = groups.add_group(world, {"title": "Nhóm", "members": [stage.user], "bot": False})["id"]
    groups.set_blocked(world, {"user": stage.user, "blocked": True})
    table = {
        999: (400, "Bad Request: chat not found"),
        "abc": (400, "Bad Request: chat not found"),
        other: (403, "Forbidden: bot can't initiate conversation with a user"),
        gone: (403, "Forbidden: user is deactivated"),
        stage.user: (403, "Forbidden: bot was blocked by the user"),
        kicked: (403, "Forbidden: bot was kicked from the group chat"),
        left: (403, "Forbidden: bot is not a member of the group chat"),
    }
    for number, refusal in table.items():
        assert stage.call("sendMessage", chat_id=number, text="x") == refusal
        assert stage.call("sendChatAction", chat_id=number, action="typing") == refusal
    assert stage.call("sendMessage", chat_id=group, text="x")[0] == 200
    assert stage.call("sendMessage", text="x") == (400, "Bad Request: chat_id is empty")


def test_upgraded_group_names_its_successor(stage: Stage) -> None:
    group = groups.add_group(stage.world, {"title": "Nhóm", "members": [stage.user]})["id"]
    fresh = groups.upgrade(stage.world, {"chat": group})["id"]
    reply = stage.world.call("sendMessage", {"chat_id": group, "text": "x"})
    assert reply.status == 400
    assert reply.payload["parameters"] == {"migrate_to_chat_id": fresh}
    assert stage.call("sendMessage", chat_id=fresh, text="x")[0] == 200
    kinds = [u["message"].keys() & {"migrate_to_chat_id", "migrate_from_chat_id"} for u in stage.updates()[-2:]]
    assert kinds == [{"migrate_to_chat_id"}, {"migrate_from_chat_id"}]


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (keyboard(callback_data="x" * 64), None),
        (keyboard(callback_data="ế" * 21), None),
        (keyboard(callback_data="x" * 65), "Bad Request: BUTTON_DATA_INVALID"),
        (keyboard(callback_data="ế" * 22), "Bad Request: BUTTON_DATA_INVALID"),
        (
            keyboard(),
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (keyboard(url="a:1"), "Bad Request: inline keyboard button URL 'a:1' is invalid: Wrong HTTP URL"),
        (keyboard(url="https://t.me/x"), None),
        (
            {"inline_keyboard": [[{"text": "a", "callback_data": "x"}] * 101]},
            "Bad Request: reply markup is too long",
        ),
        ("{", "Bad Request: can't parse reply keyboard markup JSON object"),
        ({"remove_keyboard": True}, None),
    ],
)
def test_buttons(stage: Stage, markup: Any, words: str | None) -> None:
    status, result = stage.call("sendMessage", chat_id=stage.user, text="x", reply_markup=markup)
    assert (status, result if words else None) == ((400, words) if words else (200, None))


def test_strict_mode_names_the_slip(staged: Staged) -> None:
    strict, lax = staged(), staged(strict=False)
    wrong = {"text": "x", "reply_markup": keyboard(callback="x")}
    status, words = strict.call("sendMessage", chat_id=strict.user, **wrong)
    assert status == 400
    assert 'unknown field "callback" of InlineKeyboardButton' in words
    status, words = strict.call("sendMessage", chat_id=strict.user, text="x", chatid=3)
    assert (status, 'unknown parameter "chatid"' in words) == (400, True)
    assert lax.call("sendMessage", chat_id=lax.user, text="x", chatid=3)[0] == 200


def test_parameters_come_as_strings_too(stage: Stage) -> None:
    body = stage.sent(chat_id=str(stage.user), protect_content="true", reply_parameters='{"message_id": 1}')
    assert body["has_protected_content"] is True
    assert body["reply_to_message"]["message_id"] == 1
    assert stage.call("getUpdates", limit="x")[1] == 'Bad Request: parameter "limit" must be an Integer'
    missing = stage.call("sendMessage", chat_id=stage.user, text="x", reply_parameters={"message_id": 99})
    assert missing == (400, "Bad Request: message to be replied not found")


def test_edits(stage: Stage) -> None:
    mine = stage.sent("một", reply_markup=CALLBACK)
    where = {"chat_id": stage.user, "message_id": mine["message_id"]}
    assert stage.call("editMessageText", **where, text="một", reply_markup=CALLBACK) == (400, NOT_MODIFIED)
    status, fresh = stage.call("editMessageText", **where, text="hai")
    assert (status, fresh["text"], "reply_markup" in fresh, "edit_date" in fresh) == (200, "hai", False, True)
    assert stage.call("editMessageText", **where, text="hai") == (400, NOT_MODIFIED)
    assert stage.call("editMessageReplyMarkup", **where, reply_markup=CALLBACK)[0] == 200
    assert stage.call("editMessageReplyMarkup", **where, reply_markup=CALLBACK) == (400, NOT_MODIFIED)
    table: list[tuple[dict[str, Any], str]] = [
        ({"message_id": 99}, "Bad Request: message to edit not found"),
        ({"message_id": 1}, "Bad Request: message can't be edited"),
        ({"message_id": None}, "Bad Request: message identifier is not specified"),
        ({"text": "x" * 4097}, "Bad Request: message is too long"),
        ({"text": ""}, "Bad Request: message text is empty"),
        ({"chat_id": 999}, "Bad Request: chat not found"),
    ]
    for change, words in table:
        assert stage.call("editMessageText", **(where | {"text": "x"} | change)) == (400, words)


def test_edit_of_a_document_is_an_edit_of_its_caption(stage: Stage) -> None:
    sent = stage.call("sendDocument", chat_id=stage.user, document=Upload("a.txt", b"a"), caption="một")[1]
    where = {"chat_id": stage.user, "message_id": sent["message_id"]}
    words = "Bad Request: there is no text in the message to edit"
    assert stage.call("editMessageText", **where, text="x") == (400, words)
    assert stage.call("editMessageCaption", **where, caption="hai")[1]["caption"] == "hai"
    text = stage.sent()
    words = "Bad Request: there is no caption in the message to edit"
    assert stage.call("editMessageCaption", chat_id=stage.user, message_id=text["message_id"], caption="x") == (
        400,
        words,
    )


def test_deleting(stage: Stage) -> None:
    old, new = stage.sent(), stage.sent()
    where = {"chat_id": stage.user, "message_id": new["message_id"]}
    assert stage.call("deleteMessage", **where) == (200, True)
    assert stage.call("deleteMessage", **where) == (400, "Bad Request: message to delete not found")
    assert stage.call("editMessageText", **where, text="y") == (400, "Bad Request: message to edit not found")
    stage.hand.at += 48 * 3600 + 1
    where["message_id"] = old["message_id"]
    assert stage.call("deleteMessage", **where) == (400, "Bad Request: message can't be deleted")
    assert stage.call("editMessageText", **where, text="y")[0] == 200


def test_a_press_is_answered_once_and_in_time(stage: Stage) -> None:
    message = stage.sent(reply_markup=CALLBACK)

    def press() -> str:
        wish = {"user": stage.user, "message_id": message["message_id"], "button": "a"}
        return str(people.press(stage.world, wish)["query_id"])

    told: list[Any] = []
    stage.world.listeners.append(told.append)
    number = press()
    assert stage.call("answerCallbackQuery", callback_query_id=number, text="x" * 201)[0] == 400
    assert stage.call("answerCallbackQuery", callback_query_id=number, text="x" * 200, show_alert=True) == (
        200,
        True,
    )
    assert told[-1] | {"text": ""} == {
        "type": "answer",
        "user": stage.user,
        "chat": stage.user,
        "query_id": number,
        "text": "",
        "alert": True,
    }
    assert stage.call("answerCallbackQuery", callback_query_id=number) == (400, TOO_OLD)
    assert stage.call("answerCallbackQuery", callback_query_id="1") == (400, TOO_OLD)
    late = press()
    stage.hand.at += 31
    assert stage.call("answerCallbackQuery", callback_query_id=late) == (400, TOO_OLD)


def test_a_forged_press_on_a_message_that_is_gone(stage: Stage) -> None:
    people.press(stage.world, {"user": stage.user, "message_id": 77, "data": "không\x00thật"})
    query = stage.updates()[-1]["callback_query"]
    assert (query["data"], query["message"]["date"], query["message"]["message_id"]) == ("không\x00thật", 0, 77)
    with pytest.raises(people.ControlError, match="no button"):
        people.press(stage.world, {"user": stage.user, "message_id": 1, "button": "a"})


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ([{"command": "a" * 32, "description": "đ" * 256}], None),
        ([{"command": "a" * 33, "description": "x"}], "Bad Request: command length must not exceed 32"),
        ([{"command": "Menu", "description": "x"}], "Bad Request: BOT_COMMAND_INVALID"),
        ([{"command": "kiểm", "description": "x"}], "Bad Request: BOT_COMMAND_INVALID"),
        ([{"command": "", "description": "x"}], "Bad Request: command must be non-empty"),
        ([{"command": "a", "description": " "}], "Bad Request: command description must be non-empty"),
        (
            [{"command": "a", "description": "x" * 257}],
            "Bad Request: command description length must not exceed 256",
        ),
        ([{"command": f"a{n}", "description": "x"} for n in range(100)], None),
        ([{"command": f"a{n}", "description": "x"} for n in range(101)], "Bad Request: BOT_COMMANDS_TOO_MUCH"),
    ],
)
def test_commands(stage: Stage, commands: list[Any], words: str | None) -> None:
    assert stage.call("setMyCommands", commands=commands) == ((400, words) if words else (200, True))


def test_the_narrowest_menu_wins(stage: Stage) -> None:
    def menu() -> list[str]:
        return [c["command"] for c in chat(stage.world, stage.user)["commands"]]

    scopes = [
        (None, ""),
        ({"type": "default"}, "vi"),
        ({"type": "all_private_chats"}, ""),
        ({"type": "chat", "chat_id": stage.user}, ""),
    ]
    for number, (scope, code) in enumerate(scopes):
        commands = [{"command": f"c{number}", "description": "x"}]
        assert stage.call("setMyCommands", commands=commands, scope=scope, language_code=code) == (200, True)
        assert menu() == [f"c{number}"]
        assert stage.call("getMyCommands", scope=scope, language_code=code)[1] == commands
    assert stage.call("deleteMyCommands", scope=scopes[3][0]) == (200, True)
    assert menu() == ["c2"]
    unknown = stage.call("setMyCommands", commands=[], scope={"type": "chat", "chat_id": 999})
    assert unknown == (400, "Bad Request: chat not found")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (plain_picture(40, 30), None),
        (b"not a picture", "Bad Request: IMAGE_PROCESS_FAILED"),
        (plain_picture(210, 10), "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (plain_picture(9_000, 1_001), "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (b"", "Bad Request: file must be non-empty"),
    ],
)
def test_photos(stage: Stage, content: bytes, words: str | None) -> None:
    status, result = stage.call("sendPhoto", chat_id=stage.user, photo=Upload("a.png", content, "image/png"))
    assert (status, result if words else None) == ((400, words) if words else (200, None))
    if not words:
        assert (result["photo"][-1]["width"], result["photo"][-1]["height"]) == (40, 30)


def test_picture_sizes() -> None:
    jpeg = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc00011080030004003012200021101031101")
    assert picture_size(jpeg) == (64, 48)
    assert picture_size(b"GIF89a\x40\x00\x30\x00") == (64, 48)
    assert picture_size(people.SMALLEST["sticker"][2]) == (1, 1)
    assert picture_size(b"BM") is None


def test_files_by_id(stage: Stage) -> None:
    sent = stage.call("sendDocument", chat_id=stage.user, document=Upload("a.txt", b"a"))[1]["document"]
    assert stage.call("sendDocument", chat_id=stage.user, document=sent["file_id"])[1]["document"] == sent
    table = {
        "https://a.vn/x.pdf": "Bad Request: failed to get HTTP URL content",
        "abc": "Bad Request: wrong file identifier/HTTP URL specified",
        "attach://x": "Bad Request: there is no document in the request",
    }
    for given, words in table.items():
        assert stage.call("sendDocument", chat_id=stage.user, document=given) == (400, words)
    assert stage.call("sendPhoto", chat_id=stage.user, photo=sent["file_id"])[1] == (
        "Bad Request: can't use file of type Document as Photo"
    )
    assert stage.call("getFile", file_id="abc") == (400, "Bad Request: invalid file_id")


def test_methods_that_do_not_exist(stage: Stage) -> None:
    assert stage.call("sendBanana") == (404, "Not Found: method not found")
    assert stage.call("SENDMESSAGE", chat_id=stage.user, text="x")[0] == 200


def test_what_the_bot_says_about_itself(stage: Stage) -> None:
    assert stage.call("getMe")[1]["username"] == "chi_bo_demo_bot"
    for name in ("Name", "Description", "ShortDescription"):
        field = {"Name": "name", "Description": "description", "ShortDescription": "short_description"}[name]
        assert stage.call(f"setMy{name}", **{field: "Chi bộ thôn"}) == (200, True)
        assert stage.call(f"getMy{name}")[1] == {field: "Chi bộ thôn"}
        assert stage.call(f"setMy{name}", **{field: "x" * 513})[0] == 400
    assert stage.call("setChatMenuButton", menu_button={"type": "commands"}) == (200, True)
    assert stage.call("getChatMenuButton")[1] == {"type": "commands"}
    assert stage.call("getChat", chat_id=stage.user)[1]["first_name"] == "Lan"
    assert stage.call("getChat", chat_id=999) == (400, "Bad Request: chat not found")
