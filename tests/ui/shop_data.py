"""Topics and records that exercise everything a line can say; time stands still at `NOW`."""

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicLog
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topics_view import TopicUsage
from kafkatui.domain.records.records import Batch, Record, TailNews

NOW = 1000.0
"""Monotonic seconds at which the newest answers came."""
SOON = NOW + 0.4
"""Monotonic seconds at which every pane and screen looks: time stands still (`conftest`)."""
WALL = 1_795_000_000.5
"""The same in seconds since the epoch."""
EVIL = "\x1b]0;pwned\x07\x9b31m\x9d0;x\x9c\u202e\u2066\u200b\u2028\r\n[/x][red]\U000e0041"


def partitions(count: int, *, under: int = 0, offline: int = 0) -> tuple[Partition, ...]:
    """So many partitions on three brokers, the first ones in trouble."""
    return tuple(
        Partition(
            number,
            None if number < offline else 1,
            0,
            (1, 2, 3),
            () if number < offline else (1, 2) if number < under else (1, 2, 3),
        )
        for number in range(count)
    )


SHOP = {
    "audit": (partitions(3, under=1), 12_408, 20.0),
    "clicks": (partitions(12), 1_204_118, 410.0),
    "invoices": (partitions(6), 40_110, 2.0),
    "ledger": (partitions(4, under=2, offline=1), 18_020, 0.0),
    "orders": (partitions(6), 88_020, 204.0),
    "payments": (partitions(6), 12_345_678, 51.0),
    "scratch": (partitions(1), 0, 0.0),
    "shop.europe.returns.v2.dead-letter-queue": (partitions(1), 14, 0.0),
    "__consumer_offsets": (partitions(50), 9_000, 3.0),
}
COMPACTED: dict[str, bool | None] = {name: name == "invoices" for name in SHOP} | {"ledger": None}
NOT_COUNTED = frozenset({"invoices", "ledger", "payments"})
USAGE = {
    "audit": TopicUsage(1, 0, 0, Mark.OK),
    "clicks": TopicUsage(2, 118, 0, Mark.OK),
    "invoices": TopicUsage(1, None, 0, Mark.UNKNOWN),
    "orders": TopicUsage(3, 9_412, 1, Mark.WORSE),
    "payments": TopicUsage(1, 0, 2, Mark.OK),
    "shop.europe.returns.v2.dead-letter-queue": TopicUsage(1, 0, 0, Mark.OK),
}


def shop(at: float, grown: float, *, without: str = "") -> ClusterTopics:
    """The shop's topics at a monotonic second, after `grown` seconds of traffic."""
    topics, logs = [], {}
    for name, (found, records, rate) in SHOP.items():
        if name == without:
            continue
        topics.append(Topic(name, found, internal=name.startswith("__"), topic_id=name))
        ends = [0] * len(found)
        ends[0] = records + round(rate * grown)
        logs[name] = TopicLog((0,) * len(found), tuple(ends), at)
    topics.sort(key=lambda topic: topic.name)
    counted = {name: log.ends[0] or 0 for name, log in logs.items() if name not in NOT_COUNTED}
    return ClusterTopics(topics=tuple(topics), logs=logs, compacted=COMPACTED, counted=counted, version="4.1")


def looks(count: int = 12) -> list[Reading[ClusterTopics]]:
    """A look every ten seconds until now, traffic rising and falling."""
    readings = []
    grown = 0.0
    for step in range(count):
        grown += 10 * (1 + (step % 4) / 4)
        at = NOW - 10 * (count - 1 - step)
        readings.append(Reading(shop(at, grown - 10 * (step == count - 1) * 0.75), taken_at=at))
    return readings


def record(
    offset: int,
    *,
    partition: int = 2,
    key: bytes | None = b"user-03",
    value: bytes | None = b'{"id":88018,"total":12.40}',
    headers: tuple[tuple[str, bytes | None], ...] = (("protocol", b"http"), ("trace-id", b"4bf92f35-1c")),
    timestamp: int | None = 1_795_000_000_101,
    batch: Batch | None = None,
) -> Record:
    """A record of topic orders."""
    return Record(
        "orders",
        partition,
        offset,
        timestamp,
        "CreateTime",
        key,
        value,
        headers,
        len(key or b""),
        len(value or b""),
        batch,
        sum(len(name.encode()) + len(value or b"") for name, value in headers),
    )


def mixed() -> TailNews:
    """One record of each kind."""
    start = 1_795_000_000_101
    return TailNews(
        (
            record(16_768, timestamp=start),
            record(14_550, partition=0, key=None, value=b'{"id":88020,"total":7.00}', timestamp=start + 26),
            record(16_769, value=None, timestamp=start + 39),
            record(14_776, partition=3, value=bytes([10, 7, 117, 0]) * 12, timestamp=start + 43),
            record(14_777, partition=3, key=b"null", value=b"null", timestamp=start + 44),
            record(14_778, partition=3, key=b"", value=b"", timestamp=start + 45),
            record(14_779, partition=3, value="заказ 注文 é".encode(), timestamp=start + 46),
            record(
                14_780, partition=3, key=EVIL.encode(), value=EVIL.encode() + b" evil", timestamp=start + 47
            ),
            record(14_781, partition=3, value=b"x" * 500, timestamp=None),
        ),
        rate=20.0,
        partitions=6,
    )
