"""What to try next: every key of the deck has a sentence, and the sentence names a key that exists."""

from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.explain.next_steps import lesson, next_step
from kafkatui.labs.lessons import lesson_named


def test_every_key_has_something_to_try_next() -> None:
    letters = {act.key.letter for act in Act}
    for act in Act:
        text = next_step(Deed(act, 0.0, "billing"))
        assert text.split()[0].rstrip(":,") in letters


def test_keys_that_make_everyone_join_anew_say_what_they_teach() -> None:
    assert "sticky lets members keep" in lesson(Deed(Act.ASSIGNOR, 0.0, "billing"))
    assert "keeps its place" in lesson(Deed(Act.STATIC, 0.0, "billing"))
    assert "only what moves is given up" in lesson(Deed(Act.PROTOCOL, 0.0, "billing"))
    assert lesson(Deed(Act.JOIN, 0.0, "billing")) == ""


def test_a_lab_that_a_key_points_to_exists() -> None:
    for act in Act:
        assert act.key.lab == 0 or lesson_named(str(act.key.lab)) is not None
    assert next_step(Deed(Act.KILL_BROKER, 0.0, "billing")).endswith("Lab 8 shows it step by step: L.")
