"""Labs on real brokers: each plays itself, and its invariants are asserted."""
