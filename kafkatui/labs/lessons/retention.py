"""Lab 7: retention, deletion, compaction: when data really goes."""

from collections.abc import Mapping
from time import time

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import LabError
from kafkatui.labs.checks import key_pressed
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Check, Key, Lesson, Outcome, Question, Step, Waiting
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Observation

TEN = 10
DAY = 86_400_000
LARGE = 100_000
"""Bytes of a large record."""
MANY = 50
CUT = 8
KEPT_5_S = {"retention.ms": "5000"}
MIB = 1 << 20
SEND = ("lab_producer.py", ("LabProducer.send",))


async def begin(lab: Lab) -> None:
    """A producer, and one that will write a record a second."""
    await lab.producer("writer")
    await lab.producer("ticker")


async def idle_and_trickle(lab: Lab, _: str | None) -> None:
    """Ten records into both topics; then one a second into the second."""
    for topic in ("idle", "trickle"):
        await lab.send("writer", topic, ["k"] * TEN)
    lab.tell("ticker", "rate", topic=lab.full("trickle"), a_second=2, keys=["tick"])


async def rolling(lab: Lab, _: str | None) -> None:
    """One record a second into a topic whose segments span 3 s."""
    lab.tell("ticker", "rate", topic=lab.full("roll"), a_second=2, keys=["tick"])


async def old(lab: Lab, _: str | None) -> None:
    """A record whose timestamp is eight days old."""
    await lab.send("writer", "old", ["k"], timestamp=int(time() * 1000) - 8 * DAY)


async def large(lab: Lab, _: str | None) -> None:
    """5 MB in records of 100 kB."""
    await lab.send("writer", "size", ["k"] * MANY, size=LARGE)


async def cut(lab: Lab, _: str | None) -> None:
    """Twenty records; then those before 8 are deleted."""
    seen = (await lab.observe()).topics["cut"][0]
    if seen.end:
        raise LabError("this was done: r begins anew")
    await lab.send("writer", "cut", ["k"] * 2 * TEN)
    lab.values["bytes before"] = lab.bytes_on_disk("cut")
    await lab.admin.delete_records(lab.full("cut"), {0: CUT})
    lab.values["bytes after"] = lab.bytes_on_disk("cut")


async def compacted(lab: Lab, _: str | None) -> None:
    """Three keys with four values each and a tombstone for one; then a feeder, so that segments roll."""
    await lab.send("writer", "latest", ["a", "b", "c"] * 4)
    await lab.send("writer", "latest", ["a"], null=True)
    lab.tell("ticker", "rate", topic=lab.full("latest"), a_second=1, keys=["feed"])


# checks


def deleted(topic: str, letter: str, least: int = 1) -> Check:
    """Passes once the log start of a topic has moved this far since a key."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        if key_pressed(now, before, letter) is None:
            return Waiting("key", of=letter)
        start = _start(now, topic)
        if start is None:
            return Waiting("unknown", of=topic)
        return None if start >= least else Waiting("start", f"{start}", of=topic)

    return check


def _start(now: Observation, topic: str) -> int | None:
    logs = now.topics.get(topic)
    return logs[0].start if logs else None


def latest_of(now: Observation) -> Mapping[bytes, list[bytes | None]]:
    """By key: its values that are still in the log."""
    found: dict[bytes, list[bytes | None]] = {}
    for record in now.records.get("latest", ()):
        found.setdefault(record.key or b"", []).append(record.value)
    return found


def is_compacted(before: Observation, now: Observation) -> Waiting | None:
    """Passes once every key has one value, the tombstone included."""
    if key_pressed(now, before, "E") is None:
        return Waiting("key", of="E")
    kept = latest_of(now)
    counts = [len(kept.get(key, [])) for key in (b"b", b"c")]
    return None if counts == [1, 1] else Waiting("values", f"{max(counts)}", of="latest")


def tombstone_gone(before: Observation, now: Observation) -> Waiting | None:
    """Passes once the tombstone is gone too."""
    if b"a" not in latest_of(now) and now.records.get("latest"):
        return None
    return Waiting("values", "1", of="a")


# outcomes


def first_deleted(before: Observation, now: Observation) -> str | None:
    """Which topic has lost its first records."""
    idle, trickle = _start(now, "idle"), _start(now, "trickle")
    if idle is None or trickle is None:
        return None
    return "both" if idle and trickle else "idle" if idle else "trickle"


def oldest_age(before: Observation, now: Observation) -> float | None:
    """How old the first record of the rolling topic was when it was deleted."""
    press = key_pressed(now, before, "m")
    place = TopicPartition("roll", 0)
    moved = [one.at for one in now.since(before) if one.kind == "start" and one.where == place]
    return None if press is None or not moved else moved[0] - press.at


def seconds_kept(before: Observation, now: Observation) -> str | None:
    """How long the old record lived."""
    press = key_pressed(now, before, "o")
    place = TopicPartition("old", 0)
    moved = [one.at for one in now.since(before) if one.kind == "start" and one.where == place]
    if press is None or not moved:
        return None
    return "seconds" if moved[0] - press.at < 10 else "days"


def megabytes(before: Observation, now: Observation) -> float | None:
    """How many MB of large records are kept."""
    count = now.count("size")
    return None if count is None else count * LARGE / 1_000_000


def start_of_cut(before: Observation, now: Observation) -> float | None:
    """The log start offset after the deletion."""
    return _start(now, "cut")


def bytes_changed(before: Observation, now: Observation) -> str | None:
    """Whether the file got smaller at once."""
    had, has = now.values.get("bytes before"), now.values.get("bytes after")
    return None if had is None or has is None else "same" if had == has else "fewer"


def values_of(key: bytes) -> Outcome:
    """How many values of a key are in the log."""

    def outcome(before: Observation, now: Observation) -> float | None:
        return len(latest_of(now).get(key, [])) if "latest" in now.records else None

    return outcome


def is_there(key: bytes) -> Outcome:
    """Whether a key has a record in the log, be it a tombstone."""

    def outcome(before: Observation, now: Observation) -> str | None:
        if "latest" not in now.records:
            return None
        return "yes" if key in latest_of(now) else "no"

    return outcome


YES_NO = ("yes", "no")

LESSON = Lesson(
    name="retention",
    number=7,
    minutes=8,
    topics={
        "idle": TopicPlan(1, None, KEPT_5_S),
        "trickle": TopicPlan(1, None, KEPT_5_S),
        "roll": TopicPlan(1, None, KEPT_5_S | {"segment.ms": "3000"}),
        "old": TopicPlan(1),
        "size": TopicPlan(1, None, {"segment.bytes": f"{MIB}", "retention.bytes": f"{2 * MIB}"}),
        "cut": TopicPlan(1),
        "latest": TopicPlan(
            1,
            None,
            {
                "cleanup.policy": "compact",
                "segment.ms": "2000",
                "min.cleanable.dirty.ratio": "0.01",
                "delete.retention.ms": "5000",
            },
            read=True,
        ),
    },
    groups=(),
    keys={
        "k": Key(idle_and_trickle, SEND),
        "m": Key(rolling, SEND),
        "o": Key(old, SEND),
        "K": Key(large, SEND),
        "X": Key(cut),
        "E": Key(compacted, SEND),
    },
    steps=(
        Step(
            "idle",
            deleted("idle", "k", TEN),
            ("k",),
            questions=(Question(first_deleted, "idle", ("idle", "trickle", "both")),),
            within=12.0,
        ),
        Step(
            "roll",
            deleted("roll", "m"),
            ("m",),
            questions=(Question(oldest_age, 9, tolerance=3),),
            within=15.0,
        ),
        Step(
            "old",
            deleted("old", "o"),
            ("o",),
            questions=(Question(seconds_kept, "seconds", ("seconds", "days")),),
        ),
        Step("size", deleted("size", "K"), ("K",), questions=(Question(megabytes, 3, tolerance=0.6),)),
        Step(
            "cut",
            deleted("cut", "X", CUT),
            ("X",),
            questions=(Question(start_of_cut, CUT), Question(bytes_changed, "same", ("same", "fewer"))),
        ),
        Step(
            "compact",
            is_compacted,
            ("E",),
            questions=(Question(values_of(b"b"), 1), Question(is_there(b"a"), "yes", YES_NO)),
            within=20.0,
        ),
        Step(
            "tombstone",
            tombstone_gone,
            questions=(Question(is_there(b"a"), "no", YES_NO),),
            within=25.0,
        ),
    ),
    pictures=("segments",),
    begin=begin,
    pane=1,
)
