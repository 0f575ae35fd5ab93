"""What the keys of the deck did, and what the deck's own consumers reported."""
