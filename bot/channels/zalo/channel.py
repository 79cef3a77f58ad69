"""The Zalo channel: polling one event a call, the webhook, sending plain words and pictures by address."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

import structlog

from bot.channels.contract import Abilities, DeliveryError, Keep, NotKept, Refused, Sent, Webhook, WebhookState
from bot.channels.zalo import receive
from bot.channels.zalo.client import Refusal, Unfit, Unreachable, ZaloClient
from bot.channels.zalo.send import NOT_FOUND, TIMEOUT, UNAUTHORIZED, send, understood
from handlers.dialogue.said import Incoming
from storage.records import Address, Post, Raw

log = structlog.get_logger()

_POLL_SECONDS = 25
_POLL_PATIENCE = 10.0
_SHORTEST_PAUSE, _LONGEST_PAUSE, _REFUSED_PAUSE = 0.5, 30.0, 10.0
# Where a poll is answered at once and brings nothing new: enough to spare both sides, too little to be noticed.
_IDLE_PAUSE, _LONGEST_IDLE_PAUSE = 0.1, 1.0
_STRANGE_ANSWER_PAUSE = 5.0
_REMEMBERED = 256
_NOT_KEPT_SECONDS = 2.0
# At a stop: for an answer that is on its way already, and for one that is being kept.
_LAST_ANSWER_SECONDS, _LAST_KEEPING_SECONDS = 0.2, 2.0
_SECRET_HEADER = "X-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_LARGEST_DOWNLOAD = 5 * 1024 * 1024
_LONGEST_TEXT = 2000  # "characters", which may mean either; UTF-16 code units are the fewer


class ZaloChannel:
    """One bot account of the Zalo Bot Platform.

    A poll gives an event out, and there is no way to acknowledge it: what is on its way to a process that is killed
    may be lost with it. An orderly stop waits for it, and a webhook's delivery is answered only when it is kept.
    """

    name = receive.CHANNEL
    abilities = Abilities(
        buttons=False,
        edits=False,
        files=False,
        markup=False,
        menu=False,
        invite_links=False,
        typing=True,
        longest_text=_LONGEST_TEXT,
        longest_caption=_LONGEST_TEXT,
    )

    def __init__(self, token: str, api_url: str, *, poll_seconds: int = _POLL_SECONDS) -> None:
        self._client = ZaloClient(token, api_url)
        self._poll_seconds = poll_seconds
        self.username = ""
        self._own_id = ""
        self._groups: set[str] = set()
        self._secret: bytes | None = None
        self._polled_at: float | None = None
        self._keeping = False

    async def open(self) -> None:
        """Learn our own name. Raises DeliveryError, ``everywhere`` where the token is refused."""
        await self._client.open()
        me = await self._heed("getMe")
        known: dict[str, Any] = me if isinstance(me, dict) else {}
        names = (known.get(field) for field in ("display_name", "account_name", "name", "id"))
        self.username = next((name for name in names if isinstance(name, str) and name), "")
        self._own_id = receive.id_of(known.get("id")) or ""

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()

    async def expect(self, webhook: Webhook | None) -> None:
        """Register the webhook, or take away any, also one left by another installation: it would refuse our polls.

        Raises DeliveryError.
        """
        if webhook is None:
            self._secret = None
            await self._heed("deleteWebhook")
            return
        self._secret = webhook.secret.encode()  # before Zalo has it: the first delivery may be quick
        await self._heed("setWebhook", {"url": webhook.url, "secret_token": webhook.secret})

    async def webhook_state(self) -> WebhookState:
        """Where Zalo brings events; it tells neither how many wait nor what failed. Raises DeliveryError."""
        found = await self._heed("getWebhookInfo")
        url = found.get("url") if isinstance(found, dict) else None
        return WebhookState(url if isinstance(url, str) and url else None, 0)

    async def poll(self, keep: Keep) -> None:
        """Fetch for ever, one event a call; the next is asked for only when ``keep`` has returned."""
        pause = 0.0
        known: deque[str] = deque(maxlen=_REMEMBERED)
        while True:
            await asyncio.sleep(pause)
            pause = await self._unbroken(self._fetch(keep, known, pause))

    async def _fetch(self, keep: Keep, known: deque[str], before: float) -> float:
        """One poll; returns the seconds until the next, ``before`` being those before this one."""
        began = asyncio.get_running_loop().time()
        try:
            result = await self._client.call(
                "getUpdates", {"timeout": self._poll_seconds}, reading=self._poll_seconds + _POLL_PATIENCE
            )
        except (Refusal, Unreachable) as failed:
            if not _idle(failed):
                pause = _pause_after(failed, before)
                log.warning(
                    "poll failed", channel=self.name, reason=type(failed).__name__, words=str(failed), pause=pause
                )
                return pause
            result = None
        now = self._polled_at = asyncio.get_running_loop().time()
        found = receive.raws_of(result)
        if result and not found:
            log.warning("poll brought no event", channel=self.name, pause=_STRANGE_ANSWER_PAUSE)
            return _STRANGE_ANSWER_PAUSE
        await self._keep(keep, found)
        news = [raw for raw in found if raw.update_id not in known]
        known.extend(raw.update_id for raw in news)
        # An event that came before may come again; whoever asks at once is told of it without end.
        at_once = now - began < min(1.0, self._poll_seconds / 2)
        return min(max(before * 2, _IDLE_PAUSE), _LONGEST_IDLE_PAUSE) if at_once and not news else 0.0

    async def _keep(self, keep: Keep, found: Sequence[Raw]) -> None:
        """Have events kept, however long it takes: Zalo does not give them out again."""
        if not found:
            return
        self._keeping = True
        try:
            while True:
                if await self._is_kept(keep, found):
                    return
                await asyncio.sleep(_NOT_KEPT_SECONDS)
        finally:
            self._keeping = False

    async def _is_kept(self, keep: Keep, found: Sequence[Raw]) -> bool:
        try:
            await keep(found)
        except NotKept as reason:
            log.error("event waits to be kept", channel=self.name, trouble=str(reason))
            return False
        return True

    async def _unbroken(self, work: Coroutine[Any, Any, float]) -> float:
        """One poll to its end; where we are told to stop, an event that Zalo has given out is kept first."""
        task = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task}, timeout=_LAST_ANSWER_SECONDS)
            if self._keeping and not task.done():
                await asyncio.wait({task}, timeout=_LAST_KEEPING_SECONDS)
            raise
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Raw]:
        """The event of one delivery. Raises Refused: 401 without our secret, 400 where it is no event."""
        given = headers.get(_SECRET_HEADER, "").encode(errors="replace")
        if self._secret is None or not hmac.compare_digest(given, self._secret):
            raise Refused(401, "wrong or missing secret")
        try:
            found = receive.raws_of(json.loads(body))
        except (ValueError, RecursionError):
            raise Refused(400, "no JSON") from None
        if not found:
            raise Refused(400, "no event")
        return found

    def fetched_at(self) -> float | None:
        """Loop time of the last poll that was answered, also by "nothing new"."""
        return self._polled_at

    def read(self, raw: Raw) -> Incoming | None:
        """Understand one event. Raises Unreadable."""
        incoming = receive.read(raw.raw, self.username, self._own_id)
        if incoming is not None and not incoming.private:
            self._groups.add(incoming.address.chat)
        return incoming

    async def send(self, post: Post) -> Sent:
        """Send a post that was put into plain words, or its next part. Raises DeliveryError."""
        return await send(self._client, post, self.abilities)

    async def acknowledge(self, query: str, toast: str | None) -> None:
        """There are no buttons to be acknowledged."""

    async def show_typing(self, address: Address) -> None:
        """Show "typing" for a few seconds."""
        try:
            await self._client.call("sendChatAction", {"chat_id": address.chat, "action": "typing"})
        except (Refusal, Unreachable) as failed:
            log.info("typing not shown", channel=self.name, reason=type(failed).__name__)

    async def fetch(self, file_id: str) -> bytes:
        """Bytes of what lies at an address that Zalo gave; at most 5 MB come down. Raises DeliveryError."""
        try:
            return await self._client.download(file_id, _LARGEST_DOWNLOAD)
        except Unfit as unfit:
            failure = understood(unfit)
        except Unreachable as failed:
            failure = understood(failed)
        except Refusal as refusal:
            failure = DeliveryError(f"not to be had ({refusal.code})")
        raise failure

    def is_group(self, address: Address) -> bool:
        """Whether a message came from there as from a group; Zalo's ids do not tell.

        Kept in memory only: after a start a group counts as a person until somebody in it writes, and for that
        while posts to it may go out at a person's pace.
        """
        return address.chat in self._groups

    def invite_link(self, code: str) -> str | None:
        """Zalo knows no links that carry a code: it is typed."""
        return None

    async def _heed(self, method: str, given: dict[str, Any] | None = None) -> Any:
        """Call, turning what Zalo refuses into a DeliveryError."""
        try:
            return await self._client.call(method, given)
        except (Refusal, Unreachable) as failed:
            failure = understood(failed)
        raise failure


def _idle(failed: Refusal | Unreachable) -> bool:
    """Whether a poll ended without news. Zalo says so by a 408; where it gives no code, by its words."""
    if not isinstance(failed, Refusal):
        return False
    return failed.code == TIMEOUT or (failed.code == 0 and "timeout" in failed.words.lower())


def _pause_after(failed: Refusal | Unreachable, before: float) -> float:
    if isinstance(failed, Refusal) and failed.code in {UNAUTHORIZED, NOT_FOUND}:
        return _REFUSED_PAUSE
    return min(max(before * 2, _SHORTEST_PAUSE), _LONGEST_PAUSE)
