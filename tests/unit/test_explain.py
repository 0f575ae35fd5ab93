"""One sentence for every key of the deck and every kind of rebalance, with the observed numbers."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.explain.explain import explain
from kafkatui.domain.rebalance.ownership import Move
from kafkatui.domain.rebalance.rebalances import Rebalance, Share
from tests.group_builders import parts

MOST_WORDS = 40


def share(
    name: str,
    before: int | None,
    after: int | None,
    pause: tuple[float, float, float] | None = None,
    *,
    static: bool = False,
) -> Share:
    """`share("c1", 3, 2)`: c1 had 3 partitions and has 2; `pause`: revoked, released, assigned."""
    revoked, released, assigned = pause or (None, None, None)
    had = None if before is None else parts("orders", *range(before))
    has = None if after is None else parts("orders", *range(after))
    return Share(name, name, had, has, revoked, released, assigned, static)


def rebalance(**fields: object) -> Rebalance:
    """A rebalance of an eager group with 6 partitions and 3 members, which began at second 10."""
    usual = Rebalance(
        number=1,
        started_at=10.0,
        ended_at=10.3,
        moved={"orders": 2},
        owned={"orders": 6},
        members=3,
        took_at_least=0.1,
        took_at_most=0.3,
        at_least=0.023,
        at_most=0.023,
        assignor="range",
        assignor_before="range",
        shares=(
            share("c1", 3, 2, (10.0, 10.01, 10.023)),
            share("c2", 3, 2, (10.0, 10.01, 10.02)),
            share("c3", None, 2),
        ),
    )
    return replace(usual, **fields)  # type: ignore[arg-type]  # fields of many types


def did(act: Act, who: str | None = "c3", detail: str = "", at: float = 9.4) -> Deed:
    return Deed(act, at, "billing", who, detail)


def by(deed: Deed, **fields: object) -> Rebalance:
    """A rebalance that a deed led to."""
    names = (deed.who,) if deed.who is not None else ()
    event = rebalance(**{"deeds": (deed,), **fields})
    acts = dict.fromkeys((*event.joined, *event.gone) or names, deed.act)
    return replace(event, acts=acts if event.joined or event.gone else {})


INCREMENTAL = {
    "stops_all": False,
    "assignor": "uniform",
    "took_at_least": 0.0,
    "took_at_most": 1.2,
    "at_least": 0.0,
    "at_most": 1.2,
}
"""A group that speaks KIP-848."""
LOST = {
    "gone": ("c1",),
    "members": 2,
    "moved": {"orders": 2},
    "shares": (share("c1", 2, None), share("c2", 2, 3), share("c3", 2, 3)),
}
LEFT = did(Act.LEAVE, "c1")
CRASHED = did(Act.CRASH, "c1", at=4.4)
FROZE = did(Act.FREEZE, "c1", at=4.3)
WOKE = did(Act.THAW, "c1")
STUCK = did(Act.STUCK, "c1", at=5.9)
SLOW = did(Act.SLOW, "c1", "on", at=3.0)
ANEW = did(Act.ASSIGNOR, None, "sticky")
STATIC = did(Act.STATIC, None, "on")
KIP_848 = did(Act.PROTOCOL, None, "consumer")
LONG = {
    "at_least": 2.03,
    "at_most": 2.03,
    "shares": (
        share("c1", 3, 2, (10.0, 12.01, 12.02)),
        share("c2", 3, 2, (10.0, 10.01, 12.03)),
        share("c3", None, 2),
    ),
}

EFFECTS = [
    (
        ANEW,
        rebalance(ended_at=None, at_most=None),
        None,
        "0.6 s after the key the group began to rebalance and still does: every consumer joins anew with the "
        "next assignor, sticky.",
    ),
    (
        STATIC,
        rebalance(ended_at=None, at_most=None),
        None,
        "0.6 s after the key the group began to rebalance and still does: every consumer joins anew with a "
        "group.instance.id.",
    ),
    (
        KIP_848,
        rebalance(ended_at=None, at_most=None),
        None,
        "0.6 s after the key the group began to rebalance and still does: every consumer joins anew with "
        "KIP-848.",
    ),
    (
        did(Act.JOIN),
        rebalance(),
        None,
        "c3 joined: everyone gave up everything, then one client, the group leader, dealt "
        "anew; 2 of 6 partitions moved, the longest pause was 0.02 s.",
    ),
    (
        did(Act.JOIN),
        rebalance(),
        41,
        "c3 joined: everyone gave up everything, then one client, the group leader, dealt "
        "anew; 2 of 6 partitions moved, the longest pause was 0.02 s, about 41 records waited.",
    ),
    (
        did(Act.JOIN, "c1"),
        rebalance(members=1, shares=(share("c1", None, 6),)),
        None,
        "Alone in its group, c1 gets every partition, 6 here.",
    ),
    (
        did(Act.JOIN, "c7"),
        rebalance(members=7, moved={}, shares=(share("c1", 1, 1), share("c7", None, 0))),
        None,
        "c7 joined and stays idle: inside a group a partition has at most one reader, and all "
        "6 are taken; the pause was 0.02 s.",
    ),
    (
        did(Act.JOIN),
        rebalance(**INCREMENTAL),
        None,
        "c3 joined: the broker planned anew, and only what moved paused; 2 of 6 partitions "
        "moved, it took less than 1.2 s.",
    ),
    (
        did(Act.JOIN),
        rebalance(ended_at=None, at_most=None),
        None,
        "0.6 s after the key the group began to rebalance and still does: everyone joins "
        "again, and the slowest decides.",
    ),
    (
        LEFT,
        rebalance(**LOST),
        7,
        "c1 left politely: it sent LeaveGroup, so nobody had to wait for session.timeout, and "
        "the others learned it with their next heartbeat; 2 of 6 partitions moved, the pause "
        "was 0.02 s, about 7 records waited.",
    ),
    (
        LEFT,
        rebalance(**{**LOST, **INCREMENTAL}),
        None,
        "c1 left politely: it said so, so nobody had to wait for session.timeout, and the "
        "others learned it with their next heartbeat; 2 of 6 partitions moved, it took less "
        "than 1.2 s.",
    ),
    (
        LEFT,
        rebalance(**{**LOST, "members": 0}),
        None,
        "c1 was the last one: nobody reads now, and the lag grows until someone joins.",
    ),
    (
        LEFT,
        rebalance(
            **{**LOST, **INCREMENTAL, "started_at": 15.5, "shares": (share("c1", 2, None, static=True),)}
        ),
        61,
        "c1 said that it will be back, with epoch -2, as a static member of a KIP-848 group does: its "
        "place was kept for session.timeout, 6.1 s here; about 61 records waited meanwhile.",
    ),
    (
        LEFT,
        rebalance(**{**INCREMENTAL, "ended_at": None, "shares": (share("c1", 2, 2, static=True),)}),
        None,
        "c1 said that it will be back, with epoch -2, as a static member of a KIP-848 group does: its "
        "place is kept until its session ends.",
    ),
    (
        LEFT,
        rebalance(**{**LOST, "started_at": 15.5, "shares": (share("c1", 2, None, static=True),)}),
        61,
        "c1 went without LeaveGroup, as a static member does: its place was kept for "
        "session.timeout, 6.1 s here; about 61 records waited meanwhile.",
    ),
    (
        CRASHED,
        rebalance(**LOST),
        112,
        "A crash is noticed only after session.timeout, 5.6 s here, because a dead process "
        "sends no LeaveGroup; about 112 records waited meanwhile.",
    ),
    (
        CRASHED,
        rebalance(**LOST),
        None,
        "A crash is noticed only after session.timeout, 5.6 s here, because a dead process "
        "sends no LeaveGroup.",
    ),
    (
        CRASHED,
        rebalance(**{**LOST, "started_at": 4.0}),
        None,
        "A crash is noticed only after session.timeout, because a dead process sends no LeaveGroup.",
    ),
    (
        CRASHED,
        rebalance(**{**LOST, **INCREMENTAL}),
        None,
        "A crash is noticed only after session.timeout, 5.6 s here, because a dead process "
        "cannot say that it leaves.",
    ),
    (
        FROZE,
        rebalance(**LOST),
        114,
        "c1 froze and was put out after session.timeout, 5.7 s here, because a process that "
        "sends no heartbeats is dead to its group; about 114 records waited meanwhile.",
    ),
    (
        WOKE,
        rebalance(joined=("c1-b",), shares=()),
        None,
        "c1 woke as a zombie, was refused at its next heartbeat and joined again: two "
        "rebalances for one nap; 2 of 6 partitions moved, the pause was 0.02 s.",
    ),
    (
        STUCK,
        rebalance(**LOST),
        90,
        "c1 sent heartbeats but did not poll: after max.poll.interval, 4.1 s here, it was "
        "out, for that clock watches the work, and session.timeout only the process; about 90 "
        "records waited meanwhile.",
    ),
    (
        STUCK,
        rebalance(shares=(share("c2", 3, 2), share("c1", None, 2))),
        None,
        "c1 polls again and joined anew: what it had in hand may be done twice, for its "
        "partitions had gone to others; 2 of 6 partitions moved, the pause was 0.02 s.",
    ),
    (
        did(Act.ASSIGNOR, None, "range"),
        rebalance(),
        None,
        "Range deals each topic by itself, so the first members get more wherever it does not "
        "divide: 2, 2 and 2 here.",
    ),
    (
        did(Act.ASSIGNOR, None, "roundrobin"),
        rebalance(),
        None,
        "Round-robin deals all partitions in turn, evenly, but moves many at every change: 2, 2 and 2 here.",
    ),
    (
        did(Act.ASSIGNOR, None, "sticky"),
        rebalance(),
        None,
        "Sticky moves only what it must, yet in aiokafka everyone still gives up everything "
        "first: 2, 2 and 2 here.",
    ),
    (
        did(Act.ASSIGNOR, None, "uniform"),
        rebalance(**INCREMENTAL),
        None,
        "The broker's uniform assignor deals evenly and leaves where it is what it can: 2, 2 and 2 here.",
    ),
    (
        did(Act.ASSIGNOR, None, "range"),
        rebalance(**INCREMENTAL),
        None,
        "The broker deals each topic by itself now, as range does: 2, 2 and 2 here.",
    ),
    (
        did(Act.ASSIGNOR, None, "odd"),
        rebalance(shares=()),
        None,
        "Every consumer joined anew, and the group assigns by odd.",
    ),
    (
        did(Act.ASSIGNOR, None, "sticky"),
        rebalance(gone=("c1", "c2"), members=0),
        None,
        "c1 and c2 left, to join anew with the next assignor, sticky; for a moment nobody reads.",
    ),
    (
        did(Act.STATIC, None, "on"),
        rebalance(),
        None,
        "Every consumer joined anew with a group.instance.id.",
    ),
    (
        did(Act.STATIC, None, "off"),
        rebalance(),
        None,
        "Every consumer joined anew without group.instance.id: a restart is a rebalance "
        "again; 2 of 6 partitions moved, the longest pause was 0.02 s.",
    ),
    (
        did(Act.STATIC, None, "on"),
        rebalance(gone=("c1",)),
        None,
        "c1 left, to join anew with a group.instance.id; the others read on.",
    ),
    (
        SLOW,
        rebalance(**LONG),
        20,
        "c1 took 2.0 s to give up its partitions and everyone waited for it: a rebalance is "
        "as slow as its slowest member; about 20 records waited meanwhile.",
    ),
    (
        SLOW,
        rebalance(**{**LONG, **INCREMENTAL}),
        None,
        "c1 took 2.0 s to give up its partitions: with KIP-848 only those who get them wait.",
    ),
    (
        did(Act.SLOW, "c1", "off"),
        rebalance(),
        None,
        "c1 gave up its partitions at once; 2 of 6 partitions moved, the longest pause was 0.02 s.",
    ),
    (
        did(Act.PARTITION, None, "7"),
        rebalance(),
        None,
        "A partition was added: the consumers saw it in the metadata, 0.6 s here, and a "
        "rebalance gave it an owner; a key may hash to another partition from now on.",
    ),
    (
        did(Act.PARTITION, None, "7"),
        rebalance(**INCREMENTAL),
        None,
        "A partition was added: the broker saw it in the metadata, 0.6 s here, and a "
        "rebalance gave it an owner; a key may hash to another partition from now on.",
    ),
    (
        did(Act.SLOWER, None, "10"),
        rebalance(),
        None,
        "The producer sends 10 records a second now: load changes the lag, never who reads what.",
    ),
    (
        did(Act.FASTER, None),
        rebalance(),
        None,
        "The producer has another rate now: load changes the lag, never who reads what.",
    ),
    (
        did(Act.PROTOCOL, None, "consumer"),
        rebalance(**INCREMENTAL),
        None,
        "The group speaks KIP-848: every consumer left, and joined it anew; 2 of 6 partitions moved, "
        "it took less than 1.2 s.",
    ),
    (
        did(Act.PROTOCOL, None, "classic"),
        rebalance(),
        None,
        "The group speaks the classic protocol: a client, the group leader, assigns, and all "
        "stop for it; 2 of 6 partitions moved, the longest pause was 0.02 s.",
    ),
    (
        did(Act.PROTOCOL, None, "consumer"),
        rebalance(gone=("c1", "c2", "c3"), members=0),
        None,
        "c1, c2 and c3 left, to join anew with KIP-848; for a moment nobody reads.",
    ),
    (
        did(Act.RESTORE, None),
        rebalance(gone=("c1", "c2", "c3", "c4"), members=0),
        None,
        "Back to the start: the group has no members.",
    ),
    (
        did(Act.RESTORE, None),
        rebalance(members=1),
        None,
        "Back to the start: the group has 1 member; 2 of 6 partitions moved, the longest pause was 0.02 s.",
    ),
    (
        did(Act.KILL_BROKER, "2"),
        rebalance(coordinator=3, coordinator_before=2),
        None,
        "After broker 2 was killed the group coordinator is broker 3, no longer 2: the "
        "members had to find it; 2 of 6 partitions moved, the longest pause was 0.02 s.",
    ),
    (
        did(Act.KILL_BROKER, "2"),
        rebalance(coordinator=3, coordinator_before=3),
        None,
        "Broker 2 was killed 0.6 s before this rebalance; whether that led to it was not "
        "seen; 2 of 6 partitions moved, the longest pause was 0.02 s.",
    ),
    (
        did(Act.STOP_BROKER, "2"),
        rebalance(coordinator=3),
        None,
        "Broker 2 was stopped 0.6 s before this rebalance; whether that led to it was not "
        "seen; 2 of 6 partitions moved, the longest pause was 0.02 s.",
    ),
    (
        did(Act.START_BROKER, "2", at=11.0),
        rebalance(),
        None,
        "Broker 2 was started before this rebalance; whether that led to it was not seen; 2 "
        "of 6 partitions moved, the longest pause was 0.02 s.",
    ),
]
WAITS = [
    (
        did(Act.JOIN),
        "c3 asked to join, no rebalance was seen so far: a static member that is back within "
        "session.timeout, 6 s, takes its old place without one.",
    ),
    (
        did(Act.LEAVE),
        "c3 is gone, no rebalance was seen so far: a static member does not give up its place "
        "(KIP-848: it says so with epoch -2), which is kept for session.timeout, 6 s.",
    ),
    (
        did(Act.CRASH),
        "c3 was killed and told nobody: until session.timeout, 6 s after its last heartbeat, "
        "nobody reads its partitions.",
    ),
    (
        did(Act.FREEZE),
        "c3 is frozen and sends no heartbeats: until session.timeout, 6 s after the last one, "
        "nobody reads its partitions.",
    ),
    (
        did(Act.THAW),
        "c3 goes on, no rebalance was seen so far: a nap shorter than session.timeout, 6 s, "
        "costs none, after a longer one it must join again.",
    ),
    (
        did(Act.STUCK),
        "c3 works and does not poll: its heartbeats go on, but after max.poll.interval, 4 s, "
        "it leaves the group.",
    ),
    (
        did(Act.ASSIGNOR, None, "sticky"),
        "The assignor is to be sticky, no rebalance was seen so far: every consumer has to "
        "join anew with it.",
    ),
    (
        did(Act.STATIC, None, "on"),
        "Static membership is to be on, no rebalance was seen so far: every consumer has to "
        "join anew for it.",
    ),
    (
        did(Act.SLOW, "c1", "on"),
        "c1 takes 2 s to give up its partitions from now on: at the next rebalance others wait "
        "for it, in the classic protocol all of them.",
    ),
    (
        did(Act.SLOW, "c1", "off"),
        "c1 gives up its partitions at once again, which the next rebalance will show.",
    ),
    (
        did(Act.PARTITION, None, "7"),
        "A partition was added, no rebalance was seen so far: nobody reads it until the group "
        "sees it in the metadata.",
    ),
    (
        did(Act.SLOWER, None, "10"),
        "The producer sends 10 records a second now: load changes the lag, never who reads what.",
    ),
    (
        did(Act.FASTER, None, "50"),
        "The producer sends 50 records a second now: load changes the lag, never who reads what.",
    ),
    (
        did(Act.PROTOCOL, None, "consumer"),
        "Every consumer is replaced by one that speaks KIP-848; no rebalance was seen so far.",
    ),
    (
        did(Act.PROTOCOL, None, "classic"),
        "Every consumer is replaced by one that speaks the classic protocol; no rebalance was seen so far.",
    ),
    (did(Act.RESTORE, None), "Back to the start; no rebalance was seen so far."),
    (
        did(Act.KILL_BROKER, "2"),
        "Broker 2 was killed, no rebalance was seen so far: a group keeps its members when "
        "another broker takes over as its coordinator.",
    ),
    (
        did(Act.STOP_BROKER, "2"),
        "Broker 2 was stopped, no rebalance was seen so far: it hands over what it leads "
        "first, and groups keep their members.",
    ),
    (
        did(Act.START_BROKER, "2"),
        "Broker 2 was started, no rebalance was seen so far: leaders and coordinators do not "
        "move back at once.",
    ),
]
SEEN = {"took_at_least": 0.6, "took_at_most": 2.2, "at_least": 0.0, "at_most": 2.2, "shares": ()}
"""A rebalance that is known from looks only."""
EVENTS = [
    (
        rebalance(first=True),
        None,
        "At the first look the group had 3 members with 6 partitions; what was before is not known.",
    ),
    (
        rebalance(first=True, owned={}, members=0),
        None,
        "At the first look the group had no members; what was before is not known.",
    ),
    (
        rebalance(ended_at=None, took_at_least=1.3, at_most=None),
        None,
        "The rebalance goes on for 1.3 s so far: everyone gives up its partitions and joins "
        "again, and the slowest decides.",
    ),
    (
        rebalance(ended_at=None, took_at_least=0.0, at_most=None, assignor=None),
        None,
        "The rebalance goes on: everyone joins again, and the slowest decides.",
    ),
    (
        rebalance(
            ended_at=None, took_at_least=1.3, at_most=None, stops_all=False, cooperative=True, assignor=None
        ),
        None,
        "The rebalance goes on for 1.3 s so far: everyone joins again and reads on meanwhile; only what "
        "moves is given up, and a second rebalance gives it to its new owner.",
    ),
    (
        rebalance(ended_at=None, took_at_least=1.3, at_most=None, stops_all=False),
        None,
        "The rebalance goes on for 1.3 s so far: the broker has a new plan, and each member "
        "gives up what is no longer its own; only that pauses.",
    ),
    (
        by(did(Act.JOIN), joined=("c3",)),
        None,
        "c3 joined: everyone gave up everything, then one client, the group leader, dealt "
        "anew; 2 of 6 partitions moved, the longest pause was 0.02 s.",
    ),
    (
        rebalance(
            **{**INCREMENTAL, "ended_at": None, "deeds": (LEFT,)},
            shares=(share("c1", 2, 2, static=True),),
        ),
        None,
        "c1 said that it will be back, with epoch -2, as a static member of a KIP-848 group does: its "
        "place is kept until its session ends.",
    ),
    (
        rebalance(**{**INCREMENTAL, "deeds": (LEFT,)}, shares=(share("c1", 2, 2, static=True),)),
        None,
        "c1 said that it will be back, with epoch -2, as a static member of a KIP-848 group does: its "
        "place was kept, and it is back.",
    ),
    (
        by(CRASHED, **LOST),
        112,
        "A crash is noticed only after session.timeout, 5.6 s here, because a dead process "
        "sends no LeaveGroup; about 112 records waited meanwhile.",
    ),
    (
        by(SLOW, joined=("c3",), acts={"c3": Act.JOIN}, **LONG),
        20,
        "c3 joined; c1 took 2.0 s to give up its partitions and everyone waited for it: a "
        "rebalance is as slow as its slowest member.",
    ),
    (
        rebalance(joined=("c3",), **LONG),
        None,
        "c3 joined; c1 took 2.0 s to give up its partitions and everyone waited for it: a "
        "rebalance is as slow as its slowest member.",
    ),
    (
        rebalance(
            gone=("c1",),
            joined=("c3",),
            deeds=(ANEW,),
            acts={"c1": ANEW.act, "c3": ANEW.act},
            assignor="sticky",
            **LONG,
        ),
        20,
        "Sticky moves only what it must, yet in aiokafka everyone still gives up everything first: "
        "2, 2 and 2 here.",
    ),
    (
        rebalance(deeds=(SLOW, STATIC), **LONG),
        20,
        "Every consumer joined anew with a group.instance.id.",
    ),
    (
        rebalance(deeds=(KIP_848,), **{**LONG, **INCREMENTAL}),
        20,
        "The group speaks KIP-848: every consumer left, and joined it anew; "
        "2 of 6 partitions moved, it took less than 1.2 s, about 20 records waited.",
    ),
    (
        rebalance(ended_at=None, took_at_least=1.3, at_most=None, deeds=(SLOW, ANEW)),
        None,
        "The rebalance goes on for 1.3 s so far: every consumer joins anew with the next assignor, sticky.",
    ),
    (
        rebalance(joined=("c3",), **SEEN),
        30,
        "c3 joined: everyone gave up everything, then one client, the group leader, dealt "
        "anew; 2 of 6 partitions moved, it took 0.6 to 2.2 s "
        "and no member paused for longer, about 30 records waited.",
    ),
    (
        rebalance(joined=("c3",), **{**SEEN, "assignor": "their-own"}),
        None,
        "c3 joined: one client, the group leader, dealt anew; 2 of 6 partitions moved, it took 0.6 to 2.2 s "
        "and no member paused for longer.",
    ),
    (
        rebalance(joined=("c3",), **{**SEEN, "at_most": 0.31}),
        None,
        "c3 joined: everyone gave up everything, then one client, the group leader, dealt anew; 2 of 6 "
        "partitions moved, it took 0.6 to 2.2 s and no member paused for more than 0.4 s.",
    ),
    (
        rebalance(
            joined=("c3",),
            **{**SEEN, "assignor": "cooperative-sticky", "stops_all": False, "cooperative": True},
        ),
        None,
        "c3 joined: one client, the group leader, dealt anew, and only what moved was given up; 2 of 6 "
        "partitions moved, it took 0.6 to 2.2 s.",
    ),
    (
        rebalance(
            joined=("c3",),
            **{
                **SEEN,
                "assignor": "cooperative-sticky",
                "stops_all": False,
                "cooperative": True,
                "at_most": 1.2,
            },
        ),
        None,
        "c3 joined: one client, the group leader, dealt anew, and only what moved was given up; 2 of 6 "
        "partitions moved, it took 0.6 to 2.2 s and what was given up was read again within 1.2 s.",
    ),
    (
        rebalance(joined=("ix1",), **INCREMENTAL),
        None,
        "ix1 joined: the broker planned anew, and only what moved paused; 2 of 6 partitions "
        "moved, it took less than 1.2 s.",
    ),
    (
        rebalance(gone=("c2",), **SEEN),
        None,
        "c2 is gone; whether it left, crashed or hung is not visible from outside; 2 of 6 "
        "partitions moved, it took 0.6 to 2.2 s "
        "and no member paused for longer.",
    ),
    (
        rebalance(gone=("c1", "c2"), **{**SEEN, "members": 0}),
        None,
        "c1 and c2 are gone and nobody reads now; whether they left, crashed or hung is not "
        "visible from outside.",
    ),
    (
        rebalance(joined=("c2-b",), gone=("c2-a",), **SEEN),
        None,
        "c2-b joined and c2-a is gone: a restart without group.instance.id looks just so, and "
        "from outside no more is visible; 2 of 6 partitions moved, it took 0.6 to 2.2 s "
        "and no member paused for longer.",
    ),
    (
        rebalance(resubscribed=("c1",), **SEEN),
        None,
        "c1 subscribed to other topics: everyone gave up everything, then one client, the "
        "group leader, dealt anew; 2 of 6 partitions moved, it took 0.6 to 2.2 s "
        "and no member paused for longer.",
    ),
    (
        rebalance(grown={"orders": 2}, **SEEN),
        None,
        "orders got 2 partitions more, and a rebalance gave them owners; 2 of 6 partitions "
        "moved, it took 0.6 to 2.2 s "
        "and no member paused for longer.",
    ),
    (
        rebalance(moved={}, **SEEN),
        None,
        "The group rebalanced with the same members; the cause is not visible from outside; "
        "nothing moved, it took 0.6 to 2.2 s "
        "and no member paused for longer.",
    ),
    (
        rebalance(moves=None, **{**SEEN, "took_at_most": None, "at_most": None}),
        None,
        "The group was rebalancing at the first look; what led to it was not seen.",
    ),
    (
        rebalance(moved={}, **{**SEEN, "took_at_least": 0.0, "took_at_most": 0.3, "at_most": 0.3}),
        None,
        "The group rebalanced with the same members; the cause is not visible from outside; "
        "nothing moved, it took less than 0.3 s and no member paused for longer.",
    ),
    (
        rebalance(**{**SEEN, "assignor": "sticky"}),
        None,
        "The group assigns by sticky now, no longer by range; 2 of 6 partitions moved, it took 0.6 to 2.2 s "
        "and no member paused for longer.",
    ),
    (
        rebalance(grown={"orders": 1}, **{**LONG, **INCREMENTAL}),
        None,
        "orders got more partitions; c1 took 2.0 s to give up its partitions and, with KIP-848, "
        "only those who get them waited.",
    ),
    (
        rebalance(coordinator=3, coordinator_before=2, **SEEN),
        None,
        "The group rebalanced as its coordinator moved from broker 2 to broker 3; 2 of 6 "
        "partitions moved, it took 0.6 to 2.2 s "
        "and no member paused for longer.",
    ),
    (
        rebalance(
            joined=("c4",),
            gone=("c1", "c2"),
            acts={"c4": Act.JOIN, "c1": Act.CRASH},
            deeds=(CRASHED, did(Act.JOIN, "c4")),
            **SEEN,
        ),
        None,
        "Several things in one rebalance: c4 joined, c1 crashed, c2 is gone; 2 of 6 "
        "partitions moved, it took 0.6 to 2.2 s "
        "and no member paused for longer.",
    ),
    (
        rebalance(joined=("a", "b", "c", "d"), members=4, **SEEN),
        None,
        "a, b and 2 more joined: everyone gave up everything, then one client, the group "
        "leader, dealt anew; 2 of 6 partitions moved, it took 0.6 to 2.2 s "
        "and no member paused for longer.",
    ),
]


@pytest.mark.parametrize(("deed", "effect", "waited", "expected"), EFFECTS)
def test_the_sentence_about_a_key_and_its_rebalance(
    deed: Deed, effect: Rebalance, waited: int | None, expected: str
) -> None:
    assert explain(deed, effect, waited) == expected


@pytest.mark.parametrize(("deed", "expected"), WAITS)
def test_the_sentence_about_a_key_that_led_to_no_rebalance(deed: Deed, expected: str) -> None:
    assert explain(deed) == expected


@pytest.mark.parametrize(("event", "waited", "expected"), EVENTS)
def test_the_sentence_about_each_kind_of_rebalance(
    event: Rebalance, waited: int | None, expected: str
) -> None:
    assert explain(event, None, waited) == expected


def test_every_key_has_a_row() -> None:
    assert {row[0].act for row in EFFECTS} == {row[0].act for row in WAITS} == set(Act)


def test_sentences_are_short() -> None:
    sentences = [row[-1] for rows in (EFFECTS, WAITS, EVENTS) for row in rows]
    assert max(len(sentence.split()) for sentence in sentences) <= MOST_WORDS


def test_a_key_and_its_rebalance_are_explained_alike() -> None:
    """The sentence about a rebalance that nothing else led to."""
    event = by(CRASHED, **LOST)
    assert explain(event, None, 112) == explain(CRASHED, event, 112)


texts = st.text(max_size=12)
names = st.lists(texts, max_size=4).map(tuple)
times = st.none() | st.floats(-10, 1e5)
partitions = st.lists(st.builds(TopicPartition, texts, st.integers(0, 9)), max_size=4).map(tuple)
amounts = st.dictionaries(texts, st.integers(0, 10_000), max_size=2)
shares = st.builds(
    Share, texts, texts, st.none() | partitions, st.none() | partitions, times, times, times, st.booleans()
)
deeds = st.builds(Deed, st.sampled_from(Act), st.floats(-10, 1e5), texts, st.none() | texts, texts)
rebalances = st.builds(
    Rebalance,
    number=st.integers(0, 100),
    started_at=st.floats(0, 1e5),
    ended_at=times,
    first=st.booleans(),
    joined=names,
    gone=names,
    resubscribed=names,
    grown=amounts,
    moves=st.none()
    | st.lists(st.builds(Move, st.just(TopicPartition("t", 0)), texts, texts), max_size=2).map(tuple),
    moved=amounts,
    owned=amounts,
    members=st.integers(0, 50),
    at_least=st.floats(0, 1e4),
    at_most=st.none() | st.floats(0, 1e4),
    took_at_least=st.floats(0, 1e4),
    took_at_most=st.none() | st.floats(0, 1e4),
    stops_all=st.booleans(),
    cooperative=st.booleans(),
    assignor=st.none() | texts,
    assignor_before=st.none() | texts,
    coordinator=st.none() | st.integers(0, 5),
    coordinator_before=st.none() | st.integers(0, 5),
    shares=st.lists(shares, max_size=3).map(tuple),
    deeds=st.lists(deeds, max_size=3).map(tuple),
    acts=st.dictionaries(texts, st.sampled_from(Act), max_size=3),
)


def controls(text: str) -> set[str]:
    return {sign for sign in text if unicodedata.category(sign) == "Cc"}


@settings(max_examples=400, deadline=None)
@given(st.one_of(rebalances, deeds), st.none() | rebalances, st.none() | st.integers(0, 10**12))
def test_every_rebalance_has_a_sentence(
    entry: Rebalance | Deed, effect: Rebalance | None, waited: int | None
) -> None:
    said = explain(entry, effect, waited)
    assert said.endswith(".")
    assert said.isascii() or not "".join(_texts(entry) + _texts(effect)).isascii()
    assert controls(said) <= controls("".join(_texts(entry) + _texts(effect)))


def _texts(entry: Rebalance | Deed | None) -> list[str]:
    """All names that a function's code refers to."""
    if entry is None:
        return []
    if isinstance(entry, Deed):
        return [entry.who or "", entry.detail]
    found = [
        *entry.joined,
        *entry.gone,
        *entry.resubscribed,
        *entry.grown,
        *(share.name for share in entry.shares),
    ]
    found += [entry.assignor or "", entry.assignor_before or ""]
    return found + [text for deed in entry.deeds for text in _texts(deed)]
