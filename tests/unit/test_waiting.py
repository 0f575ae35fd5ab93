"""Log end offsets over time."""

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.waiting import Ends

P0, P1 = TopicPartition("orders", 0), TopicPartition("orders", 1)


def test_ends_between_two_readings() -> None:
    ends = Ends()
    ends.note(1.0, {P0: 10, P1: 20})
    ends.note(3.0, {P0: 20, P1: 20})
    assert ends.total({P0, P1}, 2.0) == 35
    assert ends.total({P0}, 4.0) is None


def test_ends_from_before_a_log_was_truncated_are_not_used() -> None:
    ends = Ends()
    ends.note(1.0, {P0: 1000})
    ends.note(2.0, {P0: 5})
    ends.note(3.0, {P0: 9})
    assert ends.total({P0}, 1.5) is None
    assert ends.total({P0}, 2.5) == 7
