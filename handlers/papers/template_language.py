"""The small language of a layout: which fields and commands there are, how much may come of it. Pure.

A layout may come from a secretary. Of Jinja it may use fields of ``paper.Paper``, conditions, loops over lists of
the paper, and a few filters: nothing is called, set, imported or calculated, so that it ends, and is counted.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import StrictUndefined, TemplateError, TemplateRuntimeError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from handlers.papers.paper import Paper

FILTERS = frozenset({"upper", "lower", "capitalize", "title", "trim", "length", "first", "last", "join", "default"})
TESTS = frozenset({"defined", "none", "true", "false", "odd", "even", "sameas", "equalto", "eq", "ne", "gt", "lt"})
LONGEST_RANGE = 200
# Signs of XML that one file may hold; the longest form there is has a tenth of it.
BUDGET = 12_000_000
_DEEPEST = 16  # loops and conditions inside each other; Python itself gives up at twenty
_PASS = 200  # what one pass of a loop costs besides its words


@dataclass(frozen=True, slots=True)
class _Loop:
    """What ``loop`` knows inside a loop."""

    index: int
    index0: int
    revindex: int
    revindex0: int
    first: bool
    last: bool
    length: int


class TooMuchError(TemplateRuntimeError):
    """A layout makes more of a paper than any form can need."""


class NotAllowedError(TemplateError):
    """A layout uses what is not in its language; ``misuse`` says what."""

    def __init__(self, misuse: Misuse) -> None:
        super().__init__(f"{misuse.kind}: {misuse.what}")
        self.misuse = misuse


@dataclass(frozen=True, slots=True)
class Misuse:
    """One thing that a layout may not: its kind (``field``, ``command``), what it is, and on which line."""

    kind: str
    what: str
    line: int


@dataclass(slots=True)
class Reading:
    """What a layout uses: fields by class and name (``Entry.lines``), and what it may not."""

    used: set[str] = field(default_factory=set)
    misuses: list[Misuse] = field(default_factory=list)


class LayoutEnvironment(ImmutableSandboxedEnvironment):
    """Reads and fills layouts; one environment fills one file, and counts what it makes of it."""

    def __init__(self, finalize: Any = None) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=finalize)
        self.globals.clear()
        self.globals["range"] = range
        self.filters = {name: made for name, made in self.filters.items() if name in FILTERS}
        self.filters["counted"] = self._counted
        self.tests = {name: made for name, made in self.tests.items() if name in TESTS}
        self._left = BUDGET

    def renew(self) -> None:
        """Begin to count anew: another file."""
        self._left = BUDGET

    def tree(self, source: str) -> nodes.Template:
        """The layout as it was written; raises TemplateSyntaxError."""
        return super()._parse(source, None, None)

    def spend(self, signs: int) -> None:
        """Take note of what was made; raises TooMuchError where it is too much."""
        self._left -= signs
        if self._left < 0:
            raise TooMuchError("too much")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """The layout with its loops counted; whatever is compiled comes through here."""
        tree = super()._parse(source, name, filename)
        reading = read(tree)
        if reading.misuses:
            raise NotAllowedError(reading.misuses[0])
        for loop in tree.find_all(nodes.For):
            cost = nodes.Const(_PASS + sum(map(len, _words(loop.body))))
            loop.iter = nodes.Filter(loop.iter, "counted", [cost], [], None, None)
        tree.set_environment(self)
        return tree

    def _counted(self, things: Iterable[Any], cost: int) -> tuple[Any, ...]:
        kept = tuple(things)
        self.spend(cost * len(kept))
        return kept


def read(tree: nodes.Template) -> Reading:
    """What a layout uses and what it may not, whether the sample leads there or not."""
    reader = _Reader()
    reader.statements(tree.body, {**fields_of(Paper), "qr": str})
    return reader.reading


def _words(body: Iterable[nodes.Node]) -> Iterator[str]:
    """The fixed words that one pass of a loop prints, loops inside it left out: they count their own."""
    for node in body:
        if isinstance(node, nodes.TemplateData):
            yield node.data
        elif not isinstance(node, nodes.For):
            yield from _words(node.iter_child_nodes())


@cache
def fields_of(record: Any) -> Mapping[str, Any]:
    """The fields of a record with their types."""
    return {name: hint for name, hint in get_type_hints(record).items() if not name.startswith("_")}


def _plain(hint: Any) -> Any:
    """``Annex | None`` is an annex where it is there."""
    if get_origin(hint) in {Union, types.UnionType}:
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


def _element(hint: Any) -> Any:
    """What a list consists of; None for what is no list."""
    hint = _plain(hint)
    return get_args(hint)[0] if get_origin(hint) is tuple else None


class _Reader:
    """Walks through a layout with the types of what is known at each place; an unknown type knows no field."""

    def __init__(self) -> None:
        self.reading = Reading()
        self._depth = 0

    def statements(self, body: Iterable[nodes.Node], known: Mapping[str, Any]) -> None:
        self._depth += 1
        for node in body:
            if self._depth > _DEEPEST:
                self._refuse(node)
                break
            self._statement(node, known)
        self._depth -= 1

    def _statement(self, node: nodes.Node, known: Mapping[str, Any]) -> None:
        match node:
            case nodes.Output():
                for part in node.nodes:
                    self._value(part, known)
            case nodes.If():
                self._value(node.test, known)
                self.statements([*node.body, *node.elif_, *node.else_], known)
            case nodes.For(target=nodes.Name(name=name), recursive=False):
                inside = {**known, name: self._each(node.iter, known), "loop": _Loop}
                if node.test is not None:
                    self._value(node.test, inside)
                self.statements(node.body, inside)
                self.statements(node.else_, known)
            case _:
                self._refuse(node)

    def _each(self, node: nodes.Node, known: Mapping[str, Any]) -> Any:
        """What a loop goes through: a list of the paper, or ``range`` with a small fixed number."""
        match node:
            case nodes.Call(
                node=nodes.Name(name="range"),
                args=[nodes.Const(value=int() as most)],
                kwargs=[],
                dyn_args=None,
                dyn_kwargs=None,
            ):
                return int if most <= LONGEST_RANGE else self._refuse(node)
        of = self._value(node, known)
        if of is None:
            return None
        return _element(of) or self._refuse(node)

    def _value(self, node: nodes.Node, known: Mapping[str, Any]) -> Any:
        """The type of a value; None where it cannot be told, which was said already."""
        match node:
            case nodes.Const():
                return type(node.value)
            case nodes.TemplateData():
                return str
            case nodes.Name(name=name):
                return self._name(node, name, known)
            case nodes.Getattr(node=of, attr=name):
                return self._field(node, self._value(of, known), name)
            case nodes.Getitem(node=of, arg=nodes.Const(value=int())):
                return _element(self._value(of, known))
            case nodes.Filter(node=nodes.Expr() as of, name=name) if name in FILTERS and _is_plain(node):
                return self._filtered(node, name, self._value(of, known), known)
            case nodes.CondExpr(expr2=nodes.Expr() as other):
                self._all([node.test, other], known)
                return self._value(node.expr1, known)
        return self._truth(node, known)

    def _truth(self, node: nodes.Node, known: Mapping[str, Any]) -> Any:
        match node:
            case nodes.Test(name=name) if name in TESTS and _is_plain(node):
                self._all([node.node, *node.args], known)
                return bool
            case nodes.Compare() | nodes.And() | nodes.Or() | nodes.Not() | nodes.Operand():
                self._all(node.iter_child_nodes(), known)
                return bool
        return self._refuse(node)

    def _all(self, values: Iterable[nodes.Node], known: Mapping[str, Any]) -> None:
        for value in values:
            self._value(value, known)

    def _filtered(self, node: nodes.Filter, name: str, of: Any, known: Mapping[str, Any]) -> Any:
        self._all(node.args, known)
        if name in {"first", "last"}:
            return _element(of)
        return {"length": int, "default": of}.get(name, str)

    def _name(self, node: nodes.Node, name: str, known: Mapping[str, Any]) -> Any:
        if name not in known:
            self.reading.misuses.append(Misuse("field", name, node.lineno))
            return None
        if name == "qr" or known[name] is fields_of(Paper).get(name):
            self.reading.used.add(f"Paper.{name}")
        return _plain(known[name])

    def _field(self, node: nodes.Getattr, of: Any, name: str) -> Any:
        if of is None:
            return None
        known = fields_of(of) if isinstance(of, type) and is_dataclass(of) else {}
        if name not in known:
            self.reading.misuses.append(Misuse("field", _written(node), node.lineno))
            return None
        if of is not _Loop:
            self.reading.used.add(f"{of.__name__}.{name}")
        return _plain(known[name])

    def _refuse(self, node: nodes.Node) -> Any:
        self.reading.misuses.append(Misuse("command", _written(node), node.lineno))


def _is_plain(node: nodes.Filter | nodes.Test) -> bool:
    """Whether its arguments stand there one by one: what is unpacked (``*``, ``**``) would not be read."""
    return not node.kwargs and node.dyn_args is None and node.dyn_kwargs is None


def _written(node: nodes.Node) -> str:
    """A value about as it was written."""
    match node:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(node=of, attr=name):
            return f"{_written(of)}.{name}"
        case nodes.Getitem(node=of):
            return f"{_written(of)}[…]"
        case nodes.Call(node=of):
            return f"{_written(of)}(…)"
        case nodes.Filter(name=name) | nodes.Test(name=name):
            return str(name)
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(node).__name__).lower()


def misuse_of(error: TemplateError) -> Misuse | None:
    """What a syntax error is about, where Jinja says it."""
    if not isinstance(error, TemplateSyntaxError):
        return None
    message = error.message or ""
    unknown = re.search(r"unknown tag '([^']*)'", message)
    if unknown:
        return Misuse("tag", unknown[1], error.lineno)
    if "Unexpected end of template" in message:
        return Misuse("open", "", error.lineno)
    if "No filter named" in message or "No test named" in message:
        return Misuse("command", message.split("'")[1], error.lineno)
    return Misuse("syntax", "", error.lineno)
