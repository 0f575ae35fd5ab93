"""Which partitions are being moved to other brokers: ListPartitionReassignments."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from kafkatui.domain.cluster.partitions import Topic, TopicPartition
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.faults import NOT_CONTROLLER, error_prefix, fault_of
from kafkatui.kafka.requests import Api


class Move(NamedTuple):
    """The reassignment of one partition."""

    adding: tuple[int, ...]
    """Node ids of the replicas that are added."""
    removing: tuple[int, ...]
    """Node ids of the replicas that are removed once those are in sync."""


async def read_reassignments(asker: Asker) -> dict[TopicPartition, Move]:
    """All reassignments that go on. Raises `ClusterError`, a denied one without DESCRIBE on the cluster.

    Brokers pass the question on to the controller; with ZooKeeper they do not, then the controller itself is
    asked.
    """

    def build(module: Any, version: int) -> Any:
        return module.ListPartitionReassignmentsRequest(topics=None)

    with error_prefix("reading the reassignments"):
        answer = await asker.ask(None, Api.LIST_PARTITION_REASSIGNMENTS, build)
        if answer.error_code == NOT_CONTROLLER and asker.cluster.controller is not None:
            answer = await asker.ask(asker.cluster.controller, Api.LIST_PARTITION_REASSIGNMENTS, build)
        if answer.error_code:
            fault = fault_of(answer.error_code)
            raise ClusterError(fault.text, fault.kind)
    return {
        TopicPartition(topic.name, int(one.partition_index)): Move(
            tuple(map(int, one.adding_replicas)), tuple(map(int, one.removing_replicas))
        )
        for topic in answer.topics
        for one in topic.partitions
    }


def with_moves(topic: Topic, moves: Mapping[int, Move]) -> Topic:
    """The topic with the reassignments of its partitions, by number."""
    partitions = tuple(
        one._replace(
            adding=tuple(node for node in move.adding if node in one.replicas),
            removing=tuple(node for node in move.removing if node in one.replicas),
        )
        if (move := moves.get(one.number)) is not None
        else one
        for one in topic.partitions
    )
    return replace(topic, partitions=partitions)
