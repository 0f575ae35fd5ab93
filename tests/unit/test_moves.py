"""The question for reassignments, which the controller answers, never holds up Metadata for long."""

import asyncio

import pytest

from kafkatui.config import load_config
from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.partitions import Partition, Topic, TopicPartition
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.log_scan import LogScan
from kafkatui.kafka.reassignments import Move
from kafkatui.watch import topics as module
from kafkatui.watch.topics import TopicsWatch

THIN = (Topic("orders", (Partition(0, 1, 0, (1, 2), (1,)),)),)


def watch_of(asker: Asker) -> TopicsWatch:
    return TopicsWatch(asker, frozenset, LogScan(asker, limit=0))


async def test_a_controller_that_does_not_answer_is_asked_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = 0

    async def silent(asker: Asker) -> dict[TopicPartition, Move]:
        nonlocal asked
        asked += 1
        await asyncio.Event().wait()
        return {}

    monkeypatch.setattr(module, "read_reassignments", silent)
    monkeypatch.setattr(TopicsWatch, "MOVES_WITHIN", 0.01)
    monkeypatch.setattr(TopicsWatch, "MOVES_AGAIN", 1e9)
    async with Cluster(load_config("127.0.0.1:1", None, (), {})) as cluster, cluster.asker("topics") as asker:
        watch, before = watch_of(asker), set(cluster.askers)
        for _ in range(3):
            topics, fault = await watch._with_moves(THIN)
            assert topics == THIN
            assert fault is not None
            assert fault.kind is FaultKind.TIMED_OUT
        assert asked == 1
        assert set(cluster.askers) == before, "its connections are closed"


async def test_the_newest_answer_counts_until_the_next_question(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def moves(asker: Asker) -> dict[TopicPartition, Move]:
        nonlocal asked
        asked += 1
        return {TopicPartition("orders", 0): Move((2,), ())}

    monkeypatch.setattr(module, "read_reassignments", moves)
    monkeypatch.setattr(TopicsWatch, "MOVES_EVERY", 1e9)
    async with Cluster(load_config("127.0.0.1:1", None, (), {})) as cluster, cluster.asker("topics") as asker:
        watch = watch_of(asker)
        (first,), _ = await watch._with_moves(THIN)
        (second,), fault = await watch._with_moves(THIN)
    assert (asked, fault) == (1, None)
    assert first.partitions[0].adding == (2,)
    assert second is first, "a topic that did not change is the same object"
