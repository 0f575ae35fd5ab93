"""Lab 3: delivery: what is lost and what is doubled, for a configuration and a failure, counted."""

import asyncio
from collections.abc import Awaitable, Callable

from kafkatui.domain.records.records import Outcome as End
from kafkatui.errors import LabError
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Check, Key, Lesson, Outcome, Question, Step, Waiting
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Observation, SeenPartition

HALF = 50
"""How many records are written before the failure, and how many in it."""
FEW = 20
DIES_AT = 24
"""The record at which a worker dies: the fifth of its third batch of ten."""
READS_RUN_OUT = 0.6
"""Seconds until a follower's open Fetch has run out (500 ms): it would still get the records."""
RUNS = ("A1 acks=0", "A2 acks=1", "A3 acks=1, 2 replicas", "A4 acks=all", "A5 plain retry", "A6 idempotent")
CLIENT = ("lab_producer.py", ("make_producer", "LabProducer.send"))
WORKER = ("lab_consumer.py", ("LabConsumer.read", "LabConsumer.commit"))


async def begin(lab: Lab) -> None:
    """Fifty records for the workers of part B."""
    await lab.producer("filler", acks="all", linger=100)  # one batch: read in tens
    await lab.send("filler", "in", ["job"] * HALF)


async def worst(lab: Lab, _: str | None) -> None:
    """The worst moment of the next run."""
    turn = sum(f"{name}.sent" in lab.values for name in RUNS)
    if turn >= len(RUNS):
        raise LabError("all runs are done: r begins anew")
    await lab.mend_brokers()
    await SCENARIOS[turn](lab)


async def leader_sleeps_and_dies(lab: Lab, run: str, topic: str, acks: object) -> None:
    """50 records; the only broker of the topic freezes, 50 more are sent, it is killed and comes back."""
    assert lab.local is not None
    await lab.producer(topic, acks=acks, timeout=1.5)
    await lab.send(topic, topic, ["k"] * HALF)
    await lab.until_topics(lambda topics: topic in topics and topics[topic][0].end == HALF)
    await lab.freeze_broker(1)
    since = lab.so_far
    await lab.send(topic, topic, ["k"] * HALF, wait=False)
    if acks == 0:
        await lab.until(lambda event: event.kind == "sent" and event.who == topic, since)
    await lab.local.kill(1)
    lab.frozen_brokers.discard(1)
    await lab.local.restart(1)
    if acks != 0:
        await lab.until(lambda event: event.kind == "sent" and event.who == topic, since)
    await count(lab, run, topic, 2 * HALF)


async def follower_sleeps_leader_dies(lab: Lab, run: str, topic: str, acks: object) -> None:
    """The follower freezes, 50 records are sent, the leader dies, the follower wakes and leads."""
    assert lab.local is not None
    await lab.producer(topic, acks=acks, timeout=10.0)
    await lab.send(topic, topic, ["warm"])  # its connection is there
    # The high watermark says that the follower has the record too: an ISR alone does not.
    await lab.until_topics(lambda topics: topic in topics and is_whole(topics[topic][0], end=1))
    await lab.freeze_broker(2)
    await asyncio.sleep(READS_RUN_OUT)
    since = lab.so_far
    await lab.send(topic, topic, ["k"] * HALF, wait=acks == 1)
    if acks != 1:
        await asyncio.sleep(0.3)  # the leader has them, and waits for the follower
    await lab.local.kill(1)
    await lab.local.thaw(2)
    lab.frozen_brokers.discard(2)
    await lab.until_topics(lambda topics: topic in topics and topics[topic][0].leader == 2)
    if acks != 1:
        await lab.until(lambda event: event.kind == "sent" and event.who == topic, since)
    await count(lab, run, topic, HALF, extra=1)


def is_whole(one: SeenPartition, end: int) -> bool:
    """Whether a partition is led by broker 1, with broker 2 in sync, and both have what is before `end`."""
    return one.leader == 1 and set(one.isr) == {1, 2} and one.end == end


async def answer_is_late(lab: Lab, run: str, topic: str, *, idempotent: bool) -> None:
    """The leader freezes for longer than the client waits; a plain client sends again on the error."""
    assert lab.local is not None
    await lab.producer(topic, acks="all", timeout=1.5, idempotent=idempotent)
    await lab.send(topic, topic, ["warm"])
    await lab.freeze_broker(1)
    since = lab.so_far
    await lab.send(topic, topic, ["k"] * FEW, wait=False, again=not idempotent)
    await asyncio.sleep(2.6)
    await lab.local.thaw(1)
    lab.frozen_brokers.discard(1)
    await lab.until(lambda event: event.kind == "sent" and event.who == topic, since)
    await count(lab, run, topic, FEW, extra=1)


async def count(lab: Lab, run: str, topic: str, sent: int, extra: int = 0) -> None:
    """Count what came of a run; `extra` records were written before it."""
    log, before = None, -1
    async with asyncio.timeout(30):
        while log is None or log != before:  # the high watermark may still move
            before = -1 if log is None else log
            await asyncio.sleep(0.5)
            log = (await lab.observe()).count(topic)
    log -= extra
    events = (await lab.observe()).events
    mine = [one for one in events if one.who == topic]
    acked = sum(one.kind == "acked" for one in mine) - extra
    failed = sum(one.kind == "failed" for one in mine)
    figures = {"sent": sent, "acked": acked, "failed": failed, "log": log}
    figures |= {"lost": max(0, min(acked, sent) - log), "twice": max(0, log - sent)}
    for name, figure in figures.items():
        lab.values[f"{run}.{name}"] = figure


Scenario = Callable[[Lab], Awaitable[None]]
SCENARIOS: tuple[Scenario, ...] = (
    lambda lab: leader_sleeps_and_dies(lab, RUNS[0], "a1", 0),
    lambda lab: leader_sleeps_and_dies(lab, RUNS[1], "a2", 1),
    lambda lab: follower_sleeps_leader_dies(lab, RUNS[2], "a3", 1),
    lambda lab: follower_sleeps_leader_dies(lab, RUNS[3], "a4", "all"),
    lambda lab: answer_is_late(lab, RUNS[4], "a5", idempotent=False),
    lambda lab: answer_is_late(lab, RUNS[5], "a6", idempotent=True),
)


async def commit_first(lab: Lab, _: str | None) -> None:
    """A worker that commits a batch, then does it; it dies inside and is started again."""
    await crash_inside(lab, "first", "before")


async def work_first(lab: Lab, _: str | None) -> None:
    """A worker that does a batch, then commits it; it dies inside and is started again."""
    await crash_inside(lab, "later", "batch")


async def in_transactions(lab: Lab, _: str | None) -> None:
    """A worker whose effects and commits are one transaction; it dies inside and is started again."""
    name, settings = "once-1", {"max_records": 10, "instance": "once-1"}
    if any(event.group == "once" for event in (await lab.observe()).events):
        raise LabError("this was done: r begins anew")
    await lab.mend_brokers()
    await lab.transactional(name, "once", ["in"], "out", die_at=DIES_AT, **settings)
    await lab.until_ended(name)
    await lab.end(name)
    await lab.transactional(name, "once", ["in"], "out", **settings)


async def crash_inside(lab: Lab, group: str, commit: str) -> None:
    """Let a worker die at its 25th record, and start it again."""
    name = f"{group}-1"
    if any(event.group == group for event in (await lab.observe()).events):
        raise LabError("this was done: r begins anew")
    settings = {"instance": name, "commit": commit, "max_records": 10, "work": 0.02}
    await lab.mend_brokers()
    await lab.consumer(name, group, ["in"], die_at=DIES_AT, **settings)
    await lab.until_ended(name)
    await lab.end(name)
    await lab.consumer(name, group, ["in"], **settings)


# checks and outcomes


def finished(run: str) -> Check:
    """Passes once a run was counted."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        return None if f"{run}.log" in now.values else Waiting("event", of="w", wanted=run)

    return check


def figure(run: str, column: str) -> Outcome:
    """A figure of a run."""

    def outcome(before: Observation, now: Observation) -> float | None:
        found = now.values.get(f"{run}.{column}")
        return float(found) if isinstance(found, int | float) else None

    return outcome


def all_done(group: str) -> Check:
    """Passes once the worker that was started again has done the last record."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        last = max((one.offset or 0 for one in now.done(group)), default=0)
        return None if last == HALF - 1 else Waiting("lag", f"{HALF - 1 - last}", of=group)

    return check


def effects_lost(group: str) -> Outcome:
    """How many records have no effect."""
    return lambda before, now: HALF - len({one.value for one in now.done(group)})


def effects_twice(group: str) -> Outcome:
    """How many effects came a second time."""

    def outcome(before: Observation, now: Observation) -> float:
        done = now.done(group)
        return len(done) - len({one.value for one in done})

    return outcome


def readable(*, committed: bool) -> Outcome:
    """How many effects a reader of the output sees, with read_committed or with read_uncommitted."""

    def outcome(before: Observation, now: Observation) -> float | None:
        records = now.records.get("out")
        if records is None:
            return None
        return sum(not committed or record.outcome is End.COMMITTED for record in records)

    return outcome


def all_committed(before: Observation, now: Observation) -> Waiting | None:
    """Passes once every effect is there and committed."""
    there = readable(committed=True)(before, now)
    if there is None:
        return Waiting("unknown", of="out")
    return None if there == HALF else Waiting("records", f"{there:g}", f"{HALF}", "out")


def run_step(place: int, column: str, script: float) -> Step:
    """The step of a run of part A."""
    name = RUNS[place]
    return Step(
        name, finished(name), ("w",), questions=(Question(figure(name, column), script),), within=25.0
    )


LESSON = Lesson(
    name="delivery",
    number=3,
    minutes=12,
    cluster="trio",
    properties={  # a follower that sleeps for a moment must stay in sync, on a slow machine too
        "broker.session.timeout.ms": "8000",
        "replica.lag.time.max.ms": "10000",
    },
    topics={
        "a1": TopicPlan(1, ((1,),)),
        "a2": TopicPlan(1, ((1,),)),
        "a3": TopicPlan(1, ((1, 2),), {"min.insync.replicas": "1"}),
        "a4": TopicPlan(1, ((1, 2),), {"min.insync.replicas": "1"}),
        "a5": TopicPlan(1, ((1,),)),
        "a6": TopicPlan(1, ((1,),)),
        "in": TopicPlan(1, ((3,),)),
        "out": TopicPlan(1, ((3,),), read=True),
    },
    groups=("first", "later", "once"),
    keys={
        "w": Key(worst, CLIENT),
        "c": Key(commit_first, WORKER),
        "e": Key(work_first, WORKER),
        "t": Key(in_transactions, ("lab_transactions.py", ("TransactionalWorker.work",))),
    },
    steps=(
        run_step(0, "log", HALF),
        run_step(1, "lost", 0),
        run_step(2, "lost", HALF),
        run_step(3, "lost", 0),
        run_step(4, "twice", FEW),
        run_step(5, "twice", 0),
        Step(
            "commit first",
            all_done("first"),
            ("c",),
            questions=(Question(effects_lost("first"), 6), Question(effects_twice("first"), 0)),
            within=15.0,
        ),
        Step(
            "work first",
            all_done("later"),
            ("e",),
            questions=(Question(effects_lost("later"), 0), Question(effects_twice("later"), 4)),
            within=15.0,
        ),
        Step(
            "transaction",
            all_committed,
            ("t",),
            questions=(
                Question(readable(committed=True), HALF),
                Question(readable(committed=False), HALF + 4),
                Question(effects_twice("once"), 4),
            ),
            within=15.0,
        ),
    ),
    pictures=("ledger", "grid"),
    begin=begin,
    pane=4,
)
