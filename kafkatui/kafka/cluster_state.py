"""The state of the brokers themselves: the quorum of controllers, and how large their logs are."""

import asyncio
from collections.abc import Mapping
from typing import Any

from kafkatui.domain.cluster.brokers import BrokerDisk, Quorum
from kafkatui.domain.cluster.faults import Fault
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.faults import CLUSTER_AUTHORIZATION_FAILED, error_name, fault_of
from kafkatui.kafka.requests import Api

METADATA_LOG = "__cluster_metadata"
PARTITIONS_A_PIECE = 500
"""Partitions worked on before other tasks run."""


async def read_quorum(asker: Asker) -> Quorum:
    """The active controller, the voters and the followers of the metadata log.

    Raises `ClusterError`: a denied one without DESCRIBE on the cluster, an unsupported one from a cluster
    with ZooKeeper. Source: DescribeQuorum.
    """

    def build(module: Any, version: int) -> Any:
        partition = module.PartitionData(partition_index=0)
        return module.DescribeQuorumRequest(
            topics=(module.TopicData(topic_name=METADATA_LOG, partitions=(partition,)),)
        )

    answer = await asker.ask(None, Api.DESCRIBE_QUORUM, build)
    if answer.error_code:
        fault = fault_of(answer.error_code)
        raise ClusterError(fault.text, fault.kind)
    for topic in answer.topics:
        for item in topic.partitions:
            if topic.topic_name != METADATA_LOG or item.partition_index != 0:
                continue
            if item.error_code:
                fault = fault_of(item.error_code)
                raise ClusterError(fault.text, fault.kind)
            nodes = (*item.current_voters, *item.observers)
            return Quorum(
                int(item.leader_id) if item.leader_id >= 0 else None,
                {int(node.replica_id): int(node.log_end_offset) for node in nodes},
                frozenset(int(node.replica_id) for node in item.current_voters),
            )
    raise ClusterError(f"DescribeQuorum tells nothing of {METADATA_LOG}")


async def read_log_dirs(
    asker: Asker, topics: Mapping[str, int] | None = None
) -> tuple[dict[int, BrokerDisk], dict[int, Fault]]:
    """Of every broker how large its logs are, or why that is not known. `topics`: only of these, each with
    its number of partitions; ``None``: of all. Source: DescribeLogDirs.
    """
    nodes = list(asker.cluster.brokers)
    found = await asyncio.gather(*(_log_dirs(asker, node, topics) for node in nodes))
    answers = dict(zip(nodes, found, strict=True))
    return (
        {node: disk for node, disk in answers.items() if isinstance(disk, BrokerDisk)},
        {node: fault for node, fault in answers.items() if isinstance(fault, Fault)},
    )


async def _log_dirs(asker: Asker, node_id: int, topics: Mapping[str, int] | None) -> BrokerDisk | Fault:
    def build(module: Any, version: int) -> Any:
        wanted = None
        if topics is not None:
            wanted = tuple(
                module.DescribableLogDirTopic(topic=name, partitions=tuple(range(number)))
                for name, number in topics.items()
            )
        return module.DescribeLogDirsRequest(topics=wanted)

    try:
        answer = await asker.ask(node_id, Api.DESCRIBE_LOG_DIRS, build)
    except ClusterError as error:
        return error.fault
    if code := getattr(answer, "error_code", 0):
        return fault_of(code)
    sizes: dict[tuple[str, int], int] = {}
    usable: int | None = None
    since = 0
    if not answer.results:
        return fault_of(
            CLUSTER_AUTHORIZATION_FAILED
        )  # without the right the list is empty, before version 3 without an error
    for result in answer.results:
        if result.error_code:
            return Fault(
                fault_of(result.error_code).kind, f"a log directory: {error_name(result.error_code)}"
            )
        free = getattr(result, "usable_bytes", -1)
        if free >= 0:
            usable = (usable or 0) + free
        for topic in result.topics:
            for item in topic.partitions:
                place = (topic.name, int(item.partition_index))
                sizes[place] = sizes.get(place, 0) + max(0, int(item.partition_size))
            since += len(topic.partitions)
            if since > PARTITIONS_A_PIECE:
                since = 0
                await asyncio.sleep(0)
    return BrokerDisk(sum(sizes.values()), usable, sizes)
