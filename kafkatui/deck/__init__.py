"""The deck: a topic, a group and consumers that kafkatui runs itself; keys make consumers join, leave or
crash."""

from kafkatui.deck.deck import Deck
from kafkatui.deck.state import DeckConsumer, DeckState

__all__ = ["Deck", "DeckConsumer", "DeckState"]
