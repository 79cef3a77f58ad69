"""Every setting, read once at the door from the environment or ``.env``; a wrong one is named in one line."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from storage.records import Address


class SettingsTrouble(Exception):  # noqa: N818 - it is told to a person as a line
    """A setting is wrong or missing; the message is one line that names it."""


class Settings(BaseSettings):
    """Names and defaults as in the README; unknown names in ``.env`` are left alone."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    bot_token: SecretStr | None = None
    bot_api_url: str = "https://api.telegram.org"
    database_url: str = "sqlite+aiosqlite:///data/chibo.db"
    bot_timezone: str = "Asia/Ho_Chi_Minh"
    bot_admins: Annotated[tuple[Address, ...], NoDecode] = ()
    bot_listen: str | None = None
    bot_clock_file: Path | None = None
    bot_ring_seconds: float = Field(default=30, ge=0.2, le=3600)
    bot_rates: float = Field(default=1, gt=0, le=1000)

    @field_validator("bot_token")
    @classmethod
    def _token_shape(cls, token: SecretStr | None) -> SecretStr | None:
        number, colon, rest = token.get_secret_value().partition(":") if token else ("1", ":", "x")
        if not (number.isdigit() and colon and rest):
            raise ValueError("looks like 123456:letters, as BotFather gives it")
        return token

    @field_validator("bot_api_url")
    @classmethod
    def _api_url(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
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

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which people live: dates, quiet hours and deadlines are meant in it."""
        return ZoneInfo(self.bot_timezone)


def read_settings() -> Settings:
    """Read the settings; raises SettingsTrouble with one line that names the wrong one."""
    try:
        return Settings()
    except ValidationError as errors:
        first = errors.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "settings"
        said = str(first["msg"]).removeprefix("Value error, ")
        raise SettingsTrouble(f"{name}: {said}") from None
