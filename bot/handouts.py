"""Files by address, for messengers that take no files: who is given one, how long and how often it works."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import structlog
from itsdangerous import BadSignature, Signer

from bot.clock import Clock
from bot.metrics import Metrics
from storage import handouts
from storage.database import Database, DatabaseTrouble
from storage.handouts import Handout
from storage.records import Post, PostId
from storage.transaction import Connection

log = structlog.get_logger()

DOCUMENT, PICTURE = "tep", "anh"
PURGE_SECONDS = 120.0
# Pressed five times: an in-app browser asks once and hands the address to the system's downloader, which asks too.
MOST_DOCUMENT = 10
# The messenger's server fetches a picture once or twice for itself, and perhaps once more for another device.
MOST_PICTURE = 10
_TICKET_LIFE = timedelta(minutes=2)
_REMEMBERED = timedelta(days=30)
_LONGEST_TOKEN = 128


class Ended(StrEnum):
    """Why an address gives nothing (any more): for the trail and the counters, never for whoever asks."""

    SIGNATURE = "signature"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    USED_UP = "used_up"
    OTHER_BROWSER = "other_browser"


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page of a document says; ``expires_at`` is UTC."""

    file_name: str
    language: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it is handed out."""

    file_name: str
    content: bytes


class Handouts:
    """Every file that waits under an address; see docs/decisions/0011. ``open`` must have been awaited first.

    An address carries a number that only the key can make, and a signature over it; a bad signature is known
    without the database. ``browser`` is the cookie that a browser brings.
    """

    def __init__(
        self, database: Database, clock: Clock, metrics: Metrics, public_url: str | None, minutes: int
    ) -> None:
        self.public_url = public_url
        self.minutes = minutes
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._key = b""

    async def open(self) -> None:
        """Read the key, or make it. Raises DatabaseTrouble."""
        self._key = await self._database.write(handouts.key)

    def hand_out(self, tx: Connection, post_id: PostId, post: Post, now: datetime) -> str | None:
        """Keep ``post.file`` for whom the post is for; returns its address, good for ``minutes`` from now.

        The same post again has the same address. None where there is no address from outside, no file, or the
        account no longer is that member's.
        """
        member = handouts.owner(tx, post.address)
        if self.public_url is None or post.file is None or post.member_id not in {None, member}:
            return None
        expires_at = now + timedelta(minutes=self.minutes)
        found = handouts.of_post(tx, post_id)
        if found is not None and found.address == post.address:
            handouts.prolong(tx, found.id, post.file, expires_at)
            return self._address(self._token(found.picture, post_id, post, found.made_at), picture=found.picture)
        token = self._token(post.picture, post_id, post, now)
        handouts.keep(
            tx,
            token_hash=_hash(token),
            post_id=post_id,
            address=post.address,
            member=member,
            file_name=(post.file_name or "tep")[:200],
            picture=post.picture,
            content=post.file,
            now=now,
            expires_at=expires_at,
        )
        made = handouts.behind(tx, _hash(token))
        if made is not None:
            handouts.record(tx, made, "link.issued", "system", now, bytes=len(post.file))
        return self._address(token, picture=post.picture)

    async def offer(self, token: str, browser: str) -> Offer | Ended:
        """What the page of a document shows; takes and counts nothing."""
        if not self._is_ours(token, picture=False):
            return self._refused(Ended.SIGNATURE)
        now = self._clock.now()
        found = await self._database.read(lambda tx: handouts.behind(tx, _hash(token)))
        ended = _why_ended(found, now, browser)
        if found is None or ended is not None:
            return await self._refuse(found, ended or Ended.UNKNOWN, now)
        return Offer(found.file_name, found.language, found.expires_at)

    async def admit(self, token: str, browser: str) -> str | Ended:
        """Bind a document to the first browser that asks for it; returns a ticket for the next two minutes."""
        if not self._is_ours(token, picture=False):
            return self._refused(Ended.SIGNATURE)
        now = self._clock.now()

        def work(tx: Connection) -> tuple[Handout | None, Ended | None]:
            found = handouts.behind(tx, _hash(token))
            ended = _why_ended(found, now, browser)
            if found is not None and ended is None and not handouts.bind(tx, found.id, _hash(browser)):
                ended = Ended.OTHER_BROWSER
            return found, ended

        found, ended = await self._database.write(work)
        if ended is not None:
            return await self._refuse(found, ended, now)
        until = int((now + _TICKET_LIFE).timestamp())
        return self._signer(f"ticket.{token}").sign(str(until)).decode()

    async def document(self, token: str, ticket: str, *, count: bool = True) -> Given | Ended:
        """The bytes of a document for a ticket of ``admit``; without a cookie, see docs/decisions/0011."""
        if not self._is_ours(token, picture=False) or not self._is_good(token, ticket):
            return self._refused(Ended.SIGNATURE)
        return await self._give(token, MOST_DOCUMENT, "document", count=count)

    async def picture(self, token: str, *, count: bool = True) -> Given | Ended:
        """The bytes of a picture, for the messenger's own server."""
        if not self._is_ours(token, picture=True):
            return self._refused(Ended.SIGNATURE)
        return await self._give(token, MOST_PICTURE, "picture", count=count)

    async def purge(self) -> None:
        """Drop the bytes of what has expired, and after some weeks the rest of the row."""
        now = self._clock.now()
        try:
            emptied, gone = await self._database.write(lambda tx: handouts.purge(tx, now, now - _REMEMBERED))
        except DatabaseTrouble as trouble:  # rung again soon
            self._metrics.trouble(trouble.kind)
            log.warning("links not purged", trouble=trouble.kind)
            return
        if emptied or gone:
            log.info("links purged", emptied=emptied, gone=gone)

    async def _give(self, token: str, most: int, kind: str, *, count: bool) -> Given | Ended:
        now = self._clock.now()

        def work(tx: Connection) -> tuple[Handout | None, Given | Ended]:
            found = handouts.behind(tx, _hash(token))
            ended = _why_ended(found, now, None)
            if found is None or ended is not None:
                return found, ended or Ended.UNKNOWN
            content = handouts.fetch(tx, found.id, most) if count else handouts.content(tx, found.id)
            if content is None:
                return found, Ended.USED_UP
            if count:
                handouts.record(tx, found, "link.fetched", _whose(found), now, time=found.fetched + 1)
            return found, Given(found.file_name, content)

        found, given = await self._database.write(work)
        if isinstance(given, Ended):
            return await self._refuse(found, given, now)
        if count:
            self._metrics.handed_out(kind)
        return given

    async def _refuse(self, found: Handout | None, reason: Ended, now: datetime) -> Ended:
        if found is not None and found.refused < handouts.TOLD_REFUSALS:
            told = found
            await self._database.write(lambda tx: handouts.refuse(tx, told, reason, now))
        return self._refused(reason)

    def _refused(self, reason: Ended) -> Ended:
        self._metrics.not_handed_out(reason)
        return reason

    def _token(self, picture: bool, post_id: PostId, post: Post, made_at: datetime) -> str:
        """The same for the same handout, and to be made by nobody without the key: 144 bits, then a signature."""
        about = f"{post.address.channel}\n{post.address.chat}\n{post_id}\n{made_at.astimezone(UTC).isoformat()}"
        number = hmac.digest(self._key, b"handout\n" + about.encode(), hashlib.sha256)[:18]
        return self._signer(_kind(picture)).sign(base64.urlsafe_b64encode(number)).decode()

    def _address(self, token: str, *, picture: bool) -> str:
        return f"{self.public_url}/{_kind(picture)}/{token}"

    def _is_ours(self, token: str, *, picture: bool) -> bool:
        return self._signed(_kind(picture), token) is not None

    def _is_good(self, token: str, ticket: str) -> bool:
        until = self._signed(f"ticket.{token}", ticket)
        return until is not None and self._clock.now().timestamp() < int(until)

    def _signed(self, salt: str, words: str) -> str | None:
        """What was signed, where it was signed by us letter for letter; takes as long for a near miss."""
        if len(words) > _LONGEST_TOKEN or not words.isascii():
            return None
        signer = self._signer(salt)
        try:
            said = signer.unsign(words)
        except BadSignature:
            return None
        # The last letter of a signature has two bits that nobody reads: only one way of writing it is ours.
        return said.decode() if hmac.compare_digest(signer.sign(said), words.encode()) else None

    def _signer(self, salt: str) -> Signer:
        return Signer(self._key, salt=f"chibo.handout.{salt}", key_derivation="hmac", digest_method=hashlib.sha256)


def _kind(picture: bool) -> str:
    return PICTURE if picture else DOCUMENT


def _whose(found: Handout) -> str:
    """In whose name a file is fetched: nobody else has the address unless that person gave it away."""
    return f"member:{found.member_id}" if found.member_id is not None else str(found.address.channel)


def _why_ended(found: Handout | None, now: datetime, browser: str | None) -> Ended | None:
    """Why nothing is given; ``browser`` is None where it has been asked for already."""
    if found is None:
        return Ended.UNKNOWN
    if found.revoked_at is not None:
        return Ended.REVOKED
    if found.expires_at <= now or not found.is_kept:
        return Ended.EXPIRED
    if found.fetched >= (MOST_PICTURE if found.picture else MOST_DOCUMENT):
        return Ended.USED_UP
    bound_to = found.browser_hash
    if browser is not None and bound_to is not None and not hmac.compare_digest(bound_to, _hash(browser)):
        return Ended.OTHER_BROWSER
    return None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
