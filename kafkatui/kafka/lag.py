"""Reading the lag of one group on one topic."""

import asyncio
from time import monotonic

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.lag.lag import GroupLag, PartitionLag
from kafkatui.domain.text import visible_name
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.faults import error_prefix
from kafkatui.kafka.listing import EARLIEST, LATEST
from kafkatui.kafka.topics import Offsets, read_metadata, read_offsets

PATIENCE = 3
"""How many request timeouts all requests of one reading may take together."""


async def read_group_lag(asker: Asker, group_id: str, topic: str) -> GroupLag:
    """Committed, log start and log end offset of every partition of `topic`.

    Commits are read before the ends; in the other order a busy group seems ahead of its log. A partition
    whose offsets cannot be read has a fault of its own. Raises `ClusterError` where the topic does not exist,
    or no broker answers.
    """
    with error_prefix(f"reading the lag of {visible_name(group_id)}"):
        try:
            async with asyncio.timeout(PATIENCE * asker.cluster.config.request_timeout):
                return await _read_group_lag(asker, group_id, topic)
        except TimeoutError as error:
            raise ClusterError("no answer in time", FaultKind.TIMED_OUT) from error


async def _read_group_lag(asker: Asker, group_id: str, topic: str) -> GroupLag:
    known = asker.cluster.topics.get(topic)
    if known is None or not known.partitions:
        _, (known,), *_ = await read_metadata(asker, [topic])
    if known.error is not None:
        raise ClusterError(f"{topic}: {known.error}", known.error.kind)
    numbers = [partition.number for partition in known.partitions]
    commits_asked_at = monotonic()
    commits = (await read_commits(asker, [group_id], {topic: numbers}))[group_id]
    commits_taken_at = monotonic()
    ends, starts = await asyncio.gather(
        _offsets(asker, topic, numbers, LATEST), _offsets(asker, topic, numbers, EARLIEST)
    )
    ends_taken_at = monotonic()
    partitions = []
    for number in numbers:
        partition = TopicPartition(topic, number)
        partitions.append(
            PartitionLag(
                partition,
                commits.offsets.get(partition),
                starts[0][number],
                ends[0][number],
                commits.fault or commits.faults.get(partition),
                ends[1].get(number) or starts[1].get(number),
            )
        )
    if commits.fault is not None and all(lag.log_end_offset is None for lag in partitions):
        raise ClusterError(commits.fault.text, commits.fault.kind)
    if asker.cluster.topics.get(topic, known).topic_id != known.topic_id:  # deleted and created meanwhile
        return await _read_group_lag(asker, group_id, topic)
    return GroupLag(
        group_id,
        topic,
        tuple(partitions),
        ends_taken_at,
        commits.fault,
        known.topic_id,
        commits_asked_at,
        commits_taken_at,
    )


async def _offsets(
    asker: Asker, topic: str, numbers: list[int], timestamp: int
) -> tuple[list[int | None], dict[int, Fault]]:
    try:
        offsets: Offsets = await read_offsets(asker, {topic: numbers}, timestamp)
    except ClusterError as error:
        return [None] * (max(numbers) + 1), dict.fromkeys(numbers, error.fault)
    return offsets[topic]
