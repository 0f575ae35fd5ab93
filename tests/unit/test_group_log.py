"""Following a group's log through every kind of fault, with prepared answers instead of a broker."""

import struct
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.partitions import Partition, Topic
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.errors import ClusterError
from kafkatui.kafka import group_log
from kafkatui.kafka.faults import (
    NOT_LEADER_OR_FOLLOWER,
    OFFSET_OUT_OF_RANGE,
    TOPIC_AUTHORIZATION_FAILED,
)
from kafkatui.kafka.fetch import Fetched
from kafkatui.kafka.group_log import HISTORY, TOPIC, BrokerClock, GroupLog
from kafkatui.kafka.listing import LATEST
from tests.faults import coded

GROUP = b"\0\2\0\1g"
CONSUMER_GROUP = b"\0\3\0\1g"
COMMIT = b"\0\1\0\1g\0\1t\0\0\0\0"


def empty(number: int) -> bytes:
    """GroupMetadataValue 3 of an empty group."""
    return struct.pack(">hhihhqi", 3, 0, number, -1, -1, 0, 0)


def batch(first: int, *records: tuple[bytes, bytes | None], stamp: int = 0) -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, 0, 0, 10_000_000)
    for number, (key, value) in enumerate(records):
        builder.append(number, stamp, key, value, [])
    data = bytearray(builder.build())
    struct.pack_into(">q", data, 0, first)
    return bytes(data)


class Broker:
    """One partition of the topic."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.start, self.end = 0, 0
        self.topic = Topic(TOPIC, (Partition(0, 1, 0, (1,), (1,)),), True, "id")
        self.answers: list[tuple[int, bytes] | ClusterError] = []
        """(error code, data) for each fetch, one after the other; after the last, empty answers."""
        self.fetched: list[int] = []
        """The offset of each fetch."""
        self.looks = 0
        self.cluster = SimpleNamespace(topics={}, config=None)
        self.group: str | None = "g"
        monkeypatch.setattr(group_log, "fetch", self.fetch)
        monkeypatch.setattr(group_log, "read_offsets", self.read_offsets)
        monkeypatch.setattr(group_log, "read_metadata", self.read_metadata)
        monkeypatch.setattr(group_log, "EVERY", 0.0)
        monkeypatch.setattr(group_log, "FETCH_WAIT", 0.0)
        monkeypatch.setattr(group_log, "UNWATCHED", 0.0)

    def log(self, limit: int = 10_000_000) -> GroupLog:
        asker: Any = SimpleNamespace(cluster=self.cluster)
        return GroupLog(asker, lambda: self.group, limit=limit)

    async def fetch(
        self, asker: object, node_id: int, wanted: Sequence[tuple[str, int, int]], **_: object
    ) -> list[Fetched]:
        ((topic, number, offset),) = wanted
        self.fetched.append(offset)
        answer = self.answers.pop(0) if self.answers else (0, b"")
        if isinstance(answer, ClusterError):
            raise answer
        code, data = answer
        return [Fetched(topic, number, code, None if code else self.end, None, data)]

    async def read_offsets(self, asker: object, wanted: object, timestamp: int) -> Any:
        return {TOPIC: ([self.end if timestamp == LATEST else self.start], {})}

    async def read_metadata(self, asker: object, topics: object) -> Any:
        self.looks += 1
        self.cluster.topics[TOPIC] = self.topic
        return (), (self.topic,), "cluster", ()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    return Broker(monkeypatch)


def told(news: GroupLogNews) -> tuple[list[int], bool, int]:
    return [one.number for one in news.generations], news.up_to_date, news.skipped


async def test_generations_come_in_order_without_commits_of_other_groups(broker: Broker) -> None:
    broker.end = 3
    broker.answers = [
        (0, batch(0, (GROUP, empty(1)), (COMMIT, b"x")) + batch(2, (GROUP, empty(2)))),
        (0, b""),
        (0, batch(3, (COMMIT, b"x"))),
    ]
    log = broker.log()
    assert told(await log.news()) == ([1, 2], True, 0)
    assert told(await log.news()) == ([], True, 0)
    broker.end = 5
    assert told(await log.news()) == ([], False, 0)
    assert broker.fetched == [0, 3, 3]


async def test_commits_of_the_watched_group_come_too(broker: Broker) -> None:
    broker.end = 4
    other, value = COMMIT.replace(b"g", b"h"), struct.pack(">hqihq", 3, 41, -1, 0, 0)
    broker.answers = [
        (0, batch(0, (COMMIT, value), (other, value), (COMMIT, None), (COMMIT, b"\0"), stamp=1000)),
    ]
    news = await broker.log().news()
    assert [(one.partition, one.offset) for one in news.commits] == [(("t", 0), 41)]


async def test_of_a_long_history_the_newest_is_read(broker: Broker) -> None:
    broker.end = 100_000
    begin = broker.end - HISTORY
    broker.answers = [(0, batch(begin, *[(COMMIT, b"x")] * 1000))]
    log = broker.log()
    assert told(await log.news()) == ([], False, 0)
    await log.news()
    assert broker.fetched == [begin, begin + 1000 + (HISTORY - 1000) // 2]


async def test_a_log_that_was_cut_off_at_its_start(broker: Broker) -> None:
    broker.end = 10
    broker.answers = [(0, batch(0, *[(COMMIT, b"x")] * 10)), (OFFSET_OUT_OF_RANGE, b"")]
    log = broker.log()
    assert told(await log.news()) == ([], True, 0)
    broker.start, broker.end = 50, 60
    assert told(await log.news()) == ([], False, 0)
    broker.answers = [(0, batch(50, *[(COMMIT, b"x")] * 10))]
    assert told(await log.news()) == ([], True, 40)
    assert broker.fetched == [0, 10, 50]


async def test_a_log_that_was_cut_off_at_its_end(broker: Broker) -> None:
    """The new leader did not have all records."""
    broker.end = 10
    broker.answers = [(0, batch(0, *[(COMMIT, b"x")] * 10)), (OFFSET_OUT_OF_RANGE, b"")]
    log = broker.log()
    await log.news()
    broker.end = 7
    await log.news()
    assert told(await log.news()) == ([], True, 0)
    assert broker.fetched == [0, 10, 7]


async def test_a_partition_not_read_for_long_is_read_from_near_its_end(broker: Broker) -> None:
    broker.end = 10
    broker.answers = [(0, batch(0, *[(COMMIT, b"x")] * 10)), ClusterError("broker 1: no answer in time")]
    log = broker.log()
    await log.news()
    with pytest.raises(ClusterError, match=r"^following __consumer_offsets: broker 1: no answer in time$"):
        await log.news()
    assert broker.looks == 1
    broker.end = 10_000
    news = await log.news()
    assert broker.looks == 2, "a fault is a reason to ask where the leader is"
    assert told(news) == ([], False, 10_000 - HISTORY - 10)


async def test_no_group_is_watched_for_long(broker: Broker) -> None:
    broker.end = 10
    broker.answers = [(0, batch(0, *[(COMMIT, b"x")] * 10))]
    log = broker.log()
    await log.news()
    broker.group = None
    await log.news()
    broker.group, broker.end = "g", 10_000
    assert told(await log.news()) == ([], False, 10_000 - HISTORY - 10)


async def test_a_broker_that_is_no_longer_the_leader(broker: Broker) -> None:
    broker.answers = [(NOT_LEADER_OR_FOLLOWER, b""), (0, batch(0, (GROUP, empty(1))))]
    log = broker.log()
    with pytest.raises(ClusterError, match="partition 0: NOT_LEADER_OR_FOLLOWER"):
        await log.news()
    broker.end = 1
    assert told(await log.news()) == ([1], True, 0)
    broker.topic = Topic(TOPIC, (Partition(0, None, 1, (1,), ()),), True, "id")
    broker.cluster.topics[TOPIC] = broker.topic
    with pytest.raises(ClusterError, match="partition 0 has no leader"):
        await log.news()


async def test_denied(broker: Broker) -> None:
    broker.answers = [(TOPIC_AUTHORIZATION_FAILED, b"")]
    log = broker.log()
    why = r"^following __consumer_offsets: this user may not READ it \(TOPIC_AUTHORIZATION_FAILED\)$"
    with pytest.raises(ClusterError, match=why) as raised:
        await log.news()
    assert raised.value.kind is FaultKind.DENIED
    broker.topic = Topic(TOPIC, (), error=coded("TOPIC_AUTHORIZATION_FAILED"))
    with pytest.raises(ClusterError, match=why) as raised:
        await log.news()
    assert raised.value.kind is FaultKind.DENIED


async def test_no_group_is_watched_or_the_topic_does_not_exist(broker: Broker) -> None:
    broker.group = None
    log = broker.log()
    assert await log.news() == GroupLogNews()
    broker.group, broker.topic = "g", Topic(TOPIC, (), error=coded("UNKNOWN_TOPIC_OR_PARTITION"))
    assert await log.news() == GroupLogNews((), "g", up_to_date=True)
    assert broker.fetched == []


async def test_the_log_of_another_cluster_at_the_same_address_is_read_anew(broker: Broker) -> None:
    broker.end = 10
    broker.answers = [(0, batch(0, *[(COMMIT, b"x")] * 10))]
    log = broker.log()
    await log.news()
    broker.cluster.topics[TOPIC] = Topic(TOPIC, broker.topic.partitions, True, "another")
    broker.end = 1
    broker.answers = [(0, batch(0, (GROUP, empty(1))))]
    assert told(await log.news()) == ([1], True, 0)


async def test_a_broken_batch_affects_no_other(broker: Broker) -> None:
    bad = bytearray(batch(1, (GROUP, empty(2))))
    bad[-1] ^= 1
    broker.end = 4
    broker.answers = [
        (0, batch(0, (GROUP, empty(1))) + bytes(bad) + batch(2, (GROUP, b"garbage"), (GROUP, empty(3))))
    ]
    log = broker.log()
    assert told(await log.news()) == ([1, 3], True, 1)


async def test_bytes_that_are_no_batch_are_jumped_over(broker: Broker) -> None:
    broker.end = 2
    broker.answers = [(0, b"\0" * 40), (0, batch(1, (GROUP, empty(1))))]
    log = broker.log()
    assert told(await log.news())[2] == 1
    assert told(await log.news()) == ([1], True, 0)
    assert broker.fetched == [0, 1]


async def test_a_group_converted_to_kip_848_is_not_deleted(broker: Broker) -> None:
    broker.end = 4
    broker.answers = [
        (0, batch(0, (GROUP, empty(1)), (GROUP, None), (CONSUMER_GROUP, b"\0\0\0\0\0\1\0"))),
        (0, batch(3, (CONSUMER_GROUP, None), (GROUP, None))),
    ]
    log = broker.log()
    assert told(await log.news())[0] == [1]
    broker.end = 5
    assert told(await log.news())[0] == [0]


@pytest.mark.parametrize("skew", [-3600.0, -1.0, -0.1, 0.0, 0.3, 7200.0])
def test_times_are_right_however_wrong_the_brokers_clock_is(skew: float) -> None:
    """Monotonic 100 is 1,000 seconds since 1970 here; records arrive after 2 to 52 ms."""
    clock = BrokerClock(100.0, 1000.0)

    def stamp(at: float) -> int:
        return round((900 + at + skew) * 1000)

    for number in range(100):
        at = 101.0 + number
        clock.received(stamp(at), at - 0.2, at + 0.002 + (number * 7 % 10) * 0.0055)
    assert clock.at(stamp(215.0), 215.04) == pytest.approx(215.0, abs=0.012)
    assert clock.at(stamp(50.0), 215.04) == pytest.approx(50.0, abs=0.012)
    assert clock.at(None, 215.04) == 215.04


def test_before_the_first_record_the_brokers_clock_is_trusted_but_no_time_is_in_the_future() -> None:
    clock = BrokerClock(100.0, 1000.0)
    assert clock.at(950_000, 100.0) == 50.0
    assert clock.at(1_003_000, 100.5) == 100.5
