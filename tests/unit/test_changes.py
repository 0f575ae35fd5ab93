"""What changed between two looks at brokers, leaders and replicas."""

from dataclasses import replace

from kafkatui.domain.cluster.changes import ChangeKind, changes
from kafkatui.domain.cluster.partitions import Broker, ClusterTopics, Partition, Topic
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.watch.model import Model

REPLICAS = (1, 2, 3)


def part(
    number: int,
    leader: int | None,
    isr: tuple[int, ...] = REPLICAS,
    epoch: int = 0,
    replicas: tuple[int, ...] = REPLICAS,
) -> Partition:
    return Partition(number, leader, epoch, replicas, isr)


def cluster(*parts: Partition, nodes: tuple[int, ...] = REPLICAS, topic_id: str = "a") -> ClusterTopics:
    return ClusterTopics(
        brokers=tuple(Broker(node, "127.0.0.1", 9000 + node) for node in nodes),
        topics=(Topic("orders", parts, topic_id=topic_id),),
    )


WELL = cluster(part(0, 1), part(1, 2), part(2, 3), part(3, 3))


def test_a_broker_that_dies_is_one_sentence() -> None:
    after = cluster(
        part(0, 1, (1, 2)), part(1, 2, (1, 2)), part(2, 1, (1, 2), 1), part(3, 2, (1, 2), 1), nodes=(1, 2)
    )
    (gone,) = changes(WELL, after, 10.0, 12.0)
    assert (gone.kind, gone.subject, gone.at, gone.after) == (ChangeKind.BROKER_GONE, "broker 3", 12.0, 10.0)
    assert gone.sentence == (
        "broker 3 is gone: it led orders/2 and orders/3, now broker 1 leads 1 and broker 2 leads 1; "
        "it left the ISR of 4 partitions"
    )
    back = cluster(part(0, 1), part(1, 2), part(2, 1, epoch=1), part(3, 2, (1, 2), 1))
    up, synced = changes(after, back, 20.0, 22.0)
    assert (up.kind, up.sentence) == (ChangeKind.BROKER_BACK, "broker 3 is up")
    assert synced.kind is ChangeKind.ISR_GREW
    assert synced.sentence == "broker 3 is back in the ISR of 3 partitions: 1 are still under-replicated"


def test_a_partition_with_one_replica_has_no_leader_when_its_broker_dies() -> None:
    before = cluster(part(0, 3, (3,), replicas=(3,)), part(1, 1, (1,), replicas=(1,)))
    after = cluster(part(0, None, (), replicas=(3,)), part(1, 1, (1,), replicas=(1,)), nodes=(1, 2))
    (gone,) = changes(before, after, 1.0, 2.0)
    assert "orders/0 has no leader: nobody can read or write there" in gone.sentence
    up, leads = changes(after, before, 3.0, 4.0)[:2]
    assert up.kind is ChangeKind.BROKER_BACK
    assert leads.sentence == "orders/0 with a leader again"


def test_leaders_that_move_while_all_brokers_are_up() -> None:
    after = cluster(part(0, 2, epoch=1), part(1, 2), part(2, 1, epoch=1), part(3, 1, epoch=1))
    (moved,) = changes(WELL, after, 1.0, 2.0)
    assert moved.kind is ChangeKind.LEADERS
    assert moved.sentence == "orders/0, orders/2 and orders/3 changed leaders: 2 from 3 to 1, 1 from 1 to 2"


def test_a_replica_that_falls_behind() -> None:
    after = cluster(part(0, 1, (1, 2)), part(1, 2), part(2, 3), part(3, 3))
    (shrank,) = changes(WELL, after, 1.0, 2.0)
    assert (shrank.kind, shrank.subject) == (ChangeKind.ISR_SHRANK, "broker 3")
    assert shrank.sentence == "broker 3 fell out of the ISR of 1 partition"


def test_what_is_no_change() -> None:
    assert changes(WELL, WELL, 1.0, 2.0) == ()
    assert changes(WELL, replace(WELL, topics=WELL.topics[:]), 1.0, 2.0) == ()
    other = cluster(part(0, 2), part(1, 1), topic_id="b")
    assert changes(WELL, other, 1.0, 2.0) == (), "made again under the same name"
    new = cluster(part(0, 2, epoch=5), part(1, 2), part(2, 3), part(3, 3))
    old = cluster(part(0, 1, epoch=4), part(1, 2), part(2, 3), part(3, 3))
    assert changes(new, old, 1.0, 2.0) == (), "an old answer of a broker that was frozen"


def test_the_model_puts_them_into_the_timeline() -> None:
    timeline = Timeline()
    model = Model(lambda: 5.0, timeline)
    model.take_topics(Reading(WELL, taken_at=1.0))
    model.take_topics(
        Reading(cluster(part(0, 1), part(1, 2), part(2, 2, (1, 2), 1), part(3, 3)), taken_at=3.0)
    )
    assert [one.at for one in timeline.changes] == [3.0, 3.0]
    (*_, newest) = reversed(timeline.happened(10))
    assert newest.at == 3.0
    assert {one.subject for one in timeline.happened(10)} == {"broker 3"}
