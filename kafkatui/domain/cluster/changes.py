"""What changed between two looks at brokers, leaders and replicas. Times are monotonic seconds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicPartition

NAMED = 3
"""Partitions named in a sentence, at most; more are counted."""


class ChangeKind(Enum):
    """What changed."""

    BROKER_GONE = "broker gone"
    BROKER_BACK = "broker back"
    LEADERS = "leaders moved"
    OFFLINE = "partitions offline"
    ISR_SHRANK = "isr shrank"
    ISR_GREW = "isr grew"


@dataclass(frozen=True, slots=True)
class ClusterChange:
    """One change, of one broker or of several partitions at one look."""

    at: float
    """The first look that showed it."""
    after: float
    """The last look that did not show it yet: it happened between the two."""
    kind: ChangeKind
    subject: str
    """``broker 3``, or ``brokers`` where it is of several."""
    sentence: str
    """What happened, and what follows. It may hold names of topics as they came from outside."""
    partitions: int = 0
    """How many partitions it is of."""


def changes(
    before: ClusterTopics, after: ClusterTopics, since: float, at: float
) -> tuple[ClusterChange, ...]:
    """What changed from a look at `since` to one at `at`; empty: nothing of brokers, leaders and replicas.

    Topics that are new, were made again, or went are no change. A lower leader epoch is an old answer.
    Source: Metadata.
    """
    if before.topics is after.topics and before.brokers is after.brokers:
        return ()
    old_nodes = {broker.node_id for broker in before.brokers}
    new_nodes = {broker.node_id for broker in after.brokers}
    pairs = list(_different(before.topics, after.topics))
    found: list[ClusterChange] = []
    moved = {
        place: (was.leader, now.leader)
        for place, was, now in pairs
        if was.leader is not None and now.leader is not None and was.leader != now.leader
    }
    lost = {place: was.leader for place, was, now in pairs if was.leader is not None and now.leader is None}
    left = Counter(node for _, was, now in pairs for node in set(was.isr) - set(now.isr))
    joined = Counter(node for _, was, now in pairs for node in set(now.isr) - set(was.isr))
    for node in sorted(old_nodes - new_nodes):
        sentence = _gone(node, moved, lost, left)
        found.append(ClusterChange(at, since, ChangeKind.BROKER_GONE, f"broker {node}", sentence, left[node]))
    found += [
        ClusterChange(at, since, ChangeKind.BROKER_BACK, f"broker {node}", f"broker {node} is up")
        for node in sorted(new_nodes - old_nodes)
    ]
    gone = old_nodes - new_nodes
    others = {place: pair for place, pair in moved.items() if pair[0] not in gone}
    if others:
        found.append(
            ClusterChange(
                at, since, ChangeKind.LEADERS, _subject(others.values()), _leaders(others), len(others)
            )
        )
    alone = {place: node for place, node in lost.items() if node not in gone}
    if alone:
        text = f"{_partitions(alone)} without a leader: nobody can read or write there"
        found.append(
            ClusterChange(at, since, ChangeKind.OFFLINE, _brokers(set(alone.values())), text, len(alone))
        )
    back = {place for place, was, now in pairs if was.leader is None and now.leader is not None}
    if back:
        text = f"{_partitions(back)} with a leader again"
        nodes = {now.leader for place, was, now in pairs if place in back and now.leader is not None}
        found.append(ClusterChange(at, since, ChangeKind.LEADERS, _brokers(nodes), text, len(back)))
    found += _replicas(left, joined, gone, after.topics, since, at)
    return tuple(found)


def _different(
    before: Iterable[Topic], after: Iterable[Topic]
) -> Iterator[tuple[TopicPartition, Partition, Partition]]:
    """Partitions that both looks have and that differ."""
    known = {topic.name: topic for topic in before}
    for topic in after:
        old = known.get(topic.name)
        if old is None or old is topic or old.partitions == topic.partitions:
            continue
        if None not in {old.topic_id, topic.topic_id} and old.topic_id != topic.topic_id:
            continue
        for was, now in zip(old.partitions, topic.partitions, strict=False):
            if was != now and was.number == now.number and (now.leader_epoch or 0) >= (was.leader_epoch or 0):
                yield TopicPartition(topic.name, now.number), was, now


def _gone(
    node: int,
    moved: Mapping[TopicPartition, tuple[int | None, int | None]],
    lost: Mapping[TopicPartition, int | None],
    left: Mapping[int, int],
) -> str:
    """That a broker is gone, and what follows for its partitions."""
    led = {place: now for place, (was, now) in moved.items() if was == node}
    offline = [place for place, was in lost.items() if was == node]
    said = []
    if led:
        to = Counter(now for now in led.values() if now is not None)
        leaders = _and(f"broker {one} leads {number}" for one, number in sorted(to.items()))
        said.append(f"it led {_partitions(led)}, now {leaders}")
    if offline:
        have = "have" if len(offline) > 1 else "has"
        said.append(f"{_partitions(offline)} {have} no leader: nobody can read or write there")
    if left.get(node):
        said.append(f"it left the ISR of {left[node]:,} partition{'s' if left[node] > 1 else ''}")
    return f"broker {node} is gone" + (f": {'; '.join(said)}" if said else "")


def _leaders(moved: Mapping[TopicPartition, tuple[int | None, int | None]]) -> str:
    routes = Counter(moved.values())
    words = [f"{number} from {was} to {now}" for (was, now), number in routes.most_common(NAMED)]
    if len(routes) > NAMED:
        words.append(f"{sum(routes.values()) - sum(n for _, n in routes.most_common(NAMED))} elsewhere")
    return f"{_partitions(moved)} changed leaders: {', '.join(words)}"


def _replicas(
    left: Mapping[int, int],
    joined: Mapping[int, int],
    gone: set[int],
    topics: Iterable[Topic],
    since: float,
    at: float,
) -> Iterator[ClusterChange]:
    """Changes of the ISR that no broker that went explains."""
    for node, number in sorted(left.items()):
        if node not in gone:
            text = f"broker {node} fell out of the ISR of {number:,} partition{'s' if number > 1 else ''}"
            yield ClusterChange(at, since, ChangeKind.ISR_SHRANK, f"broker {node}", text, number)
    if not joined:
        return
    missing = sum(partition.under_replicated for topic in topics for partition in topic.partitions)
    rest = "all replicas are in sync now" if not missing else f"{missing:,} are still under-replicated"
    for node, number in sorted(joined.items()):
        text = f"broker {node} is back in the ISR of {number:,} partition{'s' if number > 1 else ''}: {rest}"
        yield ClusterChange(at, since, ChangeKind.ISR_GREW, f"broker {node}", text, number)


def _subject(pairs: Iterable[tuple[int | None, int | None]]) -> str:
    return _brokers({was for was, _ in pairs if was is not None})


def _brokers(nodes: Iterable[int | None]) -> str:
    known = sorted({node for node in nodes if node is not None})
    return f"broker {known[0]}" if len(known) == 1 else "brokers"


def _partitions(places: Iterable[TopicPartition]) -> str:
    """Few partitions by name, many by number."""
    named = sorted(places)
    return _and(map(str, named)) if len(named) <= NAMED else f"{len(named):,} partitions"


def _and(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
