"""Topics and their logs: Metadata, ListOffsets, and two of their settings."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from time import monotonic
from typing import Any, NamedTuple

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.partitions import Broker, Partition, Topic, TopicLog, went_back
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.bounds import MOST_PARTITIONS, NonsenseError
from kafkatui.kafka.brokers import Brokers
from kafkatui.kafka.faults import MOVED, UNKNOWN_TOPIC_OR_PARTITION, error_name, error_prefix, fault_of
from kafkatui.kafka.listing import EARLIEST, LATEST, list_offsets
from kafkatui.kafka.requests import Api, make

LEFT_OUT = Fault(FaultKind.UNKNOWN, "Metadata tells nothing of it")
"""The error of a topic that Metadata was asked for and did not mention."""

NO_LEADER = Fault(FaultKind.PASSING, "no leader")

PARTITIONS_A_PIECE = 500
"""Partitions worked on before other tasks run."""

TOPIC_RESOURCE = 2
MOST_RESOURCES = 400
"""Topics in one DescribeConfigs request; encoding it blocks everything for 6 ms."""


class Policy(NamedTuple):
    """Two settings of a topic that are of interest for all topics at once."""

    compacted: bool | None
    """Whether ``cleanup.policy`` contains ``compact``; ``None``: not known."""
    min_isr: int | None
    """``min.insync.replicas``; ``None``: not known."""


NO_POLICY = Policy(None, None)

Metadata = tuple[tuple[Broker, ...], tuple[Topic, ...], str | None, tuple[str, ...]]


async def read_metadata(asker: Asker, topics: Sequence[str] | None = None) -> Metadata:
    """Brokers by node id, `topics` (``None``: all this user may describe) by name, cluster id, and notes.

    Creates no topic. A named topic that does not exist comes with its error. The answer is kept for all
    askers in `Brokers.topics`; a partition with a lower leader epoch than known is not taken over (a broker
    that was frozen sends old leaders). Raises `ClusterError`. Source: Metadata.
    """

    def build(module: Any, version: int) -> Any:
        named = None
        if topics is not None:
            named = tuple(make(module.MetadataRequestTopic, topic_id=None, name=name) for name in topics)
        return make(
            module.MetadataRequest,
            topics=named,
            allow_auto_topic_creation=False,
            include_cluster_authorized_operations=False,
            include_topic_authorized_operations=False,
        )

    cluster = asker.cluster
    with error_prefix("reading the topics"):
        # before version 4 asking for a topic by name may create it
        answer = await asker.ask(None, Api.METADATA, build, lowest=4)
        _check_count(answer.topics)
        cluster.learn_brokers(answer)
    wanted = None if topics is None else frozenset(topics)
    by_name: dict[str, Topic] = {}
    since = 0
    for item in answer.topics:
        if item.name is not None and (wanted is None or item.name in wanted):
            by_name[item.name] = _newest(_topic(item), cluster.topics.get(item.name))
        since += 1 + len(item.partitions)
        if since > PARTITIONS_A_PIECE:
            since = 0
            await asyncio.sleep(0)
    for name in (wanted or frozenset()) - by_name.keys():
        by_name[name] = Topic(name, (), error=LEFT_OUT)
    found = sorted(by_name.values(), key=lambda topic: topic.name)
    if topics is None:
        cluster.topics = {topic.name: topic for topic in found}
    else:
        cluster.topics.update((topic.name, topic) for topic in found)
    code = getattr(answer, "error_code", 0)
    notes = (f"Metadata: {error_name(code)}",) if code else ()
    brokers = tuple(sorted(cluster.brokers.values(), key=lambda broker: broker.node_id))
    return brokers, tuple(found), cluster.cluster_id, notes


async def read_ends(
    asker: Asker, topics: Sequence[Topic], *, starts: Mapping[str, TopicLog] | None = None
) -> dict[str, TopicLog]:
    """Where the logs of `topics` end and start, by topic; each leader is asked at the same time.

    `starts`: older logs whose start offsets are used instead of asked for, as they rarely change; they are
    asked for where the topic was deleted and created again, or an end offset is smaller than before.
    Partitions that moved are asked for once more at their new leader. Topics with an error of their own are
    left out. Raises `ClusterError` only where no offset was answered at all. Source: ListOffsets.
    """
    asked_at = monotonic()
    wanted = {topic.name: range(_size(topic)) for topic in topics if topic.error is None}
    known = {topic.name: topic for topic in topics}
    old = {
        name: log
        for name, log in (starts or {}).items()
        if name in wanted
        and log.topic_id == known[name].topic_id
        and len(log.starts) == len(wanted[name])
        and None not in log.starts
    }
    with error_prefix("reading where the logs end"):
        ends, start = await asyncio.gather(
            read_offsets(asker, wanted, LATEST, known),
            read_offsets(
                asker, {name: parts for name, parts in wanted.items() if name not in old}, EARLIEST, known
            ),
        )
        if anew := [name for name in ends if _began_anew(ends[name][0], start.get(name), old.get(name))]:
            start |= await read_offsets(asker, {name: wanted[name] for name in anew}, EARLIEST, known)
    logs: dict[str, TopicLog] = {}
    since = 0
    for name, numbers in wanted.items():
        empty: tuple[int | None, ...] = (None,) * len(numbers)
        found, faults = ends.get(name, (empty, {}))
        first, more = start.get(name, (old[name].starts if name in old else empty, {}))
        why = tuple(sorted({**more, **faults}.items()))
        logs[name] = TopicLog(tuple(first), tuple(found), asked_at, why, known[name].topic_id)
        since += len(numbers)
        if since > PARTITIONS_A_PIECE:
            since = 0
            await asyncio.sleep(0)
    return logs


def _began_anew(
    ends: Sequence[int | None], start: tuple[list[int | None], dict[int, Fault]] | None, old: TopicLog | None
) -> bool:
    """Whether the start offsets in `start` or `old` are of an earlier log: an end of now lies before them, or
    before the older ends."""
    if start is not None:
        return went_back(start[0], ends)
    return old is not None and (went_back(old.ends, ends) or went_back(old.starts, ends))


Offsets = dict[str, tuple[list[int | None], dict[int, Fault]]]
"""By topic: the offsets by partition number (``None``: not known), and the faults by partition number."""


async def read_offsets(
    asker: Asker,
    wanted: Mapping[str, Sequence[int]],
    timestamp: int,
    known: Mapping[str, Topic] | None = None,
) -> Offsets:
    """The offset at `timestamp` (`LATEST` or `EARLIEST`) of the partitions `wanted`, each from its leader; of
    a partition that moved the new leader is asked, once.

    `known` is used for topics that are not in `Brokers.topics`. Raises `ClusterError` where no offset was
    answered and a broker did not answer.
    """
    cluster = asker.cluster
    offsets: Offsets = {
        name: ([None] * (max(numbers, default=-1) + 1), {}) for name, numbers in wanted.items()
    }
    moved, silent = await _ask_leaders(
        asker, await _by_leader(cluster, wanted, known, offsets), timestamp, offsets
    )
    if moved:
        try:
            await read_metadata(asker, sorted(moved))
        except ClusterError:
            pass  # the first answer stands: its faults say which partitions moved
        else:
            again = await _by_leader(cluster, moved, None, offsets)
            await _ask_leaders(asker, again, timestamp, offsets)
    if silent and all(offset is None for found, _ in offsets.values() for offset in found):
        raise ClusterError(str(silent[0]), silent[0].kind)
    return offsets


async def read_policies(asker: Asker, names: Iterable[str]) -> dict[str, Policy]:
    """By topic: what its settings say; not known where this user may not read them, or there is no such
    topic.

    Raises `ClusterError` where no broker answers. Source: DescribeConfigs, of two keys.
    """
    found: dict[str, Policy] = {}
    todo = list(names)
    with error_prefix("reading cleanup.policy"):
        for start in range(0, len(todo), MOST_RESOURCES):
            part = todo[start : start + MOST_RESOURCES]

            def build(module: Any, version: int, part: Sequence[str] = part) -> Any:
                return make(
                    module.DescribeConfigsRequest,
                    resources=tuple(
                        module.DescribeConfigsResource(
                            resource_type=TOPIC_RESOURCE,
                            resource_name=name,
                            configuration_keys=("cleanup.policy", "min.insync.replicas"),
                        )
                        for name in part
                    ),
                    include_synonyms=False,
                    include_documentation=False,
                )

            answer = await asker.ask(None, Api.DESCRIBE_CONFIGS, build)
            for result in answer.results:
                values = {} if result.error_code else {item.name: item.value for item in result.configs}
                policy, least = values.get("cleanup.policy"), values.get("min.insync.replicas") or ""
                found[result.resource_name] = Policy(
                    None if policy is None else "compact" in policy.split(","),
                    int(least) if re.fullmatch(r"\d{1,9}", least, re.ASCII) else None,
                )
    return {name: found.get(name, NO_POLICY) for name in todo}


def _check_count(topics: Sequence[Any]) -> None:
    """Raises `NonsenseError` where there are more topics or partitions than kafkatui follows."""
    total = sum(len(topic.partitions) for topic in topics)
    for count, what in ((total, "partitions"), (len(topics), "topics")):
        if count > MOST_PARTITIONS:
            raise NonsenseError(
                f"the cluster has {count:,} {what}, kafkatui follows {MOST_PARTITIONS:,} at most"
            )


def _topic(answered: Any) -> Topic:
    """A topic of a Metadata answer.

    Partitions must be numbered from 0 without holes, as the numbers are used as indexes; else the topic gets
    an error and no partitions.
    """
    identity = getattr(answered, "topic_id", None)
    alike: dict[tuple[int, ...], tuple[int, ...]] = {}
    """Most partitions share their replicas with others: one tuple for all of them."""
    partitions = [
        Partition(
            int(item.partition_index),
            int(item.leader_id) if item.leader_id >= 0 else None,
            epoch if (epoch := getattr(item, "leader_epoch", -1)) >= 0 else None,
            alike.setdefault(item.replica_nodes, item.replica_nodes),
            alike.setdefault(item.isr_nodes, item.isr_nodes),
            getattr(item, "offline_replicas", ()),
            fault_of(item.error_code) if item.error_code else None,
        )
        for item in answered.partitions
    ]
    partitions.sort(
        key=itemgetter(0)
    )  # by number only: the other fields of a partition that comes twice may not be comparable
    error = fault_of(answered.error_code) if answered.error_code else None
    if any(partition.number != number for number, partition in enumerate(partitions)):
        numbers = f"{partitions[0].number} to {partitions[-1].number}"
        text = f"Metadata tells of {len(partitions)} partitions, numbered {numbers}"
        error, partitions = Fault(FaultKind.NONSENSE, text), []
    return Topic(
        answered.name, tuple(partitions), answered.is_internal, str(identity) if identity else None, error
    )


def _newest(answered: Topic, known: Topic | None) -> Topic:
    """`answered`, but with those partitions of `known` that have a higher leader epoch; `known` itself where
    both are equal."""
    if known is None or known == answered:
        return known or answered
    if known.topic_id != answered.topic_id or known.topic_id is None or answered.error is not None:
        return answered
    epochs = {partition.number: partition for partition in known.partitions}
    partitions = tuple(
        old
        if (old := epochs.get(new.number)) is not None and (old.leader_epoch or 0) > (new.leader_epoch or 0)
        else new
        for new in answered.partitions
    )
    return Topic(answered.name, partitions, answered.internal, answered.topic_id, answered.error)


def _size(topic: Topic) -> int:
    return topic.partitions[-1].number + 1 if topic.partitions else 0


async def _by_leader(
    cluster: Brokers, wanted: Mapping[str, Sequence[int]], known: Mapping[str, Topic] | None, offsets: Offsets
) -> dict[int, dict[str, list[int]]]:
    """`wanted` by node id of the leader; a partition without a leader gets a fault in `offsets`."""
    by_leader: dict[int, dict[str, list[int]]] = {}
    since = 0
    for name, numbers in wanted.items():
        topic = cluster.topics.get(name) or (known or {}).get(name)
        leaders = (
            {} if topic is None else {partition.number: partition.leader for partition in topic.partitions}
        )
        for number in numbers:
            leader = leaders.get(number)
            if leader is None:
                gone = topic is None or number not in leaders
                offsets[name][1][number] = fault_of(UNKNOWN_TOPIC_OR_PARTITION) if gone else NO_LEADER
            else:
                by_leader.setdefault(leader, {}).setdefault(name, []).append(number)
        since += len(numbers)
        if since > PARTITIONS_A_PIECE:
            since = 0
            await asyncio.sleep(0)
    return by_leader


async def _ask_leaders(
    asker: Asker, by_leader: Mapping[int, Mapping[str, Sequence[int]]], timestamp: int, offsets: Offsets
) -> tuple[dict[str, list[int]], list[ClusterError]]:
    """Ask all leaders at the same time and fill `offsets`; return the partitions that moved, by topic, and
    the errors of the brokers that did not answer."""
    moved: dict[str, list[int]] = {}
    silent: list[ClusterError] = []

    async def ask_one(node_id: int, wanted: Mapping[str, Sequence[int]]) -> None:
        try:
            listed = await list_offsets(asker, node_id, wanted, timestamp)
        except ClusterError as error:
            silent.append(error)
            for name, numbers in wanted.items():
                offsets[name][1].update((number, error.fault) for number in numbers)
            return
        since = 0
        for name, items in listed.items():
            found, faults = offsets[name]
            for number, code, offset in items:
                if code:
                    faults[number] = fault_of(code)
                    if code in MOVED:
                        moved.setdefault(name, []).append(number)
                else:
                    faults.pop(number, None)
                    found[number] = offset if offset >= 0 else None
            since += len(items)
            if since > PARTITIONS_A_PIECE:
                since = 0
                await asyncio.sleep(0)

    await asyncio.gather(*(ask_one(node_id, wanted) for node_id, wanted in by_leader.items()))
    return moved, silent
