"""Lab 6: anatomy of a message: every field, who sets it, and where it is on disk."""

from time import time

from kafkatui.domain.records.records import Record
from kafkatui.kafka.batches import unpack
from kafkatui.labs.checks import first, pressed, written
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Key, Lesson, Outcome, Question, Step, Waiting
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Observation

ALIKE = 20
DAY, HOUR = 86_400_000, 3_600_000
SEND = ("lab_producer.py", ("LabProducer.send", "extra"))
TOPIC = "mail"


async def begin(lab: Lab) -> None:
    """A producer without compression, and one with gzip; both wait a moment to fill their batches."""
    await lab.producer("plain", linger=100)
    await lab.producer("gzip", linger=100, compression="gzip")


async def one(lab: Lab, _: str | None) -> None:
    """A record with a key and headers."""
    headers = [["protocol", "http"], ["trace-id", "7f2a"]]
    await lab.send("plain", TOPIC, ["user-03"], headers=headers)


async def alike(lab: Lab, _: str | None) -> None:
    """Twenty alike records in one batch."""
    before = lab.bytes_on_disk(TOPIC)
    await lab.send("plain", TOPIC, ["user-03"] * ALIKE, size=80)
    lab.values["plain bytes"] = lab.bytes_on_disk(TOPIC) - before


async def compressed(lab: Lab, _: str | None) -> None:
    """The same twenty with gzip."""
    before = lab.bytes_on_disk(TOPIC)
    await lab.send("gzip", TOPIC, ["user-03"] * ALIKE, size=80)
    lab.values["gzip bytes"] = lab.bytes_on_disk(TOPIC) - before


async def flip(lab: Lab, _: str | None) -> None:
    """Flip one bit in a copy of the segment file, and read the copy."""
    data = lab.file_of(TOPIC)
    whole = unpack(TOPIC, 0, data, 0, 1000)
    lab.values["file crc"] = next(one.batch.crc for one in whole.records if one.batch is not None)
    changed = bytearray(data)
    changed[-1] ^= 1
    broken = unpack(TOPIC, 0, bytes(changed), 0, 1000)
    lab.values["broken"] = len(broken.unreadable)


async def times(lab: Lab, _: str | None) -> None:
    """A record of eight days ago, and one of in two hours."""
    now = int(time() * 1000)
    await lab.send("plain", TOPIC, ["past"], timestamp=now - 8 * DAY)
    await lab.send("plain", TOPIC, ["future"], timestamp=now + 2 * HOUR)
    await lab.send("plain", "broker-time", ["past"], timestamp=now - 8 * DAY)


async def null(lab: Lab, _: str | None) -> None:
    """A record whose value is null."""
    await lab.send("plain", TOPIC, ["user-03"], null=True)


def newest(now: Observation) -> Record | None:
    """The newest record."""
    records = now.records.get(TOPIC, ())
    return records[-1] if records else None


def read(before: Observation, now: Observation) -> Waiting | None:
    """Passes once the records are read back that lie in the log."""
    end, record = now.topics[TOPIC][0].end if TOPIC in now.topics else None, newest(now)
    if end is None or record is None or record.offset != end - 1:
        return Waiting("unknown", of=TOPIC)
    return None


def flipped(before: Observation, now: Observation) -> Waiting | None:
    """Passes once the copy was read."""
    return first(pressed("B"))(before, now) or (
        None if "broken" in now.values else Waiting("unknown", of=TOPIC)
    )


def timed(before: Observation, now: Observation) -> Waiting | None:
    """Passes once all three sends were answered."""
    missing = first(pressed("M"))(before, now)
    answers = [one for one in now.since(before) if one.kind in {"acked", "failed"}]
    return missing or (
        None if len(answers) >= 3 and now.records.get("broker-time") else Waiting("unknown", of=TOPIC)
    )


def where_protocol_is(before: Observation, now: Observation) -> str | None:
    """Where the name "protocol" stands in the record."""
    record = newest(now)
    return None if record is None else "header" if dict(record.headers).get("protocol") else "field"


def offset_of_first(before: Observation, now: Observation) -> float | None:
    """The offset of the record."""
    record = newest(now)
    return None if record is None else record.offset


def checksums(before: Observation, now: Observation) -> float:
    """How many different checksums the newest twenty records have."""
    return len({one.batch.crc for one in now.records[TOPIC][-ALIKE:] if one.batch is not None})


def times_fewer(before: Observation, now: Observation) -> str | None:
    """How many times fewer bytes gzip takes."""
    plain, gzip = now.values.get("plain bytes"), now.values.get("gzip bytes")
    if not isinstance(plain, int | float) or not isinstance(gzip, int | float) or not gzip:
        return None
    return "far" if plain > 3 * gzip else "half" if plain > 1.5 * gzip else "same"


def who_notices(before: Observation, now: Observation) -> str | None:
    """Whether the checksum shows the flipped bit."""
    broken = now.values.get("broken")
    return None if broken is None else "crc" if broken else "nobody"


def same_crc(before: Observation, now: Observation) -> str | None:
    """Whether the checksum from the wire is the one in the file."""
    wire = [one.batch.crc for one in now.records[TOPIC][:1] if one.batch is not None]
    return None if not wire else "yes" if wire[0] == now.values.get("file crc") else "no"


def taken(key: str) -> Outcome:
    """Whether the record with a key was acknowledged."""

    def outcome(before: Observation, now: Observation) -> str | None:
        mine = [one for one in now.since(before) if one.key == key and one.kind in {"acked", "failed"}]
        return None if not mine else "yes" if mine[0].kind == "acked" else "no"

    return outcome


def whose_time(before: Observation, now: Observation) -> str | None:
    """Whose clock a topic with LogAppendTime writes down."""
    records = now.records.get("broker-time", ())
    return None if not records else "broker" if records[-1].timestamp_type == "LogAppendTime" else "producer"


def is_a_record(before: Observation, now: Observation) -> str | None:
    """Whether a null value is a record with an offset of its own."""
    record = newest(now)
    return None if record is None else "record" if record.value is None else "nothing"


YES_NO = ("yes", "no")

LESSON = Lesson(
    name="anatomy",
    number=6,
    minutes=5,
    topics={
        TOPIC: TopicPlan(1, read=True),
        "broker-time": TopicPlan(1, None, {"message.timestamp.type": "LogAppendTime"}, read=True),
    },
    groups=(),
    keys={
        "k": Key(one, SEND),
        "a": Key(alike, SEND),
        "C": Key(compressed, ("lab_producer.py", ("make_producer",))),
        "B": Key(flip),
        "M": Key(times, SEND),
        "N": Key(null, SEND),
    },
    steps=(
        Step(
            "one",
            first(pressed("k"), written(TOPIC, 1), read),
            ("k",),
            questions=(
                Question(where_protocol_is, "header", ("field", "header")),
                Question(offset_of_first, 0),
            ),
        ),
        Step(
            "batch",
            first(pressed("a"), written(TOPIC, ALIKE), read),
            ("a",),
            questions=(Question(checksums, 1),),
        ),
        Step(
            "gzip",
            first(pressed("C"), written(TOPIC, ALIKE), read),
            ("C",),
            questions=(Question(times_fewer, "far", ("same", "half", "far")),),
        ),
        Step(
            "flip",
            flipped,
            ("B",),
            questions=(
                Question(same_crc, "yes", YES_NO),
                Question(who_notices, "crc", ("crc", "nobody")),
            ),
        ),
        Step(
            "time",
            timed,
            ("M",),
            questions=(
                Question(taken("past"), "yes", YES_NO),
                Question(taken("future"), "no", YES_NO),
                Question(whose_time, "broker", ("producer", "broker")),
            ),
        ),
        Step(
            "null",
            first(pressed("N"), written(TOPIC, 1), read),
            ("N",),
            questions=(Question(is_a_record, "record", ("record", "nothing")),),
        ),
    ),
    pictures=("fields", "segments"),
    begin=begin,
    pane=4,
)
