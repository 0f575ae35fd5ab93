"""Which partitions have a new leader, and the sentence about them."""

from kafkatui.domain.cluster.leaders import Moved, moved_leaders, say_moved
from kafkatui.domain.cluster.partitions import Partition, Topic


def topic(name: str, *leaders: int | None) -> Topic:
    return Topic(name, tuple(Partition(n, leader, 0, (1, 2, 3), (1, 2)) for n, leader in enumerate(leaders)))


def test_what_is_led_by_another_broker_now() -> None:
    before = [topic("orders", 2, 1, 2, 2), topic("audit", 2), topic("clicks", 3, 3), topic("gone", 2)]
    after = [topic("clicks", 3, 3, 1), topic("orders", 1, 1, 3, 1), topic("audit", None), topic("new", 1)]
    moved = moved_leaders(before, after)
    assert moved == (
        Moved("audit", 0, None),
        Moved("orders", 0, 1),
        Moved("orders", 2, 3),
        Moved("orders", 3, 1),
    )
    assert (
        say_moved(moved)
        == "broker 1 now leads orders 0 3; broker 3 now leads orders 2; no broker leads audit 0"
    )
    assert say_moved(()) == ""


def test_many_topics_are_not_all_listed() -> None:
    moved = [Moved(f"t{number}", 0, 1) for number in range(9)]
    assert say_moved(moved) == "broker 1 now leads t0 0, t1 0, t2 0, t3 0 and 5 other topics"
