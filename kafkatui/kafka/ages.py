"""When the records were written at which groups stand: lag in time. Exact by one batch, whose header has the
time of its first record.
"""

import asyncio
from collections.abc import Mapping

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.batches import times
from kafkatui.kafka.bucket import Bucket
from kafkatui.kafka.fetch import fetch

EACH = 16 * 1024
"""Bytes of one partition in an answer. The first partition that has records brings a whole batch, however
large.
"""
PARTITIONS = 50
"""How many partitions one request names."""


async def read_times(
    asker: Asker, places: Mapping[TopicPartition, int], bucket: Bucket | None = None
) -> dict[TopicPartition, int]:
    """By partition, the time of the record at this offset, in milliseconds since the epoch; of the first
    record after it where that offset holds none. Missing: there is no such record, its leader did not answer,
    or this user may not read the topic.

    `bucket`: waits while it is shut, ``None``: there is no limit. Source: Fetch; what the time means
    (CreateTime, LogAppendTime) is the topic's ``message.timestamp.type``.
    """
    by_leader: dict[int, list[TopicPartition]] = {}
    for place in sorted(places):
        topic = asker.cluster.topics.get(place.topic)
        partitions = () if topic is None else topic.partitions
        leader = partitions[place.partition].leader if place.partition < len(partitions) else None
        if leader is not None:
            by_leader.setdefault(leader, []).append(place)
    found: dict[TopicPartition, int] = {}
    for leader, todo in by_leader.items():
        while todo:  # each request answers its first partition, or drops it: the loop ends
            part, todo = todo[:PARTITIONS], todo[PARTITIONS:]
            if bucket is not None:
                await asyncio.sleep(bucket.wait())
            try:
                answers = await fetch(
                    asker,
                    leader,
                    [(*place, places[place]) for place in part],
                    wait=0.0,
                    size=PARTITIONS * EACH,
                    each=EACH,
                )
            except ClusterError:
                continue
            if bucket is not None:
                bucket.take(sum(len(answer.data) for answer in answers))
            answered = {TopicPartition(answer.topic, answer.partition): answer for answer in answers}
            for number, place in enumerate(part):
                answer = answered.get(place)
                if answer is None or answer.error:
                    continue
                at = next((at for _, last, at in times(answer.data) if last >= places[place]), None)
                if at is not None:
                    found[place] = at
                elif number and (answer.high_watermark or 0) > places[place]:
                    todo.append(place)  # its first batch is larger: it comes if it is the first of a request
    return found
