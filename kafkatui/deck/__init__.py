"""The deck: a topic and a group with consumers of our own that a key lets join, leave, crash."""

from kafkatui.deck.deck import Deck
from kafkatui.deck.state import DeckConsumer, DeckState

__all__ = ["Deck", "DeckConsumer", "DeckState"]
