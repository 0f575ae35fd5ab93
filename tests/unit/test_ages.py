"""Lag in time."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from kafkatui.domain.cluster.partitions import Topic, TopicPartition
from kafkatui.domain.lag.ages import Age, Bound, Seen, WrittenAt, age_of, age_text, oldest, places
from kafkatui.kafka.batches import times
from kafkatui.watch import ages
from kafkatui.watch.ages import AgesWatch
from tests.group_builders import lag

if TYPE_CHECKING:
    from kafkatui.kafka.asker import Asker

ORDERS = [TopicPartition("orders", number) for number in range(4)]
WRITTEN = {ORDERS[0]: WrittenAt(90, 50_000), ORDERS[1]: WrittenAt(80, 20_000)}


def test_where_records_are_looked_up() -> None:
    assert places(None) == {}
    assert places(lag([90, 100, None, 70], [100, 100, 100, None], 1.0)) == {ORDERS[0]: 90}
    many = lag([0] * 150, list(range(150)), 1.0)
    found = places(many)
    assert len(found) == 100
    assert TopicPartition("orders", 149) in found
    assert TopicPartition("orders", 1) not in found, "those with most lag"


def test_how_old_the_oldest_record_is() -> None:
    zero, one, two, three = lag([90, 90, 100, 70], [100, 100, 100, 100], 1.0).partitions
    assert age_of(zero, WRITTEN, 60.0) == Age(10.0)
    assert age_of(one, WRITTEN, 60.0) == Age(40.0, Bound.AT_MOST), "its commit has moved since"
    assert age_of(two, WRITTEN, 60.0) == Age(0.0)
    assert age_of(three, WRITTEN, 60.0) is None
    assert age_of(zero, WRITTEN, 1.0) == Age(0.0), "a clock that is ahead"
    assert age_of(lag([80], [100], 1.0).partitions[0], WRITTEN, 60.0) is None, "the commit went back"
    assert oldest([zero, one, two], WRITTEN, 60.0) == Age(40.0, Bound.AT_MOST)
    assert oldest([zero, three], WRITTEN, 60.0) == Age(10.0, Bound.AT_LEAST)
    assert oldest([two, three], WRITTEN, 60.0) is None
    assert oldest([one, three], WRITTEN, 60.0) is None, "at most and at least together say nothing"
    assert oldest([], WRITTEN, 60.0) is None


async def test_a_partition_is_asked_for_when_its_commit_has_moved_and_not_too_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, wanted = 100.0, {ORDERS[0]: 90, ORDERS[1]: 80}
    asked: list[Mapping[TopicPartition, int]] = []

    async def read(_: object, due: Mapping[TopicPartition, int], bucket: object) -> dict[TopicPartition, int]:
        asked.append(dict(due))
        await asyncio.sleep(0)
        return {place: offset * 1000 for place, offset in due.items() if place is not ORDERS[1]}

    monkeypatch.setattr(ages, "read_times", read)
    monkeypatch.setattr(ages, "monotonic", lambda: now)
    asker = SimpleNamespace(cluster=SimpleNamespace(topics={"orders": Topic("orders", (), topic_id="a")}))
    watch = AgesWatch(cast("Asker", asker), lambda: wanted)
    first = await watch.read()
    unread = WrittenAt(80, None)
    assert first == {ORDERS[0]: WrittenAt(90, 90_000), ORDERS[1]: unread}
    assert age_of(lag([90, 80], [100, 100], 1.0).partitions[1], first, 60.0) is None
    now = 105.0
    wanted = {ORDERS[0]: 95, ORDERS[1]: 80}
    assert await watch.read() is first, "ten seconds have not passed"
    now = 111.0
    assert await watch.read() == {ORDERS[0]: WrittenAt(95, 95_000), ORDERS[1]: unread}
    assert asked == [{ORDERS[0]: 90, ORDERS[1]: 80}, {ORDERS[0]: 95, ORDERS[1]: 80}]
    wanted = {}
    assert await watch.read() == {}
    now, wanted = 115.0, {ORDERS[0]: 97}
    assert await watch.read() == {}, "its lag was 0 for a while; ten seconds have not passed"
    now = 122.0
    assert await watch.read() == {ORDERS[0]: WrittenAt(97, 97_000)}
    asker.cluster.topics["orders"] = Topic("orders", (), topic_id="b")
    wanted = {ORDERS[0]: 97}
    await watch.read()
    assert asked[-2:] == [{ORDERS[0]: 97}, {ORDERS[0]: 97}], "made again: other records at the same offsets"


def test_batches_that_say_no_time_are_left_out() -> None:
    assert times(b"") == []
    assert times(bytes(61)) == []


def test_an_age_in_words() -> None:
    assert age_text(Age(41.0)) == "41s"
    assert age_text(Seen(10.0, Bound.ABOUT).age(51.0)) == "~41s"
    assert age_text(Seen(10.0, Bound.AT_LEAST).age(190.0)) == "≥3 min"
    assert age_text(Age(3.0, Bound.AT_MOST), ascii=True) == "<=3.0s"
    assert Seen(10.0, Bound.ABOUT).age(9.0) == Age(0.0, Bound.ABOUT)
