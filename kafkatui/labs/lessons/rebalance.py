"""Lab 1: rebalances: which partitions move, when, and who has to pause."""

from kafkatui.errors import LabError
from kafkatui.labs.checks import (
    HANDED_OVER,
    first,
    handed_over,
    idle,
    key_pressed,
    members,
    owned_by,
    pressed,
)
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Check, Key, Lesson, Outcome, Question, Step, Waiting
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Event, Observation

GROUP = "work"
SLOW = 2.0
STUCK = 12.0
MOST = 7
USERS = [f"user-{number:02}" for number in range(40)]
LISTENER = ("lab_consumer.py", ("Listener",))
RUN = ("lab_consumer.py", ("LabConsumer.run", "LabConsumer.leave"))
ASSIGNORS = ("range", "roundrobin")


async def begin(lab: Lab) -> None:
    """A producer of 20 records a second."""
    await lab.producer("writer")
    lab.tell("writer", "rate", topic=lab.full("a"), a_second=20, keys=USERS)


async def join(lab: Lab, _: str | None) -> None:
    """The next consumer joins; a static one takes the first free name."""
    static = bool(lab.values.get("static"))
    living = set(lab.living(GROUP))
    used = set(lab.known(GROUP))
    number = next(n for n in range(1, 100) if f"c{n}" not in living and (static or f"c{n}" not in used))
    if len(living) >= MOST:
        raise LabError(f"{MOST} consumers are enough")
    name = f"c{number}"
    await lab.consumer(name, GROUP, ["a"], instance=name if static else None)


async def leave(lab: Lab, name: str | None) -> None:
    """A consumer leaves politely."""
    await lab.leave(name or lab.newest(GROUP))


async def crash(lab: Lab, name: str | None) -> None:
    """A consumer is killed."""
    await lab.crash(name or lab.newest(GROUP))


async def freeze(lab: Lab, name: str | None) -> None:
    """A consumer sleeps until its group has removed it, then wakes."""
    name = name or lab.newest(GROUP)
    await lab.freeze(name)
    try:
        await lab.until_out(GROUP, name)
    finally:
        await lab.freeze(name)


async def stuck(lab: Lab, name: str | None) -> None:
    """A consumer works for 12 s without a poll."""
    lab.tell(name or lab.newest(GROUP), "stuck", seconds=STUCK)


async def slow(lab: Lab, name: str | None) -> None:
    """A consumer takes 2 s to give up its partitions."""
    lab.tell(name or lab.newest(GROUP), "slow", seconds=SLOW)


async def next_assignor(lab: Lab, _: str | None) -> None:
    """Two new consumers of two topics with three partitions each, with the next assignor."""
    name = ASSIGNORS[(int(lab.values.get("assignors", 0))) % len(ASSIGNORS)]
    lab.values["assignors"] = int(lab.values.get("assignors", 0)) + 1
    await end_all(lab)
    since = lab.so_far
    for consumer in ("d1", "d2"):
        await lab.consumer(consumer, GROUP, ["b", "c"], assignor=name)
    await lab.until_assigned(("d1", "d2"), since)


async def static(lab: Lab, _: str | None) -> None:
    """Two new consumers of topic a that are static members."""
    lab.values["static"] = 1
    await end_all(lab)
    since = lab.so_far
    for consumer in ("c1", "c2"):
        await lab.consumer(consumer, GROUP, ["a"], instance=consumer)
    await lab.until_assigned(("c1", "c2"), since)
    await lab.until_settled(GROUP, 2)


async def end_all(lab: Lab) -> None:
    """End all consumers and their memberships."""
    for name in lab.living(GROUP):
        await lab.crash(name)
    await lab.remove_members(GROUP)
    await lab.until_empty(GROUP)


# checks


def owns(name: str, wanted: int) -> Check:
    """Passes once a consumer has so many partitions."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        seen = now.groups.get(GROUP)
        owned = None if seen is None else seen.owned(name)
        if owned is None or len(owned) != wanted:
            return Waiting("assigned", of=name)
        return None

    return check


def reports(kind: str, name: str) -> Check:
    """Passes once a consumer has reported something after the step's key."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        if any(event.kind == kind and event.who == name for event in now.since(before)):
            return None
        return Waiting("event", of=name, wanted=kind)

    return check


def out(name: str) -> Check:
    """Passes once a consumer is no member any more, and the others have all partitions."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        seen = now.groups.get(GROUP)
        if seen is None or seen.members is None:
            return Waiting("unknown", of=GROUP)
        if seen.owned(name) is not None:
            return Waiting("event", of=name, wanted="session.timeout / max.poll.interval")
        owned = [place for member in seen.members for place in member.partitions]
        if not seen.settled or len(set(owned)) < len(now.topics.get("a", ())):
            return Waiting("assigned", of=GROUP)
        return None

    return check


def back(name: str) -> Check:
    """Passes once a consumer that was removed is a member again."""
    return first(reports("assigned", name), lambda before, now: _settled(now))


def _settled(now: Observation) -> Waiting | None:
    seen = now.groups.get(GROUP)
    return None if seen is not None and seen.settled else Waiting("assigned", of=GROUP)


# outcomes


def kept_by(name: str) -> Outcome:
    """Which partitions a consumer has."""

    def outcome(before: Observation, now: Observation) -> frozenset[int] | None:
        owned = now.groups[GROUP].owned(name)
        return None if owned is None else frozenset(owned)

    return outcome


def gave_up(name: str) -> Outcome:
    """How many partitions a consumer gave up in the step."""

    def outcome(before: Observation, now: Observation) -> float:
        found = [one for one in now.since(before) if one.kind == "revoked" and one.who == name]
        return max((len(one.partitions) for one in found), default=0)

    return outcome


def paused(name: str) -> Outcome:
    """For how many seconds a consumer had no partitions, at most."""

    def outcome(before: Observation, now: Observation) -> float | None:
        longest, since = None, None
        for event in now.since(before):
            if event.who == name and event.kind == "revoked" and event.partitions:
                since = event.at
            elif event.who == name and event.kind == "assigned" and since is not None:
                longest, since = max(longest or 0.0, event.at - since), None
        return longest

    return outcome


def owner_after(name: str) -> Outcome:
    """Who had the partitions of a consumer when it woke: itself, or others."""

    def outcome(before: Observation, now: Observation) -> str | None:
        had = set(before.groups[GROUP].owned(name) or ())
        if not had:
            return None
        others = {
            place.partition
            for event in now.since(before)
            if event.kind == "assigned" and event.who != name
            for place in event.partitions
        }
        return "others" if had <= others else "itself"

    return outcome


def kept(name: str) -> Outcome:
    """Whether a consumer still is a member."""

    def outcome(before: Observation, now: Observation) -> str | None:
        if now.members(GROUP) is None:
            return None
        return "no" if now.groups[GROUP].owned(name) is None else "yes"

    return outcome


def largest_share(before: Observation, now: Observation) -> float | None:
    """How many partitions the member with the most has."""
    known = now.groups[GROUP].members
    return None if not known else max(len(member.partitions) for member in known)


def rebalances_after_leave(before: Observation, now: Observation) -> float:
    """How often the other consumer got partitions anew after the leave."""
    press = key_pressed(now, before, "l")
    events: list[Event] = list(now.since(before))
    return sum(
        press is not None and event.kind == "assigned" and event.who == "c1" and event.at > press.at
        for event in events
    )


def is_back(before: Observation, now: Observation) -> Waiting | None:
    """Passes once c2 has its partitions again after the leave."""
    press = key_pressed(now, before, "j")
    if press is None:
        return Waiting("key", of="j")
    again = [one for one in now.since(before) if one.kind == "assigned" and one.who == "c2"]
    return None if again and again[-1].at > press.at else Waiting("assigned", of="c2")


LESSON = Lesson(
    name="rebalance",
    number=1,
    minutes=8,
    topics={"a": TopicPlan(6), "b": TopicPlan(3), "c": TopicPlan(3)},
    groups=(GROUP,),
    keys={
        "j": Key(join, RUN),
        "l": Key(leave, ("lab_consumer.py", ("LabConsumer.leave",))),
        "x": Key(crash),
        "f": Key(freeze),
        "p": Key(stuck, ("lab_consumer.py", ("LabConsumer.get_stuck",))),
        "w": Key(slow, LISTENER),
        "a": Key(next_assignor, ("lab_consumer.py", ("make_consumer",))),
        "s": Key(static, ("lab_consumer.py", ("make_consumer",))),
    },
    steps=(
        Step(
            "alone",
            first(members(GROUP, 1), owns("c1", 6)),
            ("j",),
            questions=(Question(owned_by(GROUP, "c1"), 6),),
        ),
        Step(
            "second",
            first(members(GROUP, 2), owns("c2", 3), reports("assigned", "c2")),
            ("j",),
            questions=(
                Question(kept_by("c1"), frozenset({0, 1, 2}), partitions=True),
                Question(gave_up("c1"), 6),
            ),
        ),
        Step(
            "slow",
            first(members(GROUP, 3), owns("c3", 2), reports("assigned", "c2")),
            ("w", "j"),
            on="c1",
            questions=(Question(paused("c2"), 2, tolerance=0.7),),
        ),
        Step(
            "idle",
            first(members(GROUP, 7), lambda before, now: _settled(now)),
            ("j", "j", "j", "j"),
            questions=(Question(idle(GROUP), 1),),
            within=20.0,
        ),
        Step(
            "leave", out("c2"), ("l",), on="c2", questions=(Question(handed_over("l"), "once", HANDED_OVER),)
        ),
        Step(
            "crash",
            out("c1"),
            ("x",),
            on="c1",
            questions=(Question(handed_over("x"), "session", HANDED_OVER),),
        ),
        Step(
            "freeze",
            back("c3"),
            ("f",),
            on="c3",
            questions=(Question(owner_after("c3"), "others", ("itself", "others")),),
            within=12.0,
        ),
        Step(
            "stuck",
            out("c4"),
            ("p",),
            on="c4",
            questions=(Question(kept("c4"), "no", ("yes", "no")),),
        ),
        Step(
            "range",
            first(members(GROUP, 2), pressed("a")),
            ("a",),
            questions=(Question(largest_share, 4),),
        ),
        Step(
            "round-robin",
            first(members(GROUP, 2), pressed("a")),
            ("a",),
            questions=(Question(largest_share, 3),),
        ),
        Step(
            "static",
            is_back,
            ("s", "l", "j"),
            on="c2",
            questions=(Question(rebalances_after_leave, 0),),
        ),
    ),
    pictures=("members",),
    begin=begin,
)
