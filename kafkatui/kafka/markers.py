"""Which topics have transactions: their commit and abort markers take offsets that are no records.

Nobody tells, so the newest batch of each partition is looked at, for a hundred bytes each.
"""

import asyncio
from collections.abc import Mapping, Sequence

from kafkatui.domain.partitions import Topic, TopicLog
from kafkatui.errors import ClusterError
from kafkatui.kafka.batches import in_transaction
from kafkatui.kafka.fetch import Fetched, fetch
from kafkatui.kafka.requests import Asker

AT_ONCE = 500
"""Partitions in one request."""
EACH = 128
"""Bytes asked for of a partition: a marker's batch is 78; what is larger is none, and does not come."""

Place = tuple[str, int, int]
"""Topic, partition, offset."""


async def read_transactional(
    asker: Asker, topics: Sequence[Topic], logs: Mapping[str, TopicLog]
) -> dict[str, bool | None]:
    """By topic: whether a transaction shows where its logs end now, in any partition.

    ``True``: the newest batch is a marker or a transaction's, or a transaction is open. ``False``: nowhere;
    there may still have been some before. ``None``: that was not told of every partition. Topics that `logs`
    does not have or that hold nothing are left out. Creates no topic, and what cannot be asked raises
    nothing. Each request may also bring one whole batch. Source: Fetch, read uncommitted.
    """
    found: dict[str, list[bool | None]] = {}
    places: dict[int, list[Place]] = {}
    for topic in topics:
        if (log := logs.get(topic.name)) is not None:
            _sort_out(asker.cluster.topics.get(topic.name, topic), log, places, found)
            await asyncio.sleep(0)

    async def one(node_id: int, wanted: Sequence[Place]) -> None:
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            for name, told in await _look(asker, node_id, part):
                found.setdefault(name, []).append(told)

    await asyncio.gather(*(one(node_id, wanted) for node_id, wanted in places.items()))
    return {name: True if True in told else None if None in told else False for name, told in found.items()}


def _sort_out(
    topic: Topic, log: TopicLog, places: dict[int, list[Place]], found: dict[str, list[bool | None]]
) -> None:
    """Add the last offsets of a topic's partitions to those its leaders are asked for."""
    leaders = {partition.number: partition.leader for partition in topic.partitions}
    for number, (start, end) in enumerate(zip(log.starts, log.ends, strict=True)):
        if end is None or (leader := leaders.get(number)) is None:
            found.setdefault(topic.name, []).append(None)
        elif start != end:
            places.setdefault(leader, []).append((topic.name, number, end - 1))


async def _look(asker: Asker, node_id: int, wanted: Sequence[Place]) -> list[tuple[str, bool | None]]:
    """What a leader says of each of these places, by topic."""
    try:
        answers = await fetch(asker, node_id, wanted, wait=0.0, size=2**31 - 1, each=EACH)
    except ClusterError:
        return [(name, None) for name, *_ in wanted]
    told = {(answer.topic, answer.partition): _sign(answer) for answer in answers}
    return [(name, told.get((name, number))) for name, number, _ in wanted]


def _sign(answer: Fetched) -> bool | None:
    """Whether a partition shows a transaction.

    Where no batch came it is too large to be a marker, and a transaction's batch with no marker behind it
    means that the transaction is open: the last stable offset would say so.
    """
    if answer.error:
        return None
    opened = None
    if answer.last_stable is not None and answer.high_watermark is not None:
        opened = answer.last_stable < answer.high_watermark
    return in_transaction(answer.data) if answer.data and not opened else opened
