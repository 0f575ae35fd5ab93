"""Lab 5: keys, partitions, order. A key chooses the lane; the order is promised only inside one lane, and
both break when partitions are added.
"""

from collections.abc import Iterable

from kafkatui.errors import LabError
from kafkatui.labs.checks import distinct, drained, first, pressed, written
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Key, Lesson, Question, Step, Waiting
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Event, Observation

USERS = tuple(f"user-{number:02}" for number in range(8))
ROUNDS = 10
"""How many records each user gets before and after the partition is added."""
HOT = 60
SEND = ("lab_producer.py", ("LabProducer.send",))


async def begin(lab: Lab) -> None:
    """A producer, two consumers of all and one of new: all begins at the earliest record; new begins at the
    latest, and looks for new partitions only every 10 s.
    """
    await lab.producer("writer")
    for name in ("all-1", "all-2"):
        await lab.consumer(name, "all", ["visits"], work=0.02, max_records=10)
    await lab.consumer("new-1", "new", ["visits"], reset="latest", metadata_age=10.0)


async def one(lab: Lab, _: str | None) -> None:
    """One record of user-03."""
    await lab.send("writer", "visits", ["user-03"])


async def burst(lab: Lab, _: str | None) -> None:
    """Ten records of each of the eight users."""
    await lab.send("writer", "visits", USERS * ROUNDS)


async def without_key(lab: Lab, _: str | None) -> None:
    """60 records without a key."""
    await lab.send("writer", "visits", [None] * HOT)


async def hot(lab: Lab, _: str | None) -> None:
    """60 records of one user."""
    await lab.send("writer", "visits", ["user-05"] * HOT)


async def add_partition(lab: Lab, _: str | None) -> None:
    """A backlog; one more partition; then ten records of each user at once, before the consumers know."""
    if (now := (await lab.observe()).topics.get("visits")) is None or len(now) >= 8:
        raise LabError("eight partitions are enough")
    await lab.send("writer", "visits", USERS * 2 * ROUNDS)
    await lab.admin.create_partitions(lab.full("visits"), len(now) + 1)
    await lab.learn("writer", "visits", len(now) + 1)
    await lab.send("writer", "visits", USERS * ROUNDS)


def placed(events: Iterable[Event]) -> dict[str, int]:
    """By key: the partition of its newest acknowledged record."""
    return {
        event.key: event.where.partition
        for event in events
        if event.kind == "acked" and event.where is not None and event.key
    }


def lane_of_one(before: Observation, now: Observation) -> frozenset[int] | None:
    """Where the record went."""
    found = placed(now.since(before))
    return frozenset(found.values()) or None


def spread(before: Observation, now: Observation) -> str | None:
    """Whether records without a key went to one partition, or to several."""
    lanes = {event.where.partition for event in now.since(before) if event.kind == "acked" and event.where}
    return None if not lanes else "all" if len(lanes) > 1 else "one"


def hot_lanes(before: Observation, now: Observation) -> float:
    """How many partitions got the records of the hot key."""
    return len(set(placed(now.since(before)).values()))


def moved(before: Observation, now: Observation) -> float:
    """How many keys go to another partition than before."""
    old, new = placed(before.events), placed(now.since(before))
    return sum(old[key] != new[key] for key in USERS if key in old and key in new)


def violations(events: Iterable[Event]) -> int:
    """How many records were worked on after a later record of the same key."""
    highest: dict[str, int] = {}
    late = 0
    for event in events:
        number = int(event.value.rpartition(":")[2])
        late += number < highest.get(event.key, -1)
        highest[event.key] = max(number, highest.get(event.key, -1))
    return late


def broken_order(before: Observation, now: Observation) -> str:
    """Whether records of one key overtook each other."""
    return "yes" if violations(event for event in now.done("all", before) if event.key) else "no"


def missed(before: Observation, now: Observation) -> str:
    """Whether the group that begins at the latest record missed some of the new partition."""
    acked = {
        event.value
        for event in now.since(before)
        if event.kind == "acked" and event.where is not None and event.where.partition == _newest(now)
    }
    return "yes" if acked - distinct(now.done("new", before)) else "no"


def _newest(now: Observation) -> int:
    return len(now.topics["visits"]) - 1


def one_more(before: Observation, now: Observation) -> Waiting | None:
    """Passes once the topic has one more partition, and both groups read it to its end."""
    had, has = before.topics.get("visits"), now.topics.get("visits")
    if had is None or has is None:
        return Waiting("unknown", of="visits")
    if len(has) <= len(had):
        return Waiting("key", of="P")
    for group in ("all", "new"):
        seen = now.groups.get(group)
        owned = [place for member in (seen.members or () if seen else ()) for place in member.partitions]
        if seen is None or not seen.settled or len(set(owned)) < len(has):
            return Waiting("assigned", of=group)
    acked = {event.value for event in now.since(before) if event.kind == "acked"}
    left = acked - distinct(now.done("all", before))
    return Waiting("lag", f"{len(left)}", of="all") if left else None


LESSON = Lesson(
    name="keys",
    number=5,
    minutes=6,
    topics={"visits": TopicPlan(3)},
    groups=("all", "new"),
    keys={
        "k": Key(one, SEND),
        "K": Key(burst, SEND),
        "N": Key(without_key, SEND),
        "H": Key(hot, SEND),
        "P": Key(add_partition),
    },
    steps=(
        Step(
            "one",
            first(pressed("k"), written("visits", 1), drained("visits", "all")),
            ("k",),
            questions=(Question(lane_of_one, frozenset({0}), partitions=True),),
        ),
        Step(
            "burst",
            first(pressed("K"), written("visits", len(USERS) * ROUNDS), drained("visits", "all")),
            ("K",),
            questions=(Question(broken_order, "no", ("yes", "no")),),
        ),
        Step(
            "no key",
            first(pressed("N"), written("visits", HOT), drained("visits", "all")),
            ("N",),
            questions=(Question(spread, "all", ("one", "all")),),
        ),
        Step(
            "hot",
            first(pressed("H"), written("visits", HOT), drained("visits", "all")),
            ("H",),
            questions=(Question(hot_lanes, 1),),
        ),
        Step(
            "add",
            one_more,
            ("P",),
            questions=(
                Question(moved, 6, tolerance=1),
                Question(broken_order, "yes", ("yes", "no")),
                Question(missed, "yes", ("yes", "no")),
            ),
            within=20.0,
        ),
    ),
    pictures=("keys", "groups", "lanes"),
    begin=begin,
    pane=4,
)
