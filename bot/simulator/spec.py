"""The parameters of a call against the Bot API's own list of fields: types set right, strangers refused.

Telegram ignores a parameter that it does not know; here it is refused (strict mode), since it is a slip of the pen.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from bot.simulator.replies import ApiError, Json, bad_request

FieldTypes = list[str]
Shapes = dict[str, dict[str, FieldTypes]]

MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "action": "wrong parameter action in request",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "file_id": "invalid file_id",
    "commands": "can't parse commands JSON object",
}
# An empty URL is how setWebhook removes a webhook.
MAY_BE_EMPTY = frozenset({"url"})
BASIC: dict[str, type | tuple[type, ...]] = {"Integer": int, "String": str, "Boolean": bool, "Float": (int, float)}
BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


@cache
def load() -> tuple[Shapes, Shapes]:
    """Methods and types, as extract_methods.py wrote them."""
    data = json.loads(Path(__file__).with_name("methods.json").read_text(encoding="utf-8"))
    return data["methods"], data["types"]


def known_methods() -> dict[str, str]:
    """Lower-case name to real name: Telegram does not mind the case of a method."""
    return {name.lower(): name for name in load()[0]}


def checked(method: str, params: Json, uploads: set[str], *, strict: bool) -> Json:
    """The parameters with their right types, empty ones dropped. Raises ``ApiError`` 400."""
    shape = load()[0][method]
    given = {name: value for name, value in params.items() if value is not None and value != ""}
    unknown = sorted(given.keys() - shape.keys())
    if unknown and strict:
        raise bad_request(f'unknown parameter "{unknown[0]}" of the method "{method}" (simulator, strict mode)')
    result: Json = {}
    for name, types in shape.items():
        if name in given:
            result[name] = _convert(name, given[name], types, strict=strict)
        elif "!" in types and name not in uploads and name not in MAY_BE_EMPTY:
            raise bad_request(MISSING.get(name, f'parameter "{name}" is required'))
    return result


def _convert(name: str, value: Any, types: FieldTypes, *, strict: bool) -> Any:
    kinds = [kind for kind in types if kind != "!"]
    if kinds == ["Boolean"]:
        return _boolean(name, value)
    if "Integer" in kinds:
        return _integer(name, value, words_too="String" in kinds)
    if "String" in kinds or kinds == ["InputFile"]:
        if isinstance(value, (dict, list)):
            raise bad_request(f'parameter "{name}" must be a String')
        return value if isinstance(value, str) else str(value)
    return _object(name, value, kinds, strict=strict)


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in BOOLEANS:
        raise bad_request(f'parameter "{name}" must be a Boolean')
    return BOOLEANS[word]


def _integer(name: str, value: Any, *, words_too: bool) -> int | str:
    if isinstance(value, (bool, dict, list, float)):
        raise _not_an_integer(name)
    try:
        return int(value)
    except ValueError:
        if words_too and name == "chat_id" and str(value).startswith("@"):
            return str(value)
        raise _not_an_integer(name) from None


def _not_an_integer(name: str) -> ApiError:
    return bad_request("chat not found" if name == "chat_id" else f'parameter "{name}" must be an Integer')


def _object(name: str, value: Any, kinds: list[str], *, strict: bool) -> Any:
    words = name.replace("_", " ").replace("reply markup", "reply keyboard markup")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {words} JSON object") from None
    if strict:
        problem = misfit(value, kinds)
        if problem:
            raise bad_request(f"can't parse {words} JSON object: {problem}")
    return value


def misfit(value: Any, kinds: list[str]) -> str:
    """Why the value is none of these types; empty when it is one of them."""
    problems = [_misfit_one(value, kind) for kind in kinds if kind != "!"]
    if not problems or "" in problems:
        return ""
    # Of several types the one that failed latest, thus with the longest path, was the one that was meant.
    return max(problems, key=len)


def _misfit_one(value: Any, kind: str) -> str:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return "Array expected"
        return next((p for item in value if (p := _misfit_one(item, kind[9:]))), "")
    basic = BASIC.get(kind)
    if basic is not None:
        wrong = not isinstance(value, basic) or (kind == "Integer" and isinstance(value, bool))
        return f"{kind} expected" if wrong else ""
    shape = load()[1].get(kind)
    if shape is None:
        return ""
    if "|" in shape:
        return misfit(value, shape["|"])
    if not isinstance(value, dict):
        return f"{kind} must be an Object"
    return _misfit_fields(value, kind, shape)


def _misfit_fields(value: Json, kind: str, shape: dict[str, FieldTypes]) -> str:
    for name in value:
        if name not in shape:
            return f'unknown field "{name}" of {kind}'
    for name, types in shape.items():
        if value.get(name) is None:
            if "!" in types:
                return f'field "{name}" of {kind} must be specified'
            continue
        problem = misfit(value[name], types)
        if problem:
            return f"{kind}.{name}: {problem}"
    return ""
