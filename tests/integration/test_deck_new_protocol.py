"""The deck in a KIP-848 group: the broker deals, and only who gives something up is disturbed."""

import pytest

from kafkatui.domain.cluster.groups import GroupKind
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import ReportKind
from kafkatui.kafka.connection import Cluster
from tests.integration.decks import MISSED, game, moved

pytestmark = pytest.mark.kafka


async def test_only_what_moves_is_given_up(cluster: Cluster, own_ledger: None) -> None:
    async with game(cluster) as play:
        await play.join(2)
        assert (await play.act(Act.PROTOCOL)).detail == "consumer"
        before = await play.settled()
        group = await play.group()
        assert (group.kind, group.assignor) == (GroupKind.CONSUMER, "uniform")
        assert play.deck.state.assignor == "uniform"

        join = await play.act(Act.JOIN)
        after = await play.settled()
        gone = moved(before, after)
        assert gone == after["c3"]
        for name in before:
            revoked = {
                one for report in play.reports(name, ReportKind.REVOKED, join.at) for one in report.partitions
            }
            assert revoked == before[name] - after[name]  # and the rest is read on

        before = after
        leave = await play.act(Act.LEAVE, "c1")
        after = await play.settled()
        for name in after:
            assert play.reports(name, ReportKind.REVOKED, leave.at) == []
            assert before[name] <= after[name]

        crash = await play.act(Act.CRASH, "c2")
        before, after = after, await play.settled(within=45 + MISSED)  # the session is the broker's to say
        assert play.reports("c3", ReportKind.REVOKED, crash.at) == []

        await play.act(Act.STATIC)
        before = await play.settled()
        leave = await play.act(Act.LEAVE, "c3")
        await play.hears("c3", ReportKind.STOPPED, leave.at)
        await play.act(Act.JOIN)
        assert await play.settled() == before

        assert (await play.act(Act.ASSIGNOR)).detail == "range"
        await play.settled()
        await play.act(Act.CRASH, "c3")
        await play.act(Act.RESTORE)
        assert play.deck.state.protocol == "classic"
        await play.join(1)
        assert (await play.group()).kind is GroupKind.CLASSIC
