"""Which partition of ``__consumer_offsets`` holds a group."""

import pytest

from kafkatui.domain.rebalance.generations import group_partition


@pytest.mark.parametrize(
    ("group_id", "of_50", "of_3"),
    [
        ("", 0, 0),
        ("billing", 9, 1),
        ("search", 6, 1),
        ("kafkatui-deck", 20, 1),
        ("polygenelubricants", 0, 0),
        ("g\u00fcnther", 8, 2),
        ("\U0001f680 rockets", 26, 2),
    ],
)
def test_the_partition_of_a_group_is_java_s_hash_code_of_its_name(
    group_id: str, of_50: int, of_3: int
) -> None:
    """As Java's own ``Math.abs(name.hashCode()) % n``; one of the names hashes to the lowest integer."""
    assert (group_partition(group_id, 50), group_partition(group_id, 3)) == (of_50, of_3)
