"""Kafka's releases, by the level of ``metadata.version`` that a cluster has finalized."""

FIRST_LEVELS = (
    (1, "3.0"), (2, "3.1"), (3, "3.2"), (4, "3.3"), (8, "3.4"), (9, "3.5"), (12, "3.6"), (15, "3.7"),
    (20, "3.8"), (21, "3.9"), (22, "4.0"), (26, "4.1"), (28, "4.2"), (30, "4.3"),
)  # fmt: skip
"""The first level of ``metadata.version`` of each release (``kafka-storage.sh version-mapping``)."""
NEWEST_LEVEL = 30
"""The newest level of the newest release above."""


def is_before(release: str | None, other: str) -> bool:
    """Whether a release of those above is older than another; of one that is not known: no."""
    names = [name for _, name in FIRST_LEVELS]
    return release in names and names.index(release) < names.index(other)


def release_of(level: int) -> str | None:
    """The release that has this level of ``metadata.version``: ``4.1``; ``None``: the level is older than
    all.

    ``4.3+`` for a level that is newer than the newest release known here.
    """
    if level > NEWEST_LEVEL:
        return f"{FIRST_LEVELS[-1][1]}+"
    return next((release for first, release in reversed(FIRST_LEVELS) if first <= level), None)
