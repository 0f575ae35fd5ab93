"""The deck: a playground with consumers of our own that a key lets join, leave, crash."""

from kafkatui.deck.deck import Deck
from kafkatui.deck.state import DeckState, Player

__all__ = ["Deck", "DeckState", "Player"]
