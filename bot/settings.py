"""Every setting, read once at the door from the environment or ``.env``; a wrong one is named in one line."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.pdf import OFF
from bot.plans import Plan
from storage.records import Address

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_SHORTEST_ZALO_SECRET = 8
_ZALO_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9._~-]+")
NO_TOKEN = "BOT_TOKEN or ZALO_TOKEN: missing; BotFather on Telegram or Zalo Bot Creator gives one"  # noqa: S105
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsTrouble(Exception):  # noqa: N818 - it is told to a person as a line
    """A setting is wrong or missing; the message is one line that names it."""


class Settings(BaseSettings):
    """Names and defaults as in the README; unknown names in ``.env`` are left alone."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    bot_token: SecretStr | None = None
    bot_api_url: str = "https://api.telegram.org"
    zalo_token: SecretStr | None = None
    zalo_api_url: str = "https://bot-api.zaloplatforms.com"
    zalo_plan_users: int = Field(default=50, ge=0)
    zalo_plan_messages: int = Field(default=3000, ge=0)
    database_url: str = "sqlite+aiosqlite:///data/chibo.db"
    bot_timezone: str = "Asia/Ho_Chi_Minh"
    bot_admins: Annotated[tuple[Address, ...], NoDecode] = ()
    bot_mode: Literal["polling", "webhook"] = "polling"
    bot_webhook_url: str | None = None
    bot_webhook_secret: SecretStr | None = None
    bot_listen: str | None = None
    bot_public_url: str | None = None
    bot_link_minutes: int = Field(default=30, ge=1, le=24 * 60)
    bot_backup_dir: str | None = None
    bot_backup_hours: float = Field(default=24, gt=0, le=24 * 31)
    bot_backup_keep: int = Field(default=14, ge=1, le=1000)
    bot_clock_file: Path | None = None
    bot_ring_seconds: float = Field(default=30, ge=0.2, le=3600)
    bot_rates: float = Field(default=1, gt=0, le=1000)
    bot_soffice: str | None = None

    @field_validator("bot_token")
    @classmethod
    def _token_shape(cls, token: SecretStr | None) -> SecretStr | None:
        number, colon, rest = token.get_secret_value().partition(":") if token else ("1", ":", "x")
        if not (number.isdigit() and colon and rest):
            raise ValueError("looks like 123456:letters, as BotFather gives it")
        return token

    @field_validator("zalo_token")
    @classmethod
    def _zalo_token_shape(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not _ZALO_TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("looks like 123456:letters, as Zalo Bot Creator gives it")
        return token

    @field_validator("bot_api_url", "zalo_api_url")
    @classmethod
    def _api_url(cls, url: str) -> str:
        if not (url.startswith("https://") or (url.startswith("http://") and _on_this_machine(url))):
            raise ValueError("starts with https:// (or http:// for a server on this machine)")
        return url.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, url: str) -> str:
        if not url.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
            raise ValueError("starts with sqlite+aiosqlite:/// or postgresql+asyncpg://")
        return url

    @field_validator("bot_timezone")
    @classmethod
    def _timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError) as unknown:
            raise ValueError("is no zone, for example Asia/Ho_Chi_Minh") from unknown
        return name

    @field_validator("bot_admins", mode="before")
    @classmethod
    def _admins(cls, given: object) -> object:
        """``123456, 234567``: numbers of Telegram accounts; another channel is named before a colon."""
        if not isinstance(given, str):
            return given
        found = []
        for entry in filter(None, (part.strip() for part in given.split(","))):
            channel, colon, chat = entry.rpartition(":")
            telegram = not colon or channel == "telegram"
            if not (chat.isdigit() if telegram else chat.isalnum() and channel.isalpha()):
                raise ValueError("is a list of account numbers, for example 123456,234567")
            found.append(Address(channel or "telegram", chat))
        return tuple(found)

    @field_validator("bot_listen")
    @classmethod
    def _listen(cls, where: str | None) -> str | None:
        port = where.rpartition(":")[2] if where is not None else "0"
        if not (port.isascii() and port.isdigit() and int(port) < 65536):
            raise ValueError("is an address and a port, for example 127.0.0.1:8080")
        return where

    @field_validator("bot_soffice")
    @classmethod
    def _soffice(cls, program: str | None) -> str | None:
        """LibreOffice, which makes PDF files: a path, or ``off``; without it the one on the PATH is taken."""
        if program is None or program == OFF:
            return program
        if not (Path(program).is_absolute() and Path(program).is_file() and os.access(program, os.X_OK)):
            raise ValueError("is the whole path of LibreOffice's program, for example /usr/bin/soffice, or off")
        return program

    @field_validator("bot_webhook_url", "bot_public_url")
    @classmethod
    def _webhook_url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        more = parts.query or parts.fragment or "@" in url or parts.port == 0
        if parts.scheme not in {"https", "http"} or not parts.hostname or more:
            raise ValueError("is where this bot is reached from outside, for example https://bot.example.org")
        return url.rstrip("/")

    @field_validator("bot_webhook_secret")
    @classmethod
    def _webhook_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not _SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("is 1 to 256 of the signs A-Z a-z 0-9 _ -")
        return secret

    @model_validator(mode="after")
    def _webhook_whole(self) -> Self:
        """What a webhook needs besides its mode; an error here names its setting itself."""
        if self.bot_mode == "polling":
            return self
        needed = {
            "BOT_WEBHOOK_URL": self.bot_webhook_url,
            "BOT_WEBHOOK_SECRET": self.bot_webhook_secret,
            "BOT_LISTEN": self.bot_listen,
        }
        missing = next((name for name, value in needed.items() if value is None), None)
        if missing:
            raise ValueError(f"{missing}: missing; BOT_MODE=webhook needs it")
        secret = self.bot_webhook_secret.get_secret_value() if self.bot_webhook_secret else ""
        if self.zalo_token is not None and len(secret) < _SHORTEST_ZALO_SECRET:
            raise ValueError(
                f"BOT_WEBHOOK_SECRET: has {_SHORTEST_ZALO_SECRET} signs or more where ZALO_TOKEN is set"
            )
        # A server of ours on this machine may bring updates in the clear; the messengers themselves do not.
        far = next((name for name, url in self.apis() if not _on_this_machine(url)), None)
        if far is not None and urlsplit(self.bot_webhook_url or "").scheme == "http":
            raise ValueError(f"BOT_WEBHOOK_URL: starts with https:// (http:// where {far} is on this machine)")
        return self

    def apis(self) -> tuple[tuple[str, str], ...]:
        """The servers that this bot talks to, each by the setting that names it."""
        telegram = self.bot_token is not None or self.zalo_token is None
        return (
            *((("BOT_API_URL", self.bot_api_url),) if telegram else ()),
            *((("ZALO_API_URL", self.zalo_api_url),) if self.zalo_token is not None else ()),
        )

    @property
    def public_url(self) -> str | None:
        """Where people's browsers reach this bot: its own setting, or where messengers reach it; None: nowhere."""
        return self.bot_public_url or self.bot_webhook_url

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which people live: dates, quiet hours and deadlines are meant in it."""
        return ZoneInfo(self.bot_timezone)


def plans_of(settings: Settings) -> dict[str, Plan]:
    """The plans of the messengers that the settings name and that have one, by channel."""
    if settings.zalo_token is None:
        return {}
    return {"zalo": Plan(users=settings.zalo_plan_users, messages=settings.zalo_plan_messages)}


def read_settings() -> Settings:
    """Read the settings; raises SettingsTrouble with one line that names the wrong one."""
    try:
        return Settings()
    except ValidationError as errors:
        first = errors.errors()[0]
        said = str(first["msg"]).removeprefix("Value error, ")
        # Without a place it is about several settings at once, and its words begin with the name of one.
        raise SettingsTrouble(f"{str(first['loc'][0]).upper()}: {said}" if first["loc"] else said) from None


def setting_of(channel: str, *, token: bool) -> str:
    """The setting to look at where a messenger refuses us (``token``) or cannot be reached."""
    before = "ZALO" if channel == "zalo" else "BOT"
    return f"{before}_TOKEN" if token else f"{before}_API_URL"


def _on_this_machine(url: str) -> bool:
    return urlsplit(url).hostname in _THIS_MACHINE
