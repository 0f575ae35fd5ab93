"""Kafka's own words, one plain sentence each."""

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("topic", "a named stream of records; it consists of partitions"),
    ("partition", "one log of records in order; within a group one member at a time reads it"),
    ("offset", "the place of a record in its partition: 0, 1, 2 and so on"),
    ("lag", "how many offsets a group has still to read: the end of the log minus what it committed"),
    ("group", "consumers (members) that share the partitions of topics between them"),
    ("rebalance", "a group shares its partitions anew: a member came or went, or there are more partitions"),
    ("assignor", "the rule that says which member gets which partition: range, round-robin, sticky"),
    ("generation", "how many times a group has shared its partitions; members of KIP-848 say epoch"),
    ("KIP-848", "the newer group protocol: the broker assigns, and only what moves is given up"),
)
"""(word, meaning); a meaning uses only words that come before it."""
