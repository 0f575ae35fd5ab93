"""The deck in a KIP-848 group: the broker assigns, and only members that give up partitions are
interrupted."""

import pytest

from kafkatui.domain.cluster.groups import GroupKind
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import ReportKind
from kafkatui.kafka.connection import Cluster
from tests.integration.decks import MISSED, moved, running_deck

pytestmark = pytest.mark.kafka


async def test_only_partitions_that_move_are_given_up(cluster: Cluster, own_ledger: None) -> None:
    async with running_deck(cluster) as running:
        await running.join(2)
        assert (await running.act(Act.PROTOCOL)).detail == "consumer"
        before = await running.settled()
        group = await running.group()
        assert (group.kind, group.assignor) == (GroupKind.CONSUMER, "uniform")
        assert running.deck.state.assignor == "uniform"

        join = await running.act(Act.JOIN)
        after = await running.settled()
        gone = moved(before, after)
        assert gone == after["c3"]
        for name in before:
            revoked = {
                one
                for report in running.reports(name, ReportKind.REVOKED, join.at)
                for one in report.partitions
            }
            assert revoked == before[name] - after[name]  # and the rest is read on

        before = after
        leave = await running.act(Act.LEAVE, "c1")
        after = await running.settled()
        for name in after:
            assert running.reports(name, ReportKind.REVOKED, leave.at) == []
            assert before[name] <= after[name]

        crash = await running.act(Act.CRASH, "c2")
        before, after = after, await running.settled(within=45 + MISSED)  # the session is the broker's to say
        assert running.reports("c3", ReportKind.REVOKED, crash.at) == []

        await running.act(Act.STATIC)
        before = await running.settled()
        leave = await running.act(Act.LEAVE, "c3")
        await running.hears("c3", ReportKind.STOPPED, leave.at)
        await running.act(Act.JOIN)
        assert await running.settled() == before

        assert (await running.act(Act.ASSIGNOR)).detail == "range"
        await running.settled()
        await running.act(Act.CRASH, "c3")
        await running.act(Act.RESTORE)
        assert running.deck.state.protocol == "classic"
        await running.join(1)
        assert (await running.group()).kind is GroupKind.CLASSIC
