"""How long nobody read a partition, by its commits: never shorter than the real pause of its members."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.causes import CLOCKS
from kafkatui.domain.rebalance.commits import APART, Commits
from kafkatui.domain.rebalance.generations import Commit

HERE = TopicPartition("orders", 0)


def commits(*told: tuple[float, int]) -> Commits:
    """Commits of one partition, as (time, offset)."""
    found = Commits()
    found.note(Commit(HERE, offset, at) for at, offset in told)
    return found


@pytest.mark.parametrize(
    ("told", "read_at"),
    [
        pytest.param([], None, id="none"),
        pytest.param(
            [(1, 5), (2, 6)], None, id="one that is higher than before: read at some time before it"
        ),
        pytest.param([(1, 5), (2, 6), (3, 7)], 2, id="read after the last but one"),
        pytest.param([(1, 5), (2, 6), (3, 7), (9, 8)], 2, id="and not what came later"),
        pytest.param([(1, 5), (2, 6), (3, 6), (4, 6)], None, id="the same again tells nothing"),
        pytest.param([(1, 5), (2, 6), (3, 2), (4, 3)], 2, id="rewound, and read on"),
        pytest.param([(1, 5), (2, 6), (2.01, 7), (2.02, 8)], None, id="many at once are one"),
    ],
)
def test_the_latest_time_at_which_a_partition_was_surely_read(
    told: list[tuple[float, int]], read_at: float | None
) -> None:
    found = commits(*told).read_at(HERE, 8)
    assert found == (None if read_at is None else pytest.approx(read_at - CLOCKS))


@pytest.mark.parametrize(
    ("told", "gap"),
    [
        pytest.param([(1, 5)], None, id="nothing known"),
        pytest.param([(1, 5), (2, 6)], 10, id="read before"),
        pytest.param([(1, 5), (12, 6), (13, 7), (18, 8)], 7, id="read within"),
        pytest.param([(1, 5), (30, 6)], 10, id="read after"),
    ],
)
def test_the_longest_time_for_which_nobody_read_a_partition(
    told: list[tuple[float, int]], gap: float | None
) -> None:
    found = commits(*told).gap(HERE, 10, 20)
    assert found == (None if gap is None else pytest.approx(gap + 2 * CLOCKS))


@given(
    st.lists(st.floats(0.01, 0.5), min_size=2, max_size=60),
    st.floats(0.5, 10),
    st.floats(0, 1),
    st.floats(0, 2),
    st.floats(0.1, 3),
)
def test_the_real_pause_is_never_longer_than_the_bound_from_commits(
    steps: list[float], begin: float, pause: float, early: float, late: float
) -> None:
    """A member commits what it read, as often as it likes, pauses, and goes on; its last commit may be
    written while it pauses already.
    """
    times = [sum(steps[:count]) for count in range(1, len(steps) + 1)]
    told = [at for at in times if at <= begin] + [begin + pause / 2]
    told += [begin + pause + at for at in times]
    found = commits(*((at, offset) for offset, at in enumerate(told)))
    until = begin + pause + late
    gap = found.gap(HERE, begin - early, until)
    assert gap is None or gap >= pause - 1e-9
    read_at = found.read_at(HERE, begin + pause)
    assert read_at is None or read_at <= begin


def test_few_commit_times_are_kept_for_a_partition() -> None:
    found = commits(*((number * APART, number) for number in range(10_000)))
    assert found.read_at(HERE, 10_000 * APART) is not None
    assert found.read_at(HERE, 9_000 * APART) is None
