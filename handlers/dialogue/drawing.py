"""Flows printed, drawn and checked: what is data can be looked at without running it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from handlers.dialogue.flow import END, LEAVE, Flow, Step

Sentence = Callable[[str], str | None]


def describe(flow: Flow[Any], sentence: Sentence) -> str:
    """A flow as lines: its commands and permission, each step with its question, its kind, where it leads."""
    doors = " ".join(f"/{name}" for name in flow.commands) or "–"
    head = f"{flow.name} v{flow.version}  {doors}  ({flow.verb or 'everybody'})"
    return "\n".join([head, *(_line(flow, step, sentence) for step in flow.steps)])


def _line(flow: Flow[Any], step: Step[Any], sentence: Sentence) -> str:
    asked = (sentence(step.ask) or step.ask).replace("\n", " ")
    marks = "optional, " if step.optional else ""
    leads = ", ".join(leads_of(flow, step)) or "–"
    return f"  {step.id:<24} {marks}{step.takes:<10} -> {leads}\n      {asked[:100]}"


def diagram(flow: Flow[Any]) -> str:
    """A flow as a Mermaid flowchart."""
    rows = [f"flowchart TD\n  {_node(flow.name)}([{flow.name}]) --> {_node(flow.first)}"]
    for step in flow.steps:
        shape = f'["{step.id}: {step.takes}"]'
        rows.append(f"  {_node(step.id)}{shape}")
        rows += [f"  {_node(step.id)} --> {_node(to)}" for to in leads_of(flow, step)]
        if step.back:
            rows.append(f"  {_node(step.id)} -.-> {_node(step.back)}")
    return "\n".join(rows)


def _node(id: str) -> str:
    return "s_" + "".join(ch if ch.isalnum() else "_" for ch in id)


def leads_of(flow: Flow[Any], step: Step[Any]) -> tuple[str, ...]:
    """Where a step leads: what it names, or the next step in order, or the end."""
    if step.leads:
        return step.leads
    ids = [s.id for s in flow.steps]
    following = ids[ids.index(step.id) + 1 :]
    return (following[0],) if following else (END,)


def faults(flow: Flow[Any], sentence: Sentence) -> list[str]:
    """What is wrong with a flow: unknown steps, steps that nothing reaches, branches without end, missing texts."""
    known = {step.id for step in flow.steps}
    found = [f"{flow.name}: two steps are called {id}" for id in _twice(s.id for s in flow.steps)]
    if flow.first not in known:
        return [*found, f"{flow.name}: first step {flow.first} does not exist"]
    for step in flow.steps:
        wrong = [
            to for to in (*leads_of(flow, step), *((step.back,) if step.back else ())) if to not in {*known, END}
        ]
        found += [f"{flow.name}.{step.id}: leads to {to}, which does not exist" for to in wrong]
        if sentence(step.ask) is None:
            found.append(f"{flow.name}.{step.id}: no text {step.ask}")
    reached = _reached(flow, known)
    found += [f"{flow.name}.{id}: nothing leads here" for id in sorted(known - reached)]
    if LEAVE not in flow.ways and all(END not in leads_of(flow, step) for step in flow.steps if step.id in reached):
        found.append(f"{flow.name}: never ends")
    return found


def _reached(flow: Flow[Any], known: set[str]) -> set[str]:
    reached: set[str] = set()
    ahead = [flow.first]
    while ahead:
        here = ahead.pop()
        step = flow.step(here)
        if here in reached or here not in known or step is None:
            continue
        reached.add(here)
        ahead += [to for to in leads_of(flow, step) if to != END]
        # A step that may be passed over leads to the one behind it as well.
        ids = [s.id for s in flow.steps]
        if flow.linear and ids.index(here) + 1 < len(ids):
            ahead.append(ids[ids.index(here) + 1])
    return reached


def _twice(ids: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(ids).items() if times > 1]
