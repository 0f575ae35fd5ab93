"""Observations of a lab as a file: those of a real run, before and after the keys of each step.

``.venv/bin/pytest --kafka=local tests/labs --save-observations`` writes them to
``tests/unit/lab_observations``; `tests.unit.test_lab_observations` reads them. A file has each event once; an
observation has only the number of its events, as `Ledger` does. What is the same as in the observation before
is left out. Events without which every check and every outcome is the same are left out too: a lab writes
thousands of records.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from kafkatui.labs.lesson import Lesson
from kafkatui.labs.observation import Event, Ledger, Observation

DIRECTORY = Path(__file__).parent / "unit" / "lab_observations"
TAG = re.compile(r"^[0-9a-f]{32}$")
"""A command's own name, which is another one in each run."""
ANEW = (
    "the recorded observations do not fit the lesson {}: record them anew with "
    ".venv/bin/pytest --kafka=local tests/labs --save-observations"
)
LEDGERS = ("events", "lags", "turns")
"""The fields of an observation that are lists of events which only grow."""


@dataclass(frozen=True, slots=True)
class Played:
    """A step as it was played."""

    name: str
    before: Observation
    """Before the step's first key."""
    after: Observation
    """The one with which its check passed."""


# a value as JSON: by the types of its fields


def packed(value: Any) -> Any:
    """A value as JSON: a dataclass or a named tuple is a list of its fields, those at its end that have their
    default left out.
    """
    if is_dataclass(value):
        found = [packed(getattr(value, one.name)) for one in fields(value)]
        defaults = [packed(_default(one)) for one in fields(value)]
        while found and found[-1] == defaults[len(found) - 1]:
            found.pop()
        return found
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: packed(one) for key, one in value.items()}
        return [[packed(key), packed(one)] for key, one in value.items()]
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [packed(one) for one in value]
    return value


def _default(one: Any) -> Any:
    """The default of a field; a text that no value is where it has none."""
    if one.default is not MISSING:
        return one.default
    return one.default_factory() if one.default_factory is not MISSING else "no default"


def unpacked(kind: Any, data: Any) -> Any:
    """The value of a type that `packed` made this JSON of."""
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, UnionType):
        kinds = [one for one in arguments if one is not type(None)]
        return None if data is None else data if len(kinds) > 1 else unpacked(kinds[0], data)
    if origin is tuple:
        kinds = [arguments[0]] * len(data) if arguments[-1] is Ellipsis else list(arguments)
        return tuple(unpacked(one, item) for one, item in zip(kinds, data, strict=True))
    if origin is Mapping or origin is dict:
        pairs = data.items() if isinstance(data, dict) else data
        return {unpacked(arguments[0], key): unpacked(arguments[1], one) for key, one in pairs}
    if origin is Sequence:
        return [unpacked(arguments[0], one) for one in data]
    if kind is bytes:
        return data.encode("latin-1")
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return kind(*(unpacked(one, item) for one, item in zip(_types(kind), data, strict=False)))
    return kind(data) if isinstance(kind, type) and issubclass(kind, Enum) else data


@cache
def _types(kind: Any) -> tuple[Any, ...]:
    """The types of the fields of a dataclass or a named tuple, in their order."""
    hints = get_type_hints(kind)
    names = [one.name for one in fields(kind)] if is_dataclass(kind) else kind._fields
    return tuple(hints[name] for name in names)


# a run as a file


def written(lesson: Lesson, played: Sequence[Played], run: str) -> str:
    """The text of a file; `run` is the name of the run, which stands in the values of its records."""
    played = reduced(lesson, played)
    seen = [one for step in played for one in (step.before, step.after)]
    zero = min([seen[0].at, *(event.at for event in seen[-1].events[:1])])
    longest = {name: max((getattr(one, name) for one in seen), key=len) for name in LEDGERS}
    lines = [f'"{name}": {_lines([_event(one, zero, run) for one in longest[name]])}' for name in LEDGERS]
    states: list[dict[str, Any]] = []
    known: dict[str, Any] = {}
    for place, one in enumerate(seen):
        state = {**_state(one), "at": round(one.at - zero, 3)}
        changed = {name: value for name, value in state.items() if name not in known or known[name] != value}
        states.append(changed if place % 2 else {"step": played[place // 2].name, **changed})
        known = state
    lines.append(f'"seen": {_lines(states)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _lines(values: Sequence[Any]) -> str:
    """A JSON list with a value a line."""
    lines = (json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in values)
    return "[\n" + ",\n".join(lines) + "\n]" if values else "[]"


def _event(event: Event, zero: float, run: str) -> Any:
    value = event.value.replace(f"{run}:", "r:", 1) if event.value.startswith(f"{run}:") else event.value
    detail = "" if TAG.match(event.detail) else event.detail
    return packed(replace(event, at=event.at - zero, value=value, detail=detail))


def _state(one: Observation) -> dict[str, Any]:
    return {
        each.name: len(getattr(one, each.name)) if each.name in LEDGERS else packed(getattr(one, each.name))
        for each in fields(one)
    }


def read(text: str) -> list[Played]:
    """The steps of a file."""
    data = json.loads(text)
    ledgers = {name: [unpacked(Event, one) for one in data[name]] for name in LEDGERS}
    types = get_type_hints(Observation)
    seen: list[tuple[str, Observation]] = []
    state: dict[str, Any] = {}
    for one in data["seen"]:
        state = state | one
        made: dict[str, Any] = {
            name: Ledger(ledgers[name], value) if name in LEDGERS else unpacked(types[name], value)
            for name, value in state.items()
            if name != "step"
        }
        seen.append((state["step"], Observation(**made)))
    return [
        Played(name, before, after) for (name, before), (_, after) in zip(seen[::2], seen[1::2], strict=True)
    ]


def recorded(lesson: Lesson) -> list[Played]:
    """The steps of the recorded run of a lesson. Fails where it is not one of this lesson."""
    path = DIRECTORY / f"{lesson.name}.json"
    played = read(path.read_text(encoding="utf-8")) if path.exists() else []
    if [one.name for one in played] != [step.name for step in lesson.steps]:
        pytest.fail(ANEW.format(lesson.name))
    return played


def save(lesson: Lesson, played: Sequence[Played], run: str) -> None:
    """Write the file of a lesson."""
    DIRECTORY.mkdir(exist_ok=True)
    (DIRECTORY / f"{lesson.name}.json").write_text(written(lesson, played, run), encoding="utf-8")


# what may be left out


def reduced(lesson: Lesson, played: Sequence[Played]) -> Sequence[Played]:
    """The steps without the events that no check and no outcome needs."""
    wanted = verdicts(lesson, played)
    for name in LEDGERS:
        kinds = Counter((one.kind, one.who) for one in getattr(played[-1].after, name))
        for kind, _ in kinds.most_common():
            fewer = _without(played, name, kind)
            if verdicts(lesson, fewer) == wanted:
                played = fewer
    return played


def _without(played: Sequence[Played], name: str, kind: tuple[str, str]) -> list[Played]:
    """The steps without the events of a kind and of a program (`kind`) in the ledger `name`."""
    longest: Sequence[Event] = max((getattr(one.after, name) for one in played), key=len)
    left = [one for one in longest if (one.kind, one.who) != kind]
    lengths = [0]  # by number of events: how many of them are left
    for event in longest:
        lengths.append(lengths[-1] + ((event.kind, event.who) != kind))

    def cut(one: Observation) -> Observation:
        shorter: dict[str, Any] = {name: Ledger(left, lengths[len(getattr(one, name))])}
        return replace(one, **shorter)

    return [Played(one.name, cut(one.before), cut(one.after)) for one in played]


def verdicts(lesson: Lesson, played: Sequence[Played]) -> list[Any]:
    """What the checks and the outcomes of all steps say."""
    found: list[Any] = []
    for step, one in zip(lesson.steps, played, strict=True):
        found.append((step.check(one.before, one.before) is None, step.check(one.before, one.after) is None))
        found += [question.came_out(one.before, one.after) for question in step.questions]
    return found
