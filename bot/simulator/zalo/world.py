"""The simulated Zalo: what the bot's calls do, and the queue of events that waits for the bot."""

import secrets
from collections import deque
from typing import TYPE_CHECKING, Any

from bot.simulator.faults import REPLIES, as_refusal
from bot.simulator.model import StoredFile
from bot.simulator.replies import ApiError, Json, Reply, accepted, bad_request, forbidden
from bot.simulator.zalo import calls, fetching
from bot.simulator.zalo.model import ZaloAccount, ZaloEvent, ZaloMessage

if TYPE_CHECKING:
    from bot.simulator.world import World

LOG_LENGTH = 5000
NO_WEBHOOK: Json = {"url": "", "secret": "", "updated_at": 0}
ONCE, REPEAT = "once", "repeat"
WRAPPED, FLAT, ALTERNATE = "wrapped", "flat", "alternate"


class Zalo:
    """One bot account. ``calls`` logs what the bot did, ``address`` is where this server was last reached."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.calls: deque[Json] = deque(maxlen=LOG_LENGTH)
        self.address = f"http://{world.settings.host}:{world.settings.port}"

    # The bot's calls.

    async def call(self, method: str, params: Json) -> Reply:
        """One method call but getUpdates. Never raises; refusals carry their code in the body."""
        try:
            fault = self.world.faults.take(f"zalo/{method}", REPLIES)
            if fault is not None:
                raise as_refusal(fault)
            right = calls.checked(method, params, strict=self.world.settings.strict)
            reply = await self._carry_out(method, right)
        except ApiError as refusal:
            reply = refusal.reply()
        self.log(method, params, reply)
        return reply

    def log(self, method: str, params: Json, reply: Reply, event: ZaloEvent | None = None) -> None:
        """Note a call; ``status`` is 200 or the refusal's code, ``given`` the message that a poll gave out."""
        result = reply.payload.get("result")
        self.calls.append(
            {
                "at": self.world.clock.real(),
                "demo_at": self.world.clock.now(),
                "method": method,
                "params": dict(params),
                "status": reply.status,
                "description": reply.payload.get("description"),
                "result": result if method != "getUpdates" else None,
                "given": event.message_id if event is not None else None,
            }
        )

    async def _carry_out(self, method: str, params: Json) -> Reply:
        match method:
            case "getMe":
                return accepted(self.me)
            case "setWebhook":
                calls.check_webhook(params["url"], params["secret_token"])
                return accepted(self._set_webhook({"url": params["url"], "secret": params["secret_token"]}))
            case "deleteWebhook":
                return accepted(self._set_webhook({"url": "", "secret": ""}))
            case "getWebhookInfo":
                return accepted({key: self.webhook[key] for key in ("url", "updated_at")})
            case "sendChatAction":
                calls.check_choice(params["action"], calls.ACTIONS, "action")
                self.world.emit({"type": "action", "chat": self._writable(params).id, "action": params["action"]})
                return Reply(200, {"ok": True})
            case _:
                return accepted(await self._send(method, params))

    async def _send(self, method: str, params: Json) -> Json:
        self._writable(params)
        file = None
        match method:
            case "sendMessage":
                calls.check_choice(params.get("parse_mode", "html"), calls.PARSE_MODES, "parse_mode")
                content: Json = {"text": calls.check_words(params["text"], "text")}
            case "sendPhoto":
                content = {"photo": params["photo"]}
                if "caption" in params:
                    content["caption"] = calls.check_words(params["caption"], "caption")
                file = await fetching.picture(self.world, params["photo"])
            case "sendSticker":
                content = {"sticker": calls.check_words(params["sticker"], "sticker")}
            case _:
                if (
                    not params["voice_url"].startswith(("http://", "https://"))
                    or params["voice_url"][-4:] != ".aac"
                ):
                    raise bad_request("voice_url must be the address of an .aac file")
                content = {"voice_url": params["voice_url"]}
        # Asked again: the picture took its time, and the person may have blocked the bot meanwhile.
        message = self.add_message(self._writable(params), content, file, from_bot=True)
        return {"message_id": message.id, "date": message.body["date"]}

    def _writable(self, params: Json) -> ZaloAccount:
        """The chat that the bot may write to. Raises ``ApiError``."""
        account = self.world.store.zalo_accounts.get(params["chat_id"])
        if account is None or not account.started:
            raise bad_request("chat not found")
        if account.blocked:
            raise forbidden("bot was blocked by the user")
        return account

    @property
    def me(self) -> Json:
        """The bot as getMe tells it."""
        settings = self.world.settings
        return {
            "id": settings.zalo_token.split(":", 1)[0],
            "account_name": settings.zalo_name,
            "account_type": "BASIC",
            "can_join_groups": False,
        }

    @property
    def webhook(self) -> Json:
        """``url`` (empty: none), ``secret``, ``updated_at`` in ms."""
        found: Json = self.world.store.setting("zalo_webhook", NO_WEBHOOK)
        return found

    def _set_webhook(self, target: Json) -> Json:
        self.world.store.set("zalo_webhook", target | {"updated_at": self.moment()})
        self.world.emit({"type": "zalo_webhook"})
        return {key: self.webhook[key] for key in ("url", "updated_at")}

    # What is in the chats.

    def moment(self) -> int:
        """Now on the demo's clock, in milliseconds since 1970."""
        return int(self.world.clock.now() * 1000)

    def describe(self, account: ZaloAccount) -> Json:
        """Who writes and where, as every message says it."""
        name = self.world.store.users[account.person].name
        sender = {"id": account.id, "display_name": name, "is_bot": False}
        return {"from": sender, "chat": {"id": account.id, "chat_type": "PRIVATE"}}

    def add_message(
        self, account: ZaloAccount, content: Json, file: StoredFile | None = None, *, from_bot: bool
    ) -> ZaloMessage:
        """Put a new message in a chat. The caller tells the bot about it."""
        about = self.describe(account)
        if from_bot:
            about["from"] = {"id": self.me["id"], "display_name": self.me["account_name"], "is_bot": True}
        body = about | content | {"message_id": secrets.token_hex(10), "date": self.moment()}
        message = ZaloMessage(account.id, body["message_id"], from_bot, body, file.id if file else None)
        self.world.store.keep(message)
        self.touch(account)
        self.world.emit({"type": "message", "chat": account.id, "message": self.shown(message)})
        return message

    def shown(self, message: ZaloMessage) -> Json:
        """A message as a phone shows it: the platform's fields and, beside them, whose it is and its picture."""
        file = self.world.store.files.get(message.file_id or "")
        picture = {"file_id": file.id, "width": file.width, "height": file.height} if file else None
        return message.body | {"from_bot": message.from_bot, "edits": 0, "picture": picture}

    def touch(self, account: ZaloAccount) -> None:
        """Keep an account whose chat looks different now."""
        account.revision += 1
        self.world.store.keep(account)

    # Events for the bot.

    @property
    def delivery(self) -> Json:
        """``mode``: once or repeat; ``times`` and ``seconds`` of repeating; ``body`` of webhook deliveries."""
        settings = self.world.settings
        first = {"mode": settings.zalo_delivery, "body": settings.zalo_body, "times": 2, "seconds": 1.0}
        changed: Json = self.world.store.setting("zalo_delivery", {})
        return first | changed

    def push(self, body: Json) -> int:
        """Queue an event; its number."""
        number: int = self.world.store.setting("last_zalo_event", 0) + 1
        self.world.store.set("last_zalo_event", number)
        self.world.store.keep(ZaloEvent(number, body))
        self.world.emit({"type": "zalo_event", "number": number})
        return number

    def take(self) -> ZaloEvent | None:
        """Give out the next event: new ones first, then what comes again. It is gone, or comes again later."""
        now = self.world.clock.real()
        due = [event for event in self.world.store.zalo_events.values() if event.due <= now]
        event = min(due, key=lambda one: (one.given > 0, one.number), default=None)
        if event is not None:
            self._given(event, now)
        return event

    def _given(self, event: ZaloEvent, now: float) -> None:
        event.given += 1
        manner = self.delivery
        if manner["mode"] == ONCE or event.given > manner["times"]:
            self.drop(event)
        else:
            event.due = now + manner["seconds"]
            self.world.store.keep(event)

    def drop(self, event: ZaloEvent) -> None:
        """The bot has it, once and for all."""
        self.world.store.forget_event(event.number)

    def next_due(self) -> float | None:
        """Seconds until something that was given out comes again; none when nothing will."""
        due = min((event.due for event in self.world.store.zalo_events.values()), default=None)
        return None if due is None else max(0.0, due - self.world.clock.real())

    def wire(self, event: ZaloEvent) -> Json:
        """An event as it goes out: files of ours get the address at which this server is reached."""
        message: Any = event.body.get("message")
        if not isinstance(message, dict):
            return event.body
        here = {
            key: f"{self.address}{message[key]}"
            for key in ("photo", "voice_url", "url")
            if str(message.get(key, "")).startswith("/zalo/files/")
        }
        return event.body | {"message": message | here}
