"""The table of the deck's keys: what each is, does and teaches.

A new key is a row here, a method of `kafkatui.deck.Deck`, and a sentence about its effect in
`kafkatui.domain.rebalance.explain.deeds`; what else needs to know of it reads this table.
"""

from enum import Enum

from kafkatui.domain.deck.deck_key import Button, Code, DeckKey, Pending, Target

REJOIN = ("consume", "make_consumer")
LOOKS_FOR_LEADERS = "No line of these programs ran: their clients look for the new leaders by themselves."


class Act(Enum):
    """What one key of the deck does; in the order of the deck's row, the most wanted first."""

    JOIN = DeckKey(
        "j",
        Target.CONSUMER,
        button=Button("join", "a consumer joins the group"),
        done="{who} starts",
        joined="joined",
        verb="joined",
        pending=Pending("{who} started {ago} ago and has not joined yet", lambda terms: 10.0),
        so_far="{who} asked to join, no rebalance was seen so far: a static member that is back within"
        " session.timeout, {terms.session:g} s, takes its old place without one",
        next_step="j once more: what moves this time? Then x: a crash is noticed late.",
        code=Code(REJOIN, REJOIN),
    )
    LEAVE = DeckKey(
        "l",
        Target.CONSUMER,
        button=Button("leave", "it leaves, and says so"),
        done="{who} leaves, politely",
        gone="left",
        verb="left",
        pending=Pending(
            "{who} left {ago} ago: others hear of it at their next heartbeat",
            lambda terms: terms.heartbeat + 2,
        ),
        so_far="{who} is gone, no rebalance was seen so far: a static member does not give up its place"
        " (KIP-848: it says so with epoch -2), which is kept for session.timeout, {terms.session:g} s",
        next_step="x: a crash sends no LeaveGroup, compare how long nobody reads.",
        code=Code(("leave",), ("leave",)),
    )
    CRASH = DeckKey(
        "x",
        Target.CONSUMER,
        button=Button("crash", "it is killed and says nothing (SIGKILL)"),
        done="{who} killed",
        gone="crashed",
        verb="crashed",
        stops_reading=True,
        pending=Pending(
            "{who} killed {ago} ago: nobody was told, its session lasts {terms.session:g} s",
            lambda terms: terms.session + terms.heartbeat + 2,
        ),
        so_far="{who} was killed and told nobody: until session.timeout, {terms.session:g} s after its last"
        " heartbeat, nobody reads its partitions",
        next_step="s, then x: how long does a static member keep its place?",
        code=Code(
            why="Not a line ran: SIGKILL asks nobody. No commit, no LeaveGroup: the session has to end."
        ),
    )
    FREEZE = DeckKey(
        "f",
        Target.CONSUMER,
        button=Button("freeze", "it freezes, or goes on (SIGSTOP, SIGCONT)"),
        done="{who} frozen",
        gone="frozen, timed out",
        verb="froze",
        stops_reading=True,
        pending=Pending(
            "{who} frozen {ago} ago: no heartbeats, its session lasts {terms.session:g} s",
            lambda terms: terms.session + terms.heartbeat + 2,
        ),
        so_far="{who} is frozen and sends no heartbeats: until session.timeout, {terms.session:g} s after the"
        " last one, nobody reads its partitions",
        next_step="f again before session.timeout: was it missed at all?",
        code=Code(why="Not a line ran: SIGSTOP stops the whole process, its heartbeats too."),
    )
    THAW = DeckKey(
        "f",
        Target.CONSUMER,
        done="{who} thawed",
        joined="thawed, joined again",
        verb="woke up",
        so_far="{who} goes on, no rebalance was seen so far: a nap shorter than session.timeout,"
        " {terms.session:g} s, costs none, after a longer one it must join again",
        next_step="p: stuck in processing, while its heartbeats go on.",
        code=Code(
            ("Listener",),
            ("Listener.on_lost", "Listener.commit"),
            why="It goes on where it stood. If its session is over, its heartbeat is refused, and this runs.",
        ),
    )
    ASSIGNOR = DeckKey(
        "a",
        Target.CONSUMERS,
        button=Button("assignor", "the next assignor: range, round-robin, sticky"),
        done="assignor {detail}",
        so_far="The assignor is to be {detail}, no rebalance was seen so far: every consumer has to join anew"
        " with it",
        lesson="An assignor only decides who gets what: sticky lets members keep what they have, "
        "range and round-robin deal anew.",
        next_step="j: how many partitions move with this assignor? Then a and j again.",
        code=Code(("make_consumer", "assignor"), ("make_consumer",)),
    )
    RESTORE = DeckKey(
        "r",
        Target.EVERYTHING,
        button=Button("restore", "back to the start: undoes every other key"),
        done="back to the start",
        replaces_consumers=True,
        so_far="Back to the start; no rebalance was seen so far",
        lab=0,
        next_step="j twice: the first rebalance of all.",
        code=Code(why="Not a line ran: all processes were killed, and kafkatui removed them from the group."),
    )
    KILL_BROKER = DeckKey(
        "b",
        Target.BROKERS,
        button=Button("kill broker", "a broker is killed (SIGKILL)", shared_word="broker"),
        done="broker {who} killed",
        verb="was killed",
        so_far="Broker {who} was killed, no rebalance was seen so far: a group keeps its members"
        " when another broker takes over as its coordinator",
        lab=8,
        next_step="u: the broker comes back; who leads what then?",
        code=Code(why=LOOKS_FOR_LEADERS),
    )
    STOP_BROKER = DeckKey(
        "t",
        Target.BROKERS,
        button=Button("stop broker", "a broker is stopped politely (SIGTERM)", shared_word="broker"),
        done="broker {who} stopped",
        verb="was stopped",
        so_far="Broker {who} was stopped, no rebalance was seen so far: it hands over what it leads first,"
        " and groups keep their members",
        lab=8,
        next_step="b: a broker that is killed hands over nothing.",
        code=Code(why=LOOKS_FOR_LEADERS),
    )
    START_BROKER = DeckKey(
        "u",
        Target.BROKERS,
        button=Button("broker up", "brokers that are down come back", shared_word="broker"),
        done="broker {who} started",
        verb="was started",
        so_far="Broker {who} was started, no rebalance was seen so far: leaders and coordinators do not move"
        " back at once",
        lab=8,
        next_step="t: a broker that is stopped politely hands over first.",
        code=Code(why="No line of these programs ran: their clients find the broker by themselves."),
    )
    PROTOCOL = DeckKey(
        "G",
        Target.CONSUMERS,
        button=Button("protocol", "the group protocol: classic, or KIP-848"),
        done="protocol {detail}",
        replaces_consumers=True,
        so_far="Every consumer is replaced by one that speaks {detail}; no rebalance was seen so far",
        lesson="In KIP-848 the broker assigns, and only what moves is given up: the others read on.",
        lab=10,
        next_step="j: who has to stop reading now? Compare with the classic protocol.",
        code=Code(REJOIN, REJOIN),
    )
    SLOWER = DeckKey(
        "<",
        Target.WRITER,
        button=Button("slower", "the producer writes less", shared_word="rate"),
        done="producer slower: {detail} records/s",
        so_far="The producer sends {detail} records a second now: load changes the lag, never who reads what",
        lab=9,
        next_step="> until lag grows: how many consumers are enough?",
        code=Code(writer=("write",)),
    )
    FASTER = DeckKey(
        ">",
        Target.WRITER,
        button=Button("faster", "the producer writes more", shared_word="rate"),
        done="producer faster: {detail} records/s",
        so_far="The producer sends {detail} records a second now: load changes the lag, never who reads what",
        lab=9,
        next_step="j until lag falls: when does one more consumer not help?",
        code=Code(writer=("write",)),
    )
    STATIC = DeckKey(
        "s",
        Target.CONSUMERS,
        button=Button("static", "static membership on or off", rare=True),
        done="static membership {detail}",
        so_far="Static membership is to be {detail}, no rebalance was seen so far: every consumer has to join"
        " anew for it",
        lesson="A static member that goes keeps its place until session.timeout: if it is back by then, "
        "nothing moves.",
        next_step="l: a static member leaves; does anything move?",
        code=Code(("make_consumer",), ("make_consumer",)),
    )
    STUCK = DeckKey(
        "p",
        Target.CONSUMER,
        button=Button("stuck", "it works longer than max.poll.interval", rare=True),
        done="{who} stuck in processing",
        gone="stuck, put out",
        joined="polls again, joined",
        verb="was stuck",
        stops_reading=True,
        reports_back=True,
        pending=Pending(
            "{who} stuck for {ago}: heartbeats go on, max.poll.interval is {terms.max_poll:g} s",
            lambda terms: terms.max_poll + 2,
        ),
        so_far="{who} works and does not poll: its heartbeats go on, but after max.poll.interval,"
        " {terms.max_poll:g} s, it leaves the group",
        next_step="f: frozen, it sends no heartbeats either. Which one is noticed first?",
        code=Code(("get_stuck",), ("get_stuck",)),
    )
    SLOW = DeckKey(
        "w",
        Target.CONSUMER,
        button=Button("slow", "slow or quick to give up its partitions (2 s)", rare=True),
        done="{who} slow",
        done_off="{who} no longer slow",
        so_far="{who} takes {terms.give_up:g} s to give up its partitions from now on:"
        " at the next rebalance others wait for it, in the classic protocol all of them",
        so_far_off="{who} gives up its partitions at once again, which the next rebalance will show",
        next_step="j: how long does the group wait for the slow one? Then G and j.",
        code=Code(("Listener.on_partitions_revoked",), ("Listener.on_revoke",)),
    )
    PARTITION = DeckKey(
        "P",
        Target.TOPIC,
        button=Button("partition", "one more partition", rare=True),
        done="now {detail} partitions",
        pending=Pending("one more partition: consumers see it with their next metadata", lambda terms: 10.0),
        so_far="A partition was added, no rebalance was seen so far: nobody reads it until the group sees it"
        " in the metadata",
        lab=5,
        next_step="j: one more member. How many partitions does each have now?",
        code=Code(
            ("Listener",),
            ("Listener",),
            why="kafkatui asked for the partition; the group rebalances as soon as its members see it.",
        ),
    )

    def __str__(self) -> str:
        """``kill broker``: its name in words."""
        return self.name.lower().replace("_", " ")

    @property
    def key(self) -> DeckKey:
        """Its row in this table."""
        return self.value
