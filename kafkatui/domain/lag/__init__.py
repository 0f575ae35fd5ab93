"""How far groups are behind, how that changes, and the verdict on it."""
