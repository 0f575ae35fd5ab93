"""Lab 8: replication and failover: who leads next, how long it takes, what is accepted, seen and safe."""

from time import monotonic

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import LabError
from kafkatui.labs.checks import key_pressed, pressed
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Check, Key, Lesson, Outcome, Question, Step, Waiting
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Observation, SeenPartition

SAFE, RISKY = "safe", "risky"
PLACE = TopicPartition(SAFE, 0)
LOST = 10
SEND = ("lab_producer.py", ("make_producer", "LabProducer.send"))


async def begin(lab: Lab) -> None:
    """A producer that waits for all in-sync replicas, and one that waits for the leader only."""
    await lab.producer("all", acks="all", idempotent=True, timeout=5.0)
    await lab.producer("plain", acks="all", timeout=1.5)
    await lab.producer("one", acks=1, timeout=5.0)
    await lab.send("all", SAFE, ["a", "b", "c", "d", "e"], partition=0)
    await lab.send("one", RISKY, ["a"] * LOST, partition=0)


async def first_partition(lab: Lab) -> SeenPartition:
    """Partition 0 of the topic with three replicas."""
    topics = (await lab.observe()).topics
    if SAFE not in topics:
        raise LabError("no broker answers: r mends everything")
    return topics[SAFE][0]


async def kill(lab: Lab, _: str | None) -> None:
    """Kill the leader of partition 0, or another broker while that one is the last."""
    assert lab.local is not None
    leader = (await first_partition(lab)).leader
    if leader is None or len(lab.look.living_brokers()) < 2:
        raise LabError("one broker at least must live: u brings the others back")
    await lab.local.kill(leader)


async def stop(lab: Lab, _: str | None) -> None:
    """Stop the leader of partition 0 politely."""
    assert lab.local is not None
    leader = (await first_partition(lab)).leader
    if leader is None or len(lab.look.living_brokers()) < 2:
        raise LabError("one broker at least must live: u brings the others back")
    await lab.local.terminate(leader)


async def up(lab: Lab, _: str | None) -> None:
    """Bring all brokers back, and wait until every replica is in sync."""
    await lab.mend_brokers()
    await lab.until_topics(
        lambda topics: bool(topics) and all(len(one.isr) == len(one.replicas) for one in topics[SAFE])
    )


async def freeze(lab: Lab, _: str | None) -> None:
    """Freeze a follower of partition 0 and write five records that all in-sync replicas must get."""
    seen = await first_partition(lab)
    followers = [node for node in seen.isr if node != seen.leader]
    if not followers:
        raise LabError("no follower is in sync: u brings the others back")
    await lab.freeze_broker(followers[-1])
    began = monotonic()
    await lab.send("all", SAFE, ["f"] * 5, partition=0)
    lab.values["wait"] = monotonic() - began


async def write_all(lab: Lab, _: str | None) -> None:
    """Write five records with acks=all."""
    await lab.send("plain", SAFE, ["g"] * 5, partition=0)


async def write_one(lab: Lab, _: str | None) -> None:
    """Write four records with acks=1."""
    await lab.send("one", SAFE, ["h"] * 4, partition=0)


async def worst(lab: Lab, _: str | None) -> None:
    """On the topic with two replicas: the follower dies, ten records are written, the leader dies, and the
    follower comes back.
    """
    assert lab.local is not None
    seen = (await lab.observe()).topics[RISKY][0]
    if seen.leader is None or len(seen.isr) < 2:
        raise LabError("both replicas must be in sync first: u")
    leader, (follower,) = seen.leader, [node for node in seen.replicas if node != seen.leader]
    await lab.local.kill(follower)
    await lab.until_topics(lambda topics: bool(topics) and topics[RISKY][0].isr == (leader,))
    await lab.send("one", RISKY, ["w"] * LOST, partition=0)
    await lab.local.kill(leader)
    await lab.local.restart(follower)
    await lab.until_topics(lambda topics: bool(topics) and topics[RISKY][0].leader != leader)


async def unclean(lab: Lab, _: str | None) -> None:
    """Allow a stale replica to lead."""
    await lab.admin.set_topic_configs(lab.full(RISKY), {"unclean.leader.election.enable": "true"})


# checks


def led(topic: str, *, by: int | None = None, other: bool = False) -> Check:
    """Passes once partition 0 has a leader: this one, or another one than before."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        if topic not in now.topics or topic not in before.topics:
            return Waiting("unknown", of=topic)
        leader, had = now.topics[topic][0].leader, before.topics[topic][0].leader
        if leader is None or (by is not None and leader != by) or (other and leader == had):
            return Waiting("leader", f"{leader or '-'}", of=f"{topic}/0")
        return None

    return check


def in_sync(before: Observation, now: Observation) -> Waiting | None:
    """Passes once every replica of the topic is in sync and leads where it is preferred."""
    if SAFE not in now.topics:
        return Waiting("unknown", of=SAFE)
    for number, one in enumerate(now.topics[SAFE]):
        if len(one.isr) < len(one.replicas) or one.leader != one.replicas[0]:
            return Waiting("isr", f"{len(one.isr)}", f"{len(one.replicas)}", f"{SAFE}/{number}")
    return Waiting("key", of="u") if key_pressed(now, before, "u") is None else None


def offline(before: Observation, now: Observation) -> Waiting | None:
    """Passes once the topic with two replicas has no leader although a replica of it runs."""
    if RISKY not in now.topics:
        return Waiting("unknown", of=RISKY)
    leader = now.topics[RISKY][0].leader
    alone = key_pressed(now, before, "w") is not None
    return None if leader is None and alone else Waiting("leader", f"{leader or '-'}", of=f"{RISKY}/0")


# outcomes


def leader_now(before: Observation, now: Observation) -> float | None:
    """Which broker leads partition 0."""
    return now.topics[SAFE][0].leader


def seconds_to_lead(before: Observation, now: Observation, letter: str) -> float | None:
    """How many seconds after a key partition 0 had another leader; ``None``: it has not."""
    press = key_pressed(now, before, letter)
    changes = [one for one in now.since(before) if one.kind == "leader" and one.where == PLACE]
    led_ = [one.at for one in changes if one.who != "None" and press is not None and one.at > press.at]
    return led_[0] - press.at if press is not None and led_ else None


def bracket(letter: str) -> Outcome:
    """The same as an option: at once, or after the broker's session."""

    def outcome(before: Observation, now: Observation) -> str | None:
        seconds = seconds_to_lead(before, now, letter)
        return None if seconds is None else "once" if seconds < 2.0 else "session"

    return outcome


def returned(before: Observation, now: Observation) -> str:
    """Whether the preferred leader leads again."""
    one = now.topics[SAFE][0]
    return "yes" if one.leader == one.replicas[0] else "no"


def waited(before: Observation, now: Observation) -> str | None:
    """What became of the writes while a follower slept."""
    seconds = now.values.get("wait")
    if not isinstance(seconds, float):
        return None
    return "once" if seconds < 1.5 else "wait"


def taken(letter: str, producer: str) -> Outcome:
    """Whether records were acknowledged after a key."""

    def outcome(before: Observation, now: Observation) -> str | None:
        press = key_pressed(now, before, letter)
        if press is None:
            return None
        kinds = {one.kind for one in now.since(before) if one.who == producer and one.at > press.at}
        return "yes" if "acked" in kinds else "no" if "failed" in kinds else None

    return outcome


def visible(before: Observation, now: Observation) -> float | None:
    """How many records more can be read than before the step."""
    had, has = before.topics[SAFE][0].end, now.topics[SAFE][0].end
    return None if had is None or has is None else has - had


def online(before: Observation, now: Observation) -> str:
    """Whether the topic with two replicas has a leader."""
    return "no" if now.topics[RISKY][0].leader is None else "yes"


def lost(before: Observation, now: Observation) -> float | None:
    """How many acknowledged records of the topic with two replicas are gone."""
    acked = [one for one in now.events if one.kind == "acked" and one.where == TopicPartition(RISKY, 0)]
    end = now.topics[RISKY][0].end
    return None if end is None else len(acked) - end


YES_NO = ("yes", "no")

LESSON = Lesson(
    name="replication",
    number=8,
    minutes=10,
    cluster="trio",
    topics={
        SAFE: TopicPlan(3, ((2, 1, 3), (3, 2, 1), (1, 3, 2)), {"min.insync.replicas": "2"}),
        RISKY: TopicPlan(
            1, ((1, 2),), {"min.insync.replicas": "1", "unclean.leader.election.enable": "false"}
        ),
    },
    groups=(),
    keys={
        "b": Key(kill),
        "t": Key(stop),
        "u": Key(up),
        "f": Key(freeze, SEND),
        "K": Key(write_all, SEND),
        "k": Key(write_one, SEND),
        "w": Key(worst),
        "U": Key(unclean),
    },
    steps=(
        Step(
            "kill",
            led(SAFE, other=True),
            ("b",),
            questions=(Question(leader_now, 1), Question(bracket("b"), "session", ("once", "session"))),
        ),
        Step("back", in_sync, ("u",), questions=(Question(returned, "yes", YES_NO),), within=20.0),
        Step(
            "stop",
            led(SAFE, other=True),
            ("t",),
            questions=(Question(bracket("t"), "once", ("once", "session")),),
        ),
        Step(
            "freeze",
            pressed("f"),
            ("u", "f"),
            questions=(Question(waited, "wait", ("once", "wait", "refused")),),
            within=20.0,
        ),
        Step(
            "below",
            pressed("k"),
            ("b", "K", "k"),
            questions=(
                Question(taken("K", "plain"), "no", YES_NO),
                Question(taken("k", "one"), "yes", YES_NO),
                Question(visible, 0),
            ),
            within=20.0,
        ),
        Step("again", in_sync, ("u",), questions=(Question(visible, 4),), within=20.0),
        Step(
            "no leader",
            offline,
            ("w",),
            questions=(Question(online, "no", YES_NO),),
            within=20.0,
        ),
        Step("unclean", led(RISKY), ("U",), questions=(Question(lost, LOST),), within=10.0),
    ),
    pictures=("grid",),
    begin=begin,
    pane=1,
)
