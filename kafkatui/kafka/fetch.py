"""Fetch: asking one leader for the batches of several partitions, which are not unpacked here."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.faults import error_name
from kafkatui.kafka.requests import Api, make


class Fetched(NamedTuple):
    """A leader's answer for one partition."""

    topic: str
    partition: int
    error: int
    """Error code; 0: none."""
    high_watermark: int | None
    last_stable: int | None
    """The last stable offset: the first offset of the earliest open transaction, else the high watermark;
    ``None``: not in the answer."""
    data: bytes
    """Whole batches; the last one may be cut off."""
    aborted: tuple[tuple[int, int], ...] = ()
    """(producer id, first offset) of the aborted transactions in `data`; empty unless read committed."""
    throttle: float = 0.0
    """Seconds for which the broker held the whole answer back because of a quota."""


async def fetch(
    asker: Asker,
    node_id: int,
    wanted: Sequence[tuple[str, int, int]],
    *,
    wait: float,
    size: int,
    each: int,
    committed: bool = False,
) -> list[Fetched]:
    """Ask leader `node_id` for the records `wanted`: (topic, partition, first offset); the partitions of a
    topic must follow each other.

    The answer has at most `size` bytes, and `each` of one partition. But the first partition that has records
    brings at least one whole batch, however large; another whose first batch is larger than `each` brings
    nothing. The leader waits up to `wait` seconds for the first byte. `committed`: only records before the
    first open transaction come, with the aborted transactions among them. Raises `ClusterError`. Source:
    Fetch, outside of a fetch session.
    """

    def build(module: Any, version: int) -> Any:
        topics = (
            module.FetchTopic(
                topic=topic,
                partitions=tuple(
                    make(
                        module.FetchPartition, partition=number, fetch_offset=offset, partition_max_bytes=each
                    )
                    for _, number, offset in items
                ),
            )
            for topic, items in groupby(wanted, itemgetter(0))
        )
        return make(
            module.FetchRequest,
            max_wait=timedelta(seconds=wait),
            min_bytes=1,
            max_bytes=size,
            isolation_level=1 if committed else 0,
            topics=tuple(topics),
            forgotten_topics_data=(),
        )

    answer = await asker.ask(
        node_id, Api.FETCH, build, lowest=4, patience=asker.cluster.config.request_timeout + wait
    )
    if code := getattr(answer, "error_code", 0):
        raise ClusterError(f"broker {node_id}: {error_name(code)}")
    asked = {(topic, number) for topic, number, _ in wanted}
    throttle = max(answer.throttle_time.total_seconds(), 0.0)
    found: dict[tuple[str, int], Fetched] = {}
    for response in answer.responses:
        for item in response.partitions:
            place = (response.topic, int(item.partition_index))
            if place in asked:  # partitions that were not asked for are left out
                found[place] = Fetched(
                    *place,
                    item.error_code,
                    item.high_watermark if item.high_watermark >= 0 else None,
                    item.last_stable_offset if item.last_stable_offset >= 0 else None,
                    item.records or b"",
                    tuple(
                        (ended.producer_id, ended.first_offset) for ended in item.aborted_transactions or ()
                    ),
                    throttle,
                )
    return list(found.values())
