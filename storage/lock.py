"""One process owns a database file: a lock beside it, which the system takes back however the process ends."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import make_url

from storage.database import DatabaseTrouble


def file_of(url: str) -> Path | None:
    """The file of an embedded database; None for a server, or a database in memory."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or parts.database in {None, "", ":memory:"}:
        return None
    return Path(str(parts.database))


class Ownership:
    """Held until ``release``. It lies in a file of its own: SQLite loses its own locks on a file that is closed.

    That file stays where it is: to remove it could leave two processes with a lock on two files of one name.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let another process have the database."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def own(file: Path) -> Ownership:
    """Become the only process that writes to ``file``, at once or not at all; a missing folder is made.

    Raises DatabaseTrouble: ``owned`` with the other process's number, ``read_only``, ``full`` or ``missing``.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _refuse_what_cannot_be_written(file)
        path = _lock_of(file)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise trouble_of(error) from error
    try:
        belongs_like(path, file)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as held:
        os.close(descriptor)
        raise DatabaseTrouble("owned", _process_named_in(path)) from held
    except OSError as error:
        os.close(descriptor)
        raise trouble_of(error) from error
    with suppress(OSError):  # the number is for people to read; a full disk does not make the lock weaker
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
    return Ownership(descriptor)


def trouble_of(error: OSError) -> DatabaseTrouble:
    """An error of the file system under one of our names."""
    kinds = {"EACCES": "read_only", "EPERM": "read_only", "EROFS": "read_only", "ENOSPC": "full", "EDQUOT": "full"}
    # A file that may not grow any more looks to its writer like a disk without room.
    kinds["EFBIG"] = "full"
    name = errno.errorcode.get(error.errno or 0, "")
    return DatabaseTrouble(kinds.get(name, "missing"), error.strerror or str(error))


def belongs_like(path: Path, file: Path) -> None:
    """Give a file to the owner of the database: what root made beside it must not lock its user out."""
    if os.geteuid() != 0:
        return
    model = (file if file.exists() else file.parent).stat()
    os.chown(path, model.st_uid, model.st_gid)


def _refuse_what_cannot_be_written(file: Path) -> None:
    if file.is_dir():
        raise DatabaseTrouble("folder", str(file))
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise DatabaseTrouble("read_only", f"{file.parent} cannot be written to")
    if file.exists() and not os.access(file, os.R_OK | os.W_OK):
        raise DatabaseTrouble("read_only", f"{file} cannot be written to")


def _lock_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.lock")


def _process_named_in(path: Path) -> str:
    try:
        number = path.read_text().strip()
    except OSError:
        number = ""
    return f"process {number}" if number else "another process"
