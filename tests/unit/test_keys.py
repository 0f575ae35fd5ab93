"""One key, one meaning: on every screen, in every pane and list."""

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

import kafkatui

RESERVED = {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+left_square_bracket"}
"""The same bytes as backspace, tab, enter, escape."""


def modules() -> Iterator[str]:
    """Every module that may hold a screen, a pane or a widget."""
    for found in pkgutil.walk_packages(kafkatui.__path__, "kafkatui."):
        if found.name.split(".")[1] in {"app", "panes", "screens", "widgets"}:
            yield found.name


def own_bindings() -> dict[str, list[Binding]]:
    """By class: the bindings it declares itself."""
    found: dict[str, list[Binding]] = {}
    for name in modules():
        for thing in vars(importlib.import_module(name)).values():
            if isinstance(thing, type) and issubclass(thing, DOMNode) and thing.__module__ == name:
                bindings = list(Binding.make_bindings(thing.__dict__.get("BINDINGS", ())))
                if bindings:
                    found[f"{name}.{thing.__name__}"] = bindings
    return found


def test_every_screen_and_pane_was_looked_at() -> None:
    names = " ".join(own_bindings())
    screens = ("MonitorScreen", "ConnectScreen", "StartScreen", "HelpScreen", "RecordScreen", "Picker")
    for wanted in (*screens, "KafkaTui", "TopicsPane", "Lines"):
        assert wanted in names


def test_no_key_has_two_meanings() -> None:
    meanings: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for place, bindings in own_bindings().items():
        for binding in bindings:
            meanings[binding.key].setdefault(binding.description, place)
    twice = {key: found for key, found in meanings.items() if len(found) > 1}
    assert not twice


def test_every_binding_can_be_named_and_is_described() -> None:
    for place, bindings in own_bindings().items():
        for binding in bindings:
            assert binding.id, f"{place}: {binding.key}"
            assert binding.description, f"{place}: {binding.key}"


def test_an_id_names_one_action() -> None:
    actions: defaultdict[str, set[str]] = defaultdict(set)
    for place, bindings in own_bindings().items():
        for binding in bindings:
            actions[binding.id or ""].add(f"{place} {binding.action}")
    assert not {name: found for name, found in actions.items() if len(found) > 1}


def test_no_key_is_another_ones_bytes() -> None:
    keys = {binding.key for bindings in own_bindings().values() for binding in bindings}
    assert not keys & RESERVED
