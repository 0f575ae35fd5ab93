"""One key, one meaning: on every screen, in every pane and list."""

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

import kafkatui
from kafkatui.domain.deck.acts import Act

RESERVED = {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+left_square_bracket"}
"""The same bytes as backspace, tab, enter, escape."""

NEVER_THE_DECKS = {"q", "question_mark", "escape", "enter", "tab", "z", "slash", "colon", "exclamation_mark"}
NEVER_THE_DECKS |= {"space", "i", "plus", "minus", "T", "D", *"123456"}
"""What works the same whether the deck is out or not."""


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


def is_of_the_deck(binding: Binding) -> bool:
    """Its letters are its own while it is out, whatever else they mean."""
    return binding.action.startswith("deck(")


def is_of_a_lab(binding: Binding) -> bool:
    """In a lab letters are the lab's, and there is no list."""
    return (binding.id or "").startswith("lab.")


def test_no_key_has_two_meanings() -> None:
    meanings: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for place, bindings in own_bindings().items():
        for binding in bindings:
            if is_of_a_lab(binding):
                continue
            if not is_of_the_deck(binding) and binding.id != "deck.away":  # D takes out what it puts away
                meanings[binding.key].setdefault(binding.description, place)
    twice = {key: found for key, found in meanings.items() if len(found) > 1}
    assert not twice


def test_the_deck_has_a_letter_for_each_act_and_leaves_alone_what_must_always_work() -> None:
    of_deck = [one for found in own_bindings().values() for one in found if is_of_the_deck(one)]
    letters = [binding.key_display for binding in of_deck]
    assert sorted(filter(None, letters)) == sorted({act.key.letter for act in Act})
    assert not {binding.key for binding in of_deck} & NEVER_THE_DECKS
    assert all(binding.priority for binding in of_deck)


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
