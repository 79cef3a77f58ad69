"""What a call is answered with, and Telegram's way of refusing one."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One answer: HTTP status and the JSON body."""

    status: int
    payload: Json


@dataclass(frozen=True)
class Upload:
    """One uploaded file, as it came in a multipart body."""

    name: str
    content: bytes
    mime: str = "application/octet-stream"


@dataclass(frozen=True)
class Call:
    """One method call after its parameters were checked: objects are objects, numbers are numbers."""

    method: str
    params: Json
    files: dict[str, Upload] = field(default_factory=dict)


class ApiError(Exception):
    """A refusal in Telegram's words."""

    def __init__(self, status: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def reply(self) -> Reply:
        """The refusal as Telegram writes it."""
        body: Json = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return Reply(self.status, body)


def bad_request(words: str) -> ApiError:
    """400 with the customary prefix."""
    return ApiError(400, f"Bad Request: {words}")


def forbidden(words: str) -> ApiError:
    """403 with the customary prefix."""
    return ApiError(403, f"Forbidden: {words}")


def conflict(words: str) -> ApiError:
    """409 with the customary prefix."""
    return ApiError(409, f"Conflict: {words}")


def too_many(seconds: int) -> ApiError:
    """429: the call may be repeated after that many seconds."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def accepted(result: Any) -> Reply:
    """200 with a result."""
    return Reply(200, {"ok": True, "result": result})
