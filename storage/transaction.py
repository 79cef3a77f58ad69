"""The type of an open transaction, for floors that hand it on without knowing SQL."""

from sqlalchemy import Connection

__all__ = ["Connection"]
