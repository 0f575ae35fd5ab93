"""The rows of the page of brokers, and the grid of replicas."""

import pytest

from kafkatui.domain.cluster.brokers import (
    BrokerDisk,
    ClusterBrokers,
    Quorum,
    Replica,
    broker_rows,
    replica_rows,
)
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import Broker, ClusterTopics, Partition, Topic
from kafkatui.domain.cluster.topics_view import count
from tests.faults import coded

ALIVE = (Broker(1, "a", 9092, "r1"), Broker(2, "b", 9092))
TOPICS = ClusterTopics(
    brokers=ALIVE,
    topics=(
        Topic("orders", (Partition(0, 1, 0, (1, 2, 3), (1, 2)), Partition(1, 2, 0, (2, 1, 3), (2,)))),
        Topic("single", (Partition(0, None, 0, (3,), ()), Partition(1, 1, 0, (1,), (1,)))),
    ),
)
MORE = ClusterBrokers(
    Quorum(1, {1: 100, 2: 88, 3: -1}, frozenset({1, 2})),
    disks={1: BrokerDisk(41_000, None)},
    disk_faults={2: coded("CLUSTER_AUTHORIZATION_FAILED")},
)


def test_a_row_for_every_broker_that_is_known() -> None:
    rows = broker_rows(TOPICS, {1, 2, 4}, {4: Broker(4, "d", 9092)}, MORE)
    assert list(rows) == ["1", "2", "3", "4"]
    one, two, three, four = rows.values()
    assert (one.leads, one.replicas, one.lagging, one.size, one.role, one.behind) == (
        2,
        3,
        1,
        41_000,
        "controller",
        0,
    )
    assert (one.address, one.rack, one.mark) == ("a:9092", "r1", Mark.WORSE)
    assert (two.leads, two.size, two.role, two.behind, two.mark) == (1, None, "voter", 12, Mark.DENIED)
    assert (three.is_up, three.address, three.replicas, three.lagging, three.mark) == (
        False,
        None,
        3,
        3,
        Mark.BROKEN,
    )
    assert (three.role, three.behind) == ("broker", None)
    assert (four.is_up, four.address, four.replicas) == (False, "d:9092", 0)


def test_before_the_brokers_were_asked_roles_and_sizes_are_not_known() -> None:
    rows = broker_rows(TOPICS, (), {}, ClusterBrokers())
    assert [(row.role, row.size, row.behind) for row in rows.values()] == [("?", None, None)] * 3


def test_the_grid() -> None:
    found = list(replica_rows(TOPICS, "single"))
    assert [(row.partition, row.is_whole, row.is_offline) for row in found] == [
        (0, False, True),
        (1, True, False),
    ]
    assert found[0].replicas == {3: Replica.DEAD}
    trouble = [(row.topic, row.partition) for row in replica_rows(TOPICS, None)]
    assert trouble == [("orders", 0), ("orders", 1), ("single", 0)]
    (zero, one) = replica_rows(TOPICS, "orders")
    assert zero.replicas == {1: Replica.LEADER, 2: Replica.IN_SYNC, 3: Replica.DEAD}
    assert one.replicas == {2: Replica.LEADER, 1: Replica.LAGGING, 3: Replica.DEAD}


@pytest.mark.parametrize(
    ("leader", "node", "behind"), [(1, 2, 12), (1, 3, None), (None, 2, None), (1, 9, None)]
)
def test_how_far_a_node_is_behind(leader: int | None, node: int, behind: int | None) -> None:
    assert Quorum(leader, {1: 100, 2: 88, 3: -1}).behind(node) == behind


def test_a_reassignment_is_no_lagging_replica() -> None:
    moving = Partition(0, 1, 0, (3, 1, 2), (1, 2), adding=(3,), removing=(2,))
    topics = ClusterTopics(brokers=(*ALIVE, Broker(3, "c", 9092)), topics=(Topic("orders", (moving,)),))
    (row,) = replica_rows(topics, None)
    assert row.replicas == {3: Replica.ADDED, 1: Replica.LEADER, 2: Replica.REMOVED}
    assert (row.is_whole, row.is_moving, row.added) == (True, True, [3])
    assert [one.lagging for one in broker_rows(topics, (), {}, MORE).values()] == [0, 0, 0]
    assert topics.moving == {"orders": 1}
    assert count(topics.topics[0], None).under_replicated == 0


def test_how_much_is_copied() -> None:
    disks = {1: BrokerDisk(0, None, {("orders", 0): 200}), 3: BrokerDisk(0, None, {("orders", 0): 50})}
    more = ClusterBrokers(disks=disks)
    assert more.copied("orders", 0, 1, 3) == 0.25
    assert more.copied("orders", 0, 3, 1) == 1.0, "what is written meanwhile may be there first"
    assert more.copied("orders", 0, 1, 2) is None, "the broker is not known"
    assert more.copied("orders", 0, None, 3) is None, "without a leader"
    assert more.copied("orders", 1, 1, 3) is None


def test_a_partition_that_refuses_writes_is_listed_though_all_its_replicas_are_in_sync() -> None:
    topics = ClusterTopics(
        ALIVE, (Topic("single", (Partition(0, 1, 0, (1,), (1,)),)),), version="3.6", min_isr={"single": 2}
    )
    (row,) = replica_rows(topics, None)
    assert (row.is_whole, row.refuses) == (True, True)
