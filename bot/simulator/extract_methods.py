"""Makes methods.json from a machine-readable copy of the Bot API: python -m bot.simulator.extract_methods API.JSON.

Keeps only the methods that the simulator answers and the types that their parameters are made of, and of each field
only its types; a field that is required has "!" among them.
"""

import json
import sys
from pathlib import Path
from typing import Any

METHODS = [
    "getMe",
    "getUpdates",
    "setWebhook",
    "deleteWebhook",
    "getWebhookInfo",
    "sendMessage",
    "sendPhoto",
    "sendDocument",
    "sendChatAction",
    "editMessageText",
    "editMessageCaption",
    "editMessageReplyMarkup",
    "deleteMessage",
    "answerCallbackQuery",
    "getFile",
    "getChat",
    "setMyCommands",
    "deleteMyCommands",
    "getMyCommands",
    "setMyName",
    "getMyName",
    "setMyDescription",
    "getMyDescription",
    "setMyShortDescription",
    "getMyShortDescription",
    "setChatMenuButton",
    "getChatMenuButton",
]
# Rich messages, payments and web apps are not simulated: their shapes would be most of the file.
LEFT_OUT = {"InputRichMessage", "SuggestedPostParameters", "KeyboardButtonRequestUsers", "InputFile", "User"}
TARGET = Path(__file__).with_name("methods.json")

Shapes = dict[str, dict[str, list[str]]]


def fields_of(entry: dict[str, Any]) -> dict[str, list[str]]:
    """Field name to its types, "!" first when the field is required."""
    return {f["name"]: (["!"] if f["required"] else []) + f["types"] for f in entry.get("fields", [])}


def bare(type_name: str) -> str:
    """The element of an array type, however deep."""
    return type_name.removeprefix("Array of ") if not type_name.startswith("Array of Array") else type_name[18:]


def closure(api: dict[str, Any], start: Shapes) -> Shapes:
    """The types reachable from the parameters of the methods; a union is kept as its names under "|"."""
    found: Shapes = {}
    waiting = {bare(t) for fields in start.values() for types in fields.values() for t in types}
    while waiting:
        name = waiting.pop()
        if name in found or name in LEFT_OUT or name not in api["types"]:
            continue
        entry = api["types"][name]
        found[name] = {"|": entry["subtypes"]} if entry.get("subtypes") else fields_of(entry)
        waiting |= {bare(t) for types in found[name].values() for t in types}
    return dict(sorted(found.items()))


def main(source: Path) -> None:
    """Read the source, write the target, one line for each method and type."""
    api = json.loads(source.read_text(encoding="utf-8"))
    methods = {name: fields_of(api["methods"][name]) for name in METHODS}
    parts = [f'"version": {json.dumps(api["version"])}']
    for title, shapes in (("methods", methods), ("types", closure(api, methods))):
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(fields)}" for name, fields in shapes.items())
        parts.append(f'"{title}": {{\n{lines}\n}}')
    TARGET.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
