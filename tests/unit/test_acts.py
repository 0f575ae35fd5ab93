"""The table of the deck's keys: it is complete, and nothing beside it lists keys."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import kafkatui
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.deck.terms import TERMS
from kafkatui.domain.rebalance.explain.deeds import SENTENCES
from kafkatui.domain.rebalance.explain.explain import explain
from kafkatui.panes.entry_lines import deed_text

PACKAGE = Path(kafkatui.__path__[0])
METHODS = "deck/deck.py"
SENTENCES_OF_EFFECTS = "domain/rebalance/explain/deeds.py"


def names_of_acts(nodes: list[ast.expr | None]) -> list[str]:
    """``JOIN`` for each `Act.JOIN` among these."""
    return [
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Act"
    ]


def lists_of_acts() -> Iterator[tuple[str, list[str]]]:
    """Every mapping by act and every collection of several acts that is written in the package: where it is,
    and its acts.
    """
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            acts: list[str] = []
            if isinstance(node, ast.Dict):
                acts = names_of_acts(list(node.keys))
            elif isinstance(node, ast.Set | ast.List | ast.Tuple) and len(node.elts) > 1:
                acts = names_of_acts(list(node.elts))
            if acts:
                yield path.relative_to(PACKAGE).as_posix(), acts


def test_only_methods_and_sentences_are_listed_by_act_and_each_act_has_both() -> None:
    """All else about a key is in its row of the table, so that a new key changes no other file."""
    found = list(lists_of_acts())
    assert [place for place, _ in found] == [METHODS, SENTENCES_OF_EFFECTS]
    for place, acts in found:
        assert sorted(acts) == sorted(act.name for act in Act), place
    assert set(SENTENCES) == set(Act)


def test_of_two_acts_with_one_letter_one_has_the_button() -> None:
    buttons: defaultdict[str, int] = defaultdict(int)
    for act in Act:
        assert len(act.key.letter) == 1
        buttons[act.key.letter] += act.key.button is not None
    assert set(buttons.values()) == {1}


def test_the_row_shows_rare_keys_last() -> None:
    rare = [act.key.button.rare for act in Act if act.key.button is not None]
    assert rare == sorted(rare)


@pytest.mark.parametrize("act", Act, ids=str)
def test_the_texts_of_each_act_can_be_filled_in(act: Act) -> None:
    for detail in ("", "on", "off"):
        deed = Deed(act, 1.0, "billing", "c1", detail)
        for text in (deed_text(deed), explain(deed)):
            assert "{" not in text
    pending = act.key.pending
    if pending is not None:
        assert "{" not in pending.text.format(who="c1", ago="2 s", terms=TERMS)
        assert pending.within(TERMS) > 0


def test_an_act_says_its_name_in_words() -> None:
    assert (str(Act.JOIN), f"{Act.KILL_BROKER}") == ("join", "kill broker")
