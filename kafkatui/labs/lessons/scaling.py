"""Lab 9: lag and throughput: what bends the lag's slope, and why Kafka is fast."""

import json

from kafkatui.errors import LabError
from kafkatui.labs.checks import idle, key_pressed
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Check, Key, Lesson, Outcome, Question, Step, Waiting
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Observation

GROUP, TOPIC = "work", "jobs"
RATE = 200
"""Records a second that are written."""
WORK = 0.02
"""Seconds that a consumer works on a record: some 48 records a second."""
FLOOD = 2000
MEASURED = 5.0
"""Seconds over which a slope is measured."""
AROUND = 30
"""How far a slope may be from the prediction: 15 % of the rate."""
READ = ("lab_consumer.py", ("LabConsumer.read", "LabConsumer.work"))
WRITE = ("lab_producer.py", ("make_producer",))


async def begin(lab: Lab) -> None:
    """A producer of 200 records a second without keys."""
    await lab.producer("writer", acks=1)
    lab.tell("writer", "rate", topic=lab.full(TOPIC), a_second=RATE, keys=[None])


async def join(lab: Lab, _: str | None) -> None:
    """One more consumer."""
    number = len(lab.known(GROUP)) + 1
    if len(lab.living(GROUP)) >= 8:
        raise LabError("eight consumers are enough")
    since = lab.so_far
    await lab.consumer(f"c{number}", GROUP, [TOPIC], work=WORK, assignor="roundrobin")
    await lab.until_assigned([f"c{number}"], since)


async def add_partitions(lab: Lab, _: str | None) -> None:
    """From four partitions to eight."""
    now = len((await lab.observe()).topics.get(TOPIC, ()))
    if now >= 8:
        raise LabError("eight partitions are enough")
    since = lab.so_far
    await lab.admin.create_partitions(lab.full(TOPIC), 8)
    await lab.learn("writer", TOPIC, 8)
    await lab.until_assigned(lab.living(GROUP), since)


async def in_batches(lab: Lab, _: str | None) -> None:
    """All consumers end; one comes that works 20 ms on up to 50 records at once."""
    for name in lab.living(GROUP):
        await lab.crash(name)
    await lab.remove_members(GROUP)
    await lab.until_empty(GROUP)
    since = lab.so_far
    await lab.consumer("batch", GROUP, [TOPIC], max_records=50, batch_work=WORK)
    await lab.until_assigned(["batch"], since)


async def batching(lab: Lab, _: str | None) -> None:
    """2,000 records by a producer with small batches, then by one with large, compressed ones."""
    lab.tell("writer", "rate", topic=lab.full(TOPIC), a_second=0, keys=[None])
    for name, topic, settings in (
        ("small", "small", {"batch": 1, "linger": 0}),
        ("large", "large", {"batch": 65536, "linger": 20, "compression": "gzip"}),
    ):
        if name not in lab.living():
            await lab.producer(name, acks=1, **settings)
        since = lab.so_far
        before = lab.bytes_on_disk(topic)
        lab.tell(name, "flood", topic=lab.full(topic), records=FLOOD)
        report = await lab.until(lambda event: event.kind == "flood", since)
        facts = json.loads(report.detail)
        lab.values[f"{name} requests"] = facts["requests"]
        lab.values[f"{name} seconds"] = facts["seconds"]
        lab.values[f"{name} bytes"] = lab.bytes_on_disk(topic) - before


def settled_at(now: Observation) -> float | None:
    """When a consumer got partitions last."""
    return next((one.at for one in reversed(now.events) if one.kind == "assigned"), None)


def slope(before: Observation, now: Observation) -> float | None:
    """How many records a second the lag grows, since the consumers have their partitions."""
    since = settled_at(now)
    return None if since is None else now.slope(since + 1.0)


def measured(members: int) -> Check:
    """Passes once so many members have had their partitions for long enough to measure the slope."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        count = now.members(GROUP)
        since = settled_at(now)
        if count != members or since is None or since < before.at:
            return Waiting("members", f"{count}", f"{members}", GROUP)
        seconds = now.at - since - 1.0
        if seconds < MEASURED:
            return Waiting("measured", f"{max(0.0, seconds):.0f}", f"{MEASURED:.0f}")
        return None

    return check


def trend(least: float) -> Outcome:
    """Whether the lag grows, stays or falls; it stays while its slope is at most `least`."""

    def outcome(before: Observation, now: Observation) -> str | None:
        found = slope(before, now)
        if found is None:
            return None
        return "stays" if abs(found) <= least else "grows" if found > 0 else "falls"

    return outcome


def less_or_more(before: Observation, now: Observation) -> str | None:
    """What became of the lag since the step began: it may be gone before a slope is measured."""
    had, has = before.lag(GROUP, TOPIC), now.lag(GROUP, TOPIC)
    if had is None or has is None:
        return None
    return "falls" if has < 0.9 * had else "grows" if has > 1.1 * had else "stays"


def shared_out(before: Observation, now: Observation) -> str | None:
    """Whether the backlog went to the new partitions."""
    logs, had = now.topics.get(TOPIC), before.lag(GROUP, TOPIC)
    if logs is None or had is None:
        return None
    return "yes" if sum(one.end or 0 for one in logs[4:]) > had + RATE * (now.at - before.at) else "no"


def wrote(before: Observation, now: Observation) -> Waiting | None:
    """Passes once both producers have written."""
    if key_pressed(now, before, "Q") is None:
        return Waiting("key", of="Q")
    return None if "large requests" in now.values else Waiting("event", of="large", wanted=f"{FLOOD}")


def ratio_of_requests(before: Observation, now: Observation) -> str | None:
    """How many times fewer requests large batches need."""
    small, large = now.values.get("small requests"), now.values.get("large requests")
    if not isinstance(small, int | float) or not isinstance(large, int | float):
        return None
    return "hundred" if small >= 30 * large else "ten" if small >= 3 * large else "same"


def ratio_of_bytes(before: Observation, now: Observation) -> str | None:
    """Whether large compressed batches take less room on disk."""
    small, large = now.values.get("small bytes"), now.values.get("large bytes")
    if not isinstance(small, int | float) or not isinstance(large, int | float):
        return None
    return "less" if large < 0.7 * small else "same"


def of_slope(script: float) -> Question:
    """The question for the slope."""
    return Question(slope, script, tolerance=AROUND)


LESSON = Lesson(
    name="scaling",
    number=9,
    minutes=6,
    topics={TOPIC: TopicPlan(4), "small": TopicPlan(1), "large": TopicPlan(1)},
    groups=(GROUP,),
    keys={
        "j": Key(join, READ),
        "P": Key(add_partitions),
        "V": Key(in_batches, READ),
        "Q": Key(batching, WRITE),
    },
    steps=(
        Step("one", measured(1), ("j",), questions=(of_slope(152),), within=10.0),
        Step("two", measured(2), ("j",), questions=(of_slope(104),), within=10.0),
        Step("four", measured(4), ("j", "j"), questions=(of_slope(8),), within=12.0),
        Step(
            "six",
            measured(6),
            ("j", "j"),
            questions=(
                Question(idle(GROUP), 2),
                Question(trend(AROUND), "stays", ("grows", "stays", "falls")),
            ),
            within=12.0,
        ),
        Step(
            "partitions",
            measured(6),
            ("P",),
            questions=(
                Question(shared_out, "no", ("yes", "no")),
                Question(trend(AROUND / 3), "falls", ("grows", "stays", "falls")),
            ),
            within=12.0,
        ),
        Step(
            "batches",
            measured(1),
            ("V",),
            questions=(Question(less_or_more, "falls", ("grows", "stays", "falls")),),
            within=10.0,
        ),
        Step(
            "fast",
            wrote,
            ("Q",),
            questions=(
                Question(ratio_of_requests, "hundred", ("same", "ten", "hundred")),
                Question(ratio_of_bytes, "less", ("same", "less")),
            ),
            within=20.0,
        ),
    ),
    pictures=("lag", "groups"),
    begin=begin,
    pane=3,
)
