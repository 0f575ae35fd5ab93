"""Lab 4: position, committed offset and log end, and how to move the bookmark on purpose."""

import asyncio
from time import time

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import ClusterError
from kafkatui.labs.checks import key_pressed
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Check, Key, Lesson, Outcome, Question, Step, Waiting
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Event, Observation

BURST = 20
PLACE = TopicPartition("jobs", 0)
DONE_AT_CRASH = 37
KEPT_FROM = 8
POLICIES = ("earliest", "latest", "none")
READ = ("lab_consumer.py", ("LabConsumer.read", "LabConsumer.work"))
HOUR = 3_600_000


async def begin(lab: Lab) -> None:
    """Two bursts of records; the second has timestamps an hour later."""
    await lab.producer("writer")
    late = int(time() * 1000)
    await lab.send("writer", "jobs", ["job"] * BURST, timestamp=late - HOUR)
    await lab.send("writer", "jobs", ["job"] * BURST, timestamp=late)
    lab.values["between"] = late - HOUR // 2


async def start(lab: Lab, **settings: object) -> None:
    """Start the worker anew. It is a static member: so it need not wait out its dead session."""
    await lab.end("w1")
    since = lab.so_far
    made = {"instance": "w1", "commit": "hand", "work": 0.02} | settings
    await lab.consumer("w1", "workers", ["jobs"], **made)
    await lab.until_assigned(["w1"], since)


async def join(lab: Lab, _: str | None) -> None:
    """The worker begins; it stops before the 21st record and commits nothing by itself."""
    await start(lab, pause_at=BURST)


async def crash(lab: Lab, _: str | None) -> None:
    """Kill the worker."""
    await lab.crash("w1")


async def leave(lab: Lab, _: str | None) -> None:
    """End the worker and its membership."""
    await lab.end("w1")
    await lab.until_empty("workers")


async def commit(lab: Lab, _: str | None) -> None:
    """Let the worker commit, then work on five more records."""
    since = lab.so_far
    lab.tell("w1", "commit")
    await lab.until(lambda event: event.kind == "committed", since)
    lab.tell("w1", "go", records=5)


async def automatic(lab: Lab, _: str | None) -> None:
    """From 0, with auto-commit and batches of 20; the worker dies in the middle of the second batch."""
    await leave(lab, None)
    await lab.move_group("workers", {PLACE: 0})
    await start(lab, commit="auto", work=0.1, die_at=DONE_AT_CRASH)


async def move(lab: Lab, _: str | None) -> None:
    """Commit 3 for the group from outside."""
    try:
        await lab.move_group("workers", {PLACE: 3})
    except ClusterError:
        lab.values["moved"] = "refused"
    else:
        lab.values["moved"] = "works"


async def move_to_time(lab: Lab, _: str | None) -> None:
    """Commit for the group the first offset after the time between the bursts."""
    offset = await lab.offset_at("jobs", 0, int(lab.values["between"]))
    if offset is not None:
        await lab.move_group("workers", {PLACE: offset})


async def next_policy(lab: Lab, _: str | None) -> None:
    """Delete the records before 8, set the commit to 3, and begin with the next auto.offset.reset."""
    policy = POLICIES[(POLICIES.index(str(lab.values.get("policy", "none"))) + 1) % len(POLICIES)]
    lab.values["policy"] = policy
    await leave(lab, None)
    await lab.admin.delete_records(lab.full("jobs"), {0: KEPT_FROM})
    await lab.move_group("workers", {PLACE: 3})
    await start(lab, reset=policy)
    if policy == "latest":
        await asyncio.sleep(1.0)  # it finds out with its first fetch that 3 is gone
        await lab.send("writer", "jobs", ["job"])


def after_key(before: Observation, now: Observation, letter: str) -> list[Event]:
    """The events after the last press of a key."""
    press = key_pressed(now, before, letter)
    return [] if press is None else [event for event in now.since(before) if event.at >= press.at]


def first_record(letter: str) -> Outcome:
    """The offset of the first record that the worker worked on after the last press of a key."""

    def outcome(before: Observation, now: Observation) -> float | None:
        done = [event.offset for event in after_key(before, now, letter) if event.kind == "done"]
        return done[0] if done else None

    return outcome


def done_after(letter: str, records: int) -> Check:
    """Passes once the worker has worked on so many records after the last press of a key."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        events = after_key(before, now, letter)
        if not events:
            return Waiting("key", of=letter)
        done = sum(event.kind == "done" for event in events)
        return Waiting("records", f"{done}", f"{records}", "w1") if done < records else None

    return check


def lost(before: Observation, now: Observation) -> float | None:
    """How many records lie before the commit although no effect of them was finished."""
    committed = (now.groups["workers"].committed or {}).get(PLACE) if "workers" in now.groups else None
    if committed is None:
        return None
    done = {event.offset for event in after_key(before, now, "o") if event.kind == "done"}
    return len(set(range(committed)) - done)


def died(before: Observation, now: Observation) -> Waiting | None:
    """Passes once the worker has died in its second batch."""
    if key_pressed(now, before, "o") is None:
        return Waiting("key", of="o")
    done = sum(event.kind == "done" for event in after_key(before, now, "o"))
    program = now.programs.get("w1")
    if done < DONE_AT_CRASH or program is None or program.alive:
        return Waiting("records", f"{done}", f"{DONE_AT_CRASH}", "w1")
    return None


def tried(before: Observation, now: Observation) -> Waiting | None:
    """Passes once it was tried to move the group."""
    return None if key_pressed(now, before, "@") and "moved" in now.values else Waiting("key", of="@")


def was_moved(before: Observation, now: Observation) -> str | None:
    """Whether the commit from outside was taken."""
    found = now.values.get("moved")
    return None if found is None else str(found)


def policy_error(before: Observation, now: Observation) -> str:
    """Where the worker goes on without a policy."""
    events = after_key(before, now, "Y")
    if any(event.kind == "fault" and "OffsetOutOfRange" in event.detail for event in events):
        return "error"
    done = [event.offset for event in events if event.kind == "done"]
    return "start" if done and done[0] == KEPT_FROM else "end"


def stopped(before: Observation, now: Observation) -> Waiting | None:
    """Passes once the worker has ended with a fault, or reads."""
    events = after_key(before, now, "Y")
    if any(event.kind in {"fault", "done"} for event in events):
        return None
    return Waiting("event", of="w1", wanted="auto.offset.reset=none")


LESSON = Lesson(
    name="offsets",
    number=4,
    minutes=7,
    topics={"jobs": TopicPlan(1)},
    groups=("workers",),
    keys={
        "j": Key(join, READ),
        "x": Key(crash),
        "l": Key(leave, ("lab_consumer.py", ("LabConsumer.leave",))),
        "c": Key(commit, ("lab_consumer.py", ("LabConsumer.commit",))),
        "o": Key(automatic, ("lab_consumer.py", ("make_consumer",))),
        "@": Key(move),
        "%": Key(move_to_time),
        "Y": Key(next_policy, ("lab_consumer.py", ("make_consumer",))),
    },
    steps=(
        Step("begin", done_after("j", BURST), ("j",), questions=(Question(first_record("j"), 0),)),
        Step(
            "no commit",
            done_after("j", BURST),
            ("x", "j"),
            questions=(Question(first_record("j"), 0),),
        ),
        Step(
            "commit",
            done_after("j", 5),
            ("c", "x", "j"),
            questions=(Question(first_record("j"), BURST),),
        ),
        Step("auto", died, ("o",), questions=(Question(lost, 3),), within=12.0),
        Step(
            "refused",
            tried,
            ("j", "@"),
            questions=(Question(was_moved, "refused", ("works", "refused")),),
        ),
        Step(
            "move",
            done_after("j", 5),
            ("l", "@", "j"),
            questions=(Question(first_record("j"), 3),),
        ),
        Step(
            "time",
            done_after("j", 5),
            ("l", "%", "j"),
            questions=(Question(first_record("j"), BURST),),
        ),
        Step("earliest", done_after("Y", 5), ("Y",), questions=(Question(first_record("Y"), KEPT_FROM),)),
        Step("latest", done_after("Y", 1), ("Y",), questions=(Question(first_record("Y"), 2 * BURST),)),
        Step(
            "none",
            stopped,
            ("Y",),
            questions=(Question(policy_error, "error", ("start", "end", "error")),),
        ),
    ),
    pictures=("offsets", "groups"),
    begin=begin,
    pane=3,
)
