"""Lab 2: one topic, many groups. Reading takes nothing away; each group has a bookmark of its own."""

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import LabError
from kafkatui.labs.checks import distinct, drained, first, key_pressed, members, pressed, written
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Check, Key, Lesson, Outcome, Question, Step, Waiting
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Observation

BURST = 120
CUSTOMERS = tuple(f"user-{number:02}" for number in range(24))
CONSUME = ("lab_consumer.py", ("LabConsumer.run", "LabConsumer.leave"))


async def begin(lab: Lab) -> None:
    """Two consumers of billing, one of analytics, and a producer."""
    await lab.producer("writer")
    await lab.consumer("billing-1", "billing", ["orders"])
    await lab.consumer("billing-2", "billing", ["orders"])
    await lab.consumer("analytics-1", "analytics", ["orders"])


async def burst(lab: Lab, _: str | None) -> None:
    """Write 120 records."""
    await lab.send("writer", "orders", [CUSTOMERS[number % len(CUSTOMERS)] for number in range(BURST)])


async def crash_billing(lab: Lab, _: str | None) -> None:
    """Kill all consumers of billing; the others get a burst."""
    if not (living := lab.living("billing")):
        raise LabError("no consumer of billing runs")
    for name in living:
        await lab.crash(name)


async def join(lab: Lab, _: str | None) -> None:
    """Let audit join, which begins at the earliest record; then news, which begins at the latest; then
    billing again.
    """
    living = set(lab.living())
    for name, group, reset in (
        ("audit-1", "audit", "earliest"),
        ("news-1", "news", "latest"),
        ("billing-1", "billing", "earliest"),
        ("billing-2", "billing", "earliest"),
    ):
        if name not in living:
            await lab.consumer(name, group, ["orders"], reset=reset)
            return
    raise LabError("all consumers run")


async def rewind(lab: Lab, _: str | None) -> None:
    """Move billing's commits back to 0."""
    if lab.living("billing"):
        raise LabError("billing has members: the commits are theirs. x ends them")
    await lab.remove_members("billing")
    await lab.until_empty("billing")
    await lab.move_group("billing", {TopicPartition("orders", number): 0 for number in range(3)})


def read_since(group: str) -> Outcome:
    """How many records a group has read in the step."""

    def outcome(before: Observation, now: Observation) -> float:
        return len(distinct(now.done(group, before)))

    return outcome


def read_in_all(group: str) -> Outcome:
    """How many records a group has ever read."""

    def outcome(before: Observation, now: Observation) -> float:
        return len(distinct(now.done(group)))

    return outcome


def analytics_slower(before: Observation, now: Observation) -> str | None:
    """Whether analytics has missed any of the burst."""
    lag = now.lag("analytics", "orders")
    if lag is None:
        return None
    return "no" if lag == 0 and now.done("analytics", before) else "yes"


def lag_of_analytics(before: Observation, now: Observation) -> str | None:
    """What happened to the lag of analytics when billing was moved."""
    had, has = before.lag("analytics", "orders"), now.lag("analytics", "orders")
    if had is None or has is None:
        return None
    return "nothing" if has == had else "grows" if has > had else "falls"


def joined(before: Observation, now: Observation) -> Waiting | None:
    """Passes once news has its partitions, and audit has read all there was."""
    for who in ("audit-1", "news-1"):
        if not any(one.kind == "assigned" and one.who == who for one in now.since(before)):
            return Waiting("assigned", of=who)
    return first(members("audit", 1), members("news", 1), drained("orders", "audit"))(before, now)


def gone(before: Observation, now: Observation) -> Waiting | None:
    """Passes once nothing of billing runs, and analytics has read another burst."""
    living = [one.name for one in now.programs.values() if one.group == "billing" and one.alive]
    if living:
        return Waiting("runs", of=living[0])
    return first(pressed("x", "K"), written("orders", BURST), drained("orders", "analytics"))(before, now)


def moved_back(before: Observation, now: Observation) -> Waiting | None:
    """Passes once billing lags by everything that is in the topic."""
    if key_pressed(now, before, "e") is None:
        return Waiting("key", of="e")
    lag, kept = now.lag("billing", "orders"), now.count("orders")
    if lag is None or kept is None:
        return Waiting("unknown", of="billing")
    return None if lag == kept else Waiting("lag", f"{lag}", of="billing")


def read_again(before: Observation, now: Observation) -> Waiting | None:
    """Passes once billing has read everything again."""
    kept, again = now.count("orders"), len(distinct(now.done("billing", before)))
    if kept is None:
        return Waiting("unknown", of="orders")
    if again < kept:
        return Waiting("records", f"{again}", f"{kept}", "billing")
    return drained("orders", "billing")(before, now)


WRITTEN_AND_READ: Check = first(
    pressed("K"), written("orders", BURST), drained("orders", "billing", "analytics")
)

LESSON = Lesson(
    name="fan-out",
    number=2,
    minutes=4,
    topics={"orders": TopicPlan(3)},
    groups=("billing", "analytics", "audit", "news"),
    keys={
        "K": Key(burst, ("lab_producer.py", ("LabProducer.send",))),
        "x": Key(crash_billing),
        "j": Key(join, CONSUME),
        "e": Key(rewind),
    },
    steps=(
        Step(
            "burst",
            WRITTEN_AND_READ,
            ("K",),
            questions=(
                Question(read_since("billing"), BURST),
                Question(read_since("analytics"), BURST),
            ),
        ),
        Step(
            "crash",
            gone,
            ("x", "K"),
            questions=(Question(analytics_slower, "no", ("yes", "no")),),
        ),
        Step(
            "join",
            joined,
            ("j", "j"),
            questions=(
                Question(read_in_all("audit"), 2 * BURST),
                Question(read_in_all("news"), 0),
            ),
        ),
        Step(
            "rewind",
            moved_back,
            ("e",),
            questions=(Question(lag_of_analytics, "nothing", ("nothing", "grows", "falls")),),
        ),
        Step(
            "again",
            read_again,
            ("j", "j"),
            questions=(Question(read_since("billing"), 2 * BURST),),
        ),
    ),
    pictures=("groups", "lanes"),
    begin=begin,
    pane=3,
)
