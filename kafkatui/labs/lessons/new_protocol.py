"""Lab 10: the new group protocol (KIP-848): the broker assigns, and only what moves is given up."""

import importlib.util

from kafkatui.domain.cluster.groups import GroupKind
from kafkatui.errors import LabError
from kafkatui.labs.checks import HANDED_OVER, handed_over, members, owned_by
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Check, Key, Lesson, Outcome, Question, Step, Waiting
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Observation

GROUP, TOPIC, ALL = "work", "a", 6
USERS = [f"user-{number:02}" for number in range(40)]
RUN = ("new_consumer.py", ("consume",))


async def begin(lab: Lab) -> None:
    """A producer of 20 records a second."""
    if importlib.util.find_spec("confluent_kafka") is None:
        raise LabError("this lab needs confluent-kafka: pip install 'kafkatui[demo]'")
    await lab.producer("writer")
    lab.tell("writer", "rate", topic=lab.full(TOPIC), a_second=20, keys=USERS)


async def join(lab: Lab, _: str | None) -> None:
    """The next consumer joins."""
    if len(lab.living(GROUP)) >= 7:
        raise LabError("seven consumers are enough")
    await lab.new_consumer(f"c{len(lab.known(GROUP)) + 1}", GROUP, [TOPIC])


async def leave(lab: Lab, name: str | None) -> None:
    """A consumer leaves politely."""
    await lab.leave(name or lab.newest(GROUP))


async def crash(lab: Lab, name: str | None) -> None:
    """A consumer is killed."""
    await lab.crash(name or lab.newest(GROUP))


def shared(count: int) -> Check:
    """Passes once so many members own all partitions, each as many as the others or one more."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        seen = now.groups.get(GROUP)
        sizes = [len(member.partitions) for member in (seen.members or () if seen else ())]
        if sum(sizes) != ALL or max(sizes) - min(sizes) > 1:
            return Waiting("assigned", of=GROUP)
        return members(GROUP, count)(before, now)

    return check


def gave_up(before: Observation, now: Observation) -> float:
    """How many partitions were given up in the step, by all together."""
    return sum(len(one.partitions) for one in now.since(before) if one.kind == "gave")


def goes_on(name: str) -> Outcome:
    """Whether a consumer kept partitions all the time, so that it could go on reading."""

    def outcome(before: Observation, now: Observation) -> str | None:
        owned = before.groups[GROUP].owned(name)
        if owned is None:
            return None
        gave = {
            place.partition
            for one in now.since(before)
            if one.kind == "gave" and one.who == name
            for place in one.partitions
        }
        return "yes" if set(owned) - gave else "no"

    return outcome


YES_NO = ("yes", "no")

LESSON = Lesson(
    name="new-protocol",
    number=10,
    minutes=4,
    topics={TOPIC: TopicPlan(ALL)},
    groups=(GROUP,),
    kind=GroupKind.CONSUMER,
    keys={
        "j": Key(join, RUN),
        "l": Key(leave, ("new_consumer.py", ("leave",))),
        "x": Key(crash),
    },
    steps=(
        Step("alone", shared(1), ("j",), questions=(Question(owned_by(GROUP, "c1"), ALL),)),
        Step(
            "second",
            shared(2),
            ("j",),
            questions=(Question(gave_up, 3), Question(goes_on("c1"), "yes", YES_NO)),
        ),
        Step("third", shared(3), ("j",), questions=(Question(gave_up, 2),)),
        Step(
            "leave",
            shared(2),
            ("l",),
            on="c3",
            questions=(
                Question(handed_over("l"), "once", HANDED_OVER),
                Question(goes_on("c1"), "yes", YES_NO),
            ),
        ),
        Step(
            "crash",
            shared(1),
            ("x",),
            on="c2",
            questions=(Question(handed_over("x"), "session", HANDED_OVER),),
            within=12.0,
        ),
    ),
    pictures=("members", "groups"),
    begin=begin,
)
