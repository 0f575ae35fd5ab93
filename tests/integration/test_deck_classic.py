"""Each key of the deck in a classic group, on a real broker: rebalances go as labs.md says."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import ReportKind
from kafkatui.domain.deck.terms import TERMS
from kafkatui.errors import DeckError
from kafkatui.kafka.connection import Cluster
from tests.integration.decks import AT_ONCE, MISSED, SLACK, UNNOTICED, Owned, RunningDeck, moved, running_deck
from tests.integration.eventually import eventually
from tests.integration.processes import alive

pytestmark = pytest.mark.kafka


@pytest.fixture
async def running(cluster: Cluster, own_ledger: Path) -> AsyncIterator[RunningDeck]:
    async with running_deck(cluster) as running:
        yield running


async def test_consumers_join_leave_crash_and_freeze(running: RunningDeck) -> None:
    with pytest.raises(DeckError, match="no consumer: j lets one join"):
        await running.deck.act(Act.LEAVE)
    owned: Owned = {}
    for count in range(1, 8):
        join = await running.act(Act.JOIN)
        assert join.who == f"c{count}"
        started = await running.hears(f"c{count}", ReportKind.STARTED)
        before, owned = owned, await running.settled()
        assert sum(not partitions for partitions in owned.values()) == max(0, count - 6)
        for name in owned:
            assigned = await running.hears(name, ReportKind.ASSIGNED, started.at)
            assert assigned.at - started.at < AT_ONCE
            assert set(assigned.owned) == owned[name]
        gave_up_all(running, before, started.at)

    leave = await running.act(Act.LEAVE, "c2")
    stopped = await running.hears("c2", ReportKind.STOPPED, leave.at)
    before, owned = owned, await running.settled()
    assert not {"c2"} & owned.keys()
    for name in owned:
        assert (await running.hears(name, ReportKind.ASSIGNED, leave.at)).at - stopped.at < AT_ONCE
    gave_up_all(running, before, leave.at)

    crash = await running.act(Act.CRASH, "c1")
    before, owned = owned, await running.settled()
    for name in owned:
        assert UNNOTICED <= (await running.hears(name, ReportKind.ASSIGNED, crash.at)).at - crash.at <= MISSED
    gave_up_all(running, before, crash.at)

    freeze = await running.act(Act.FREEZE, "c3")
    before, owned = owned, await running.settled({"c4", "c5", "c6", "c7"})
    for name in owned:
        assert (
            UNNOTICED <= (await running.hears(name, ReportKind.ASSIGNED, freeze.at)).at - freeze.at <= MISSED
        )
    gave_up_all(running, before, freeze.at)

    thaw = await running.act(Act.FREEZE, "c3")
    assert thaw.act is Act.THAW
    assert set((await running.hears("c3", ReportKind.REVOKED, thaw.at)).partitions) == before["c3"]
    await running.settled({"c3", "c4", "c5", "c6", "c7"})
    assert (await running.hears("c3", ReportKind.ASSIGNED, thaw.at)).at - thaw.at < AT_ONCE


def gave_up_all(running: RunningDeck, before: Owned, since: float) -> None:
    """Check a rebalance of an eager group: each staying member gave up all partitions, and nobody read
    meanwhile."""
    staying = [
        consumer.name for consumer in running.deck.state.consumers if consumer.alive and not consumer.frozen
    ]
    last_revoked, first_assigned = 0.0, float("inf")
    for name in set(before) & set(staying):
        (revoked, *_) = running.reports(name, ReportKind.REVOKED, since)
        assert set(revoked.partitions) == before[name]
        last_revoked = max(last_revoked, revoked.at)
        first_assigned = min(first_assigned, running.reports(name, ReportKind.ASSIGNED, since)[0].at)
    assert last_revoked < first_assigned


async def test_a_slow_consumer_makes_the_others_wait_and_a_stuck_one_is_removed(running: RunningDeck) -> None:
    await running.join(3)
    await running.act(Act.SLOW, "c1")
    assert running.deck.state.words == {"c1": "slow"}
    join = await running.act(Act.JOIN)
    await running.settled()
    assert give_up(running, "c1", join.at) >= TERMS.give_up
    for name in ("c2", "c3"):
        assert give_up(running, name, join.at) < 0.5
    # how long the others wait: from the slow one's first moment of giving up to their new partitions
    begins = (await running.hears("c1", ReportKind.REVOKED, join.at)).at
    for name in ("c2", "c3"):
        assert (
            2.0 <= (await running.hears(name, ReportKind.ASSIGNED, join.at)).at - begins <= 2.5 + SLACK - 2.0
        )

    await running.act(Act.SLOW, "c1")
    assert running.deck.state.words == {}
    stuck = await running.act(Act.STUCK, "c2")
    began = await running.hears("c2", ReportKind.STUCK, stuck.at)
    await eventually(lambda: running.deck.state.words == {"c2": "stuck"})
    owned = await running.settled({"c1", "c3", "c4"})
    out = await running.hears("c2", ReportKind.REVOKED, began.at)
    assert TERMS.max_poll - 1 <= out.at - began.at <= TERMS.max_poll + 1 + SLACK - 2.0
    for name in owned:
        assert (await running.hears(name, ReportKind.ASSIGNED, began.at)).at - out.at < AT_ONCE

    await running.act(Act.FREEZE, "c1")
    await running.act(Act.CRASH, "c3")
    await running.act(Act.PARTITION)
    await running.act(Act.RESTORE)
    state = running.deck.state
    assert (state.consumers, state.assignor, state.static, state.rate) == ((), "range", False, 20)
    assert list(running.deck.topics.values()) == [6]
    assert (await running.group()).state == "Dead"
    assert [pid for pid in running.pids if alive(pid)] == running.pids[-1:]  # the writer
    assert (await running.act(Act.JOIN)).who == "c1"
    await running.settled()


def give_up(running: RunningDeck, name: str, since: float) -> float:
    """Seconds a consumer took to give up its partitions."""
    (revoked, *_), (released, *_) = (
        running.reports(name, told, since) for told in (ReportKind.REVOKED, ReportKind.RELEASED)
    )
    return released.at - revoked.at


async def test_sticky_moves_fewer_partitions_than_round_robin(cluster: Cluster, own_ledger: Path) -> None:
    async with running_deck(cluster, {"orders": 12}) as running:
        await running.act(Act.ASSIGNOR)
        await running.join(3)
        assert (await running.group()).assignor == "roundrobin"
        before = await running.settled()
        await running.act(Act.LEAVE, "c2")
        after = await running.settled()
        assert len(moved(before, after)) == 8

        await running.act(Act.JOIN)
        assert (await running.act(Act.ASSIGNOR)).detail == "sticky"
        before = await running.settled()
        assert (await running.group()).assignor == "sticky"
        since = (await running.act(Act.LEAVE, "c3")).at
        after = await running.settled()
        assert moved(before, after) == before["c3"]
        assert len(before["c3"]) == 4
        gave_up_all(running, before, since)  # sticky, yet eager


async def test_range_assigns_each_topic_apart_and_round_robin_all_together(
    cluster: Cluster, own_ledger: Path
) -> None:
    async with running_deck(cluster, {"a": 3, "b": 3}) as running:
        await running.join(2)
        assert sorted(map(len, (await running.settled()).values())) == [2, 4]
        await running.act(Act.ASSIGNOR)
        assert sorted(map(len, (await running.settled()).values())) == [3, 3]


async def test_a_static_member_that_rejoins_causes_no_rebalance(running: RunningDeck) -> None:
    await running.join(2)
    assert (await running.act(Act.STATIC)).detail == "on"
    before = await running.settled()
    for act in (Act.LEAVE, Act.CRASH):
        went = await running.act(act, "c1")
        back = await running.act(Act.JOIN)
        assert back.who == "c1"
        assigned = await running.hears("c1", ReportKind.ASSIGNED, back.at)
        assert set(assigned.partitions) == before["c1"]
        await running.hears("c1", ReportKind.STARTED, went.at)
        assert await running.settled() == before
        assert running.reports("c2", since=went.at) == []
    members = (await running.group()).members
    assert [member.group_instance_id for member in members or ()] == ["c1", "c2"]
    await running.act(Act.STATIC)
    await running.settled()
    assert {member.group_instance_id for member in (await running.group()).members or ()} == {None}


async def test_one_more_partition_the_writer_s_pace_and_what_is_not_installed(
    running: RunningDeck, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.join(2)
    more = await running.act(Act.PARTITION)
    assert more.detail == "7"
    assert len(running.partitions) == 7
    await running.settled(within=1.0 + AT_ONCE)  # metadata is a second old at most
    assert (await running.act(Act.FASTER)).detail == "50"
    for rate in (20, 10, 5, 2, 1, 0):
        assert (await running.act(Act.SLOWER)).detail == str(rate)
    with pytest.raises(DeckError, match="0 records a second already"):
        await running.deck.act(Act.SLOWER)
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(DeckError, match=r"pip install 'kafkatui\[demo\]'"):
        await running.deck.act(Act.PROTOCOL)
