"""The questions of the topics stream: which are asked at each look, and which more seldom."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from dataclasses import replace
from time import monotonic

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.partitions import Broker, ClusterTopics, Topic, TopicLog, went_back
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.log_scan import LogScan
from kafkatui.kafka.reassignments import Move, read_reassignments, with_moves
from kafkatui.kafka.topics import Policy, read_ends, read_metadata, read_policies
from kafkatui.watch.pace import Schedule

PARTITIONS_A_LOOK = 2_500
"""How many partitions, beside those on screen, are asked for their end offsets in one look: a pane needs 1 ms
for each 300 of them.
"""


class TopicsWatch:
    """Asks for the end offsets of the topics on screen at every look, for the list of topics, all end
    offsets, start offsets and policies more seldom.
    """

    STARTS_EVERY = 15.0
    POLICIES_EVERY = 60.0
    POLICIES_AGAIN = 5.0
    """Seconds until policies are asked for again after a request without an answer."""
    MOVES_WITHIN = 0.5
    """Seconds that the question for reassignments may take."""
    MOVES_EVERY = 2.0
    MOVES_AGAIN = 10.0
    """Seconds until they are asked for again after a fault."""
    TOPIC = 10
    """How many items of the answer the settings of one topic count as, see `Schedule.asked`; an offset counts
    as one.
    """

    def __init__(self, asker: Asker, visible: Callable[[], Collection[str]], scan: LogScan) -> None:
        """`visible` gives the names of the topics on screen; `scan` counts the records of these topics."""
        self._asker = asker
        self._visible = visible
        self._scan = scan
        self._value = ClusterTopics()
        self._ids: dict[str, str | None] = {}
        """Topic id by name, as of the newest look; ``None``: the broker sends no id."""
        self._metadata = Schedule()
        self._ends = Schedule()
        self._seen: set[int] = set()
        """Node ids of all brokers that were ever alive."""
        self._unwell = False
        """See `unwell`."""
        self._round: dict[str, int] = {}
        """Topics whose end offsets are still to be asked for in the present round over all topics, with the
        number of their partitions.
        """
        self._with_starts = False
        """Whether the present round asks for start offsets too."""
        self._starts = Schedule(self.STARTS_EVERY, 2 * self.STARTS_EVERY)
        self._policies = Schedule(self.POLICIES_EVERY, 2 * self.POLICIES_EVERY)
        self._policies_at = 0.0
        """Monotonic seconds before which policies are not asked for."""
        self._known: dict[str, Policy] = {}
        """The policies of the topics; those that are missing were not asked for yet."""
        self._moves_at = 0.0
        """Monotonic seconds before which reassignments are not asked for."""
        self._moves: dict[str, dict[int, Move]] = {}
        """The newest answer, by topic and partition."""
        self._moves_fault: Fault | None = None
        self._moving: dict[str, tuple[Topic, dict[int, Move], Topic]] = {}
        """Topics with a partition that is being reassigned: as Metadata describes it, the reassignments by
        partition, and both together.
        """

    @property
    def unwell(self) -> bool:
        """Whether a broker that was there is missing, a partition is not fully in sync, or one could not be
        asked for its offsets.
        """
        return self._unwell

    async def read(self) -> ClusterTopics:
        """Look once. Raises `ClusterError` where no topic or no offset was answered."""
        if self._metadata.due:
            brokers, topics, cluster_id, notes = await read_metadata(self._asker)
            self._metadata.asked(sum(len(topic.partitions) for topic in topics))
            thin = any(one.under_replicated for topic in topics for one in topic.partitions)
            topics, moves_fault = await self._with_moves(topics) if thin else (topics, None)
            self._note_health(brokers, topics if thin else ())
            self._value = replace(
                self._value,
                brokers=brokers,
                topics=topics,
                cluster_id=cluster_id,
                version=self._asker.cluster.version,
                notes=notes,
                moves_fault=moves_fault,
            )
        topics = self._value.topics
        ids = {topic.name: topic.topic_id for topic in topics}
        anew = {name for name, topic_id in ids.items() if self._ids.get(name, topic_id) != topic_id}
        self._ids = ids
        names = ids.keys()
        logs = {name: log for name, log in self._value.logs.items() if ids.get(name, "") == log.topic_id}
        logs.update(await self._read_ends(topics, logs))
        await self._read_policies(names, anew)
        value = self._value
        counted = await self._scan.look(topics, logs, self._visible(), value.compacted)
        self._value = replace(value, logs=logs, counted=counted)
        return self._value

    async def _with_moves(self, topics: tuple[Topic, ...]) -> tuple[tuple[Topic, ...], Fault | None]:
        """The topics with the reassignments that go on; why they are not known. Called where a partition is
        not fully in sync: else none goes on.
        """
        if monotonic() >= self._moves_at:
            self._moves, self._moves_fault = await self._read_moves()
            pause = self.MOVES_EVERY if self._moves_fault is None else self.MOVES_AGAIN
            self._moves_at = monotonic() + pause
        before, self._moving = self._moving, {}
        found = []
        for topic in topics:
            if (moves := self._moves.get(topic.name)) is None:
                found.append(topic)
                continue
            known = before.get(topic.name)
            if known is None or known[0] is not topic or known[1] != moves:
                known = topic, moves, with_moves(topic, moves)
            self._moving[topic.name] = known
            found.append(known[2])
        return tuple(found), self._moves_fault

    async def _read_moves(self) -> tuple[dict[str, dict[int, Move]], Fault | None]:
        """All reassignments, by topic and partition. The controller answers this, which may be what is down:
        so it has little time, and a connection of its own, as a broker answers one connection in order.
        """
        moves: dict[str, dict[int, Move]] = {}
        try:
            async with asyncio.timeout(self.MOVES_WITHIN), self._asker.another("moves") as asker:
                for place, move in (await read_reassignments(asker)).items():
                    moves.setdefault(place.topic, {})[place.partition] = move
        except TimeoutError:
            return {}, Fault(FaultKind.TIMED_OUT, "the controller does not answer")
        except ClusterError as error:
            return {}, error.fault
        return moves, None

    async def _read_ends(
        self, topics: tuple[Topic, ...], logs: Mapping[str, TopicLog]
    ) -> dict[str, TopicLog]:
        if not self._round and self._ends.due:
            self._round = {topic.name: len(topic.partitions) for topic in topics}
            self._with_starts = self._starts.due
            partitions = sum(self._round.values())
            self._ends.asked(partitions)
            if self._with_starts:
                self._starts.asked(partitions)
        turn = set(first_few(self._round, PARTITIONS_A_LOOK))
        visible = self._visible()
        asked = tuple(
            topic for topic in topics if topic.name in turn or topic.name in visible or topic.name not in logs
        )
        try:
            found = await read_ends(self._asker, asked, starts=None if self._with_starts else logs)
        except ClusterError:
            self._metadata.now()
            self._unwell = True
            raise
        self._round = {
            name: size for name, size in self._round.items() if name not in turn and name not in found
        }
        if not self._round:
            self._with_starts = False
        if any(
            log.faults or (name in logs and went_back(logs[name].ends, log.ends))
            for name, log in found.items()
        ):
            self._metadata.now()
            self._unwell = True
        return found

    def _note_health(self, brokers: tuple[Broker, ...], topics: tuple[Topic, ...]) -> None:
        """Note whether all is well by an answer of Metadata; `topics`: without those that are in sync."""
        nodes = {broker.node_id for broker in brokers}
        self._seen |= nodes
        self._unwell = self._seen != nodes or any(
            partition.under_replicated for topic in topics for partition in topic.partitions
        )

    async def _read_policies(self, names: Set[str], anew: Set[str]) -> None:
        """Read ``cleanup.policy`` and ``min.insync.replicas``. Topics that are new or were made again
        (`anew`) are asked for at once, all topics seldom. Without an answer the look goes on.
        """
        known = {name: policy for name, policy in self._known.items() if name in names - anew}
        everything = self._policies.due
        todo = names if everything else names - known.keys()
        if todo and monotonic() >= self._policies_at:
            try:
                known.update(await read_policies(self._asker, sorted(todo)))
            except ClusterError:
                self._policies_at = monotonic() + self.POLICIES_AGAIN
            else:
                if everything:
                    self._policies.asked(self.TOPIC * len(names))
        if known == self._known:
            return
        self._known = known
        self._value = replace(
            self._value,
            compacted={name: policy.compacted for name, policy in known.items()},
            min_isr={name: one.min_isr for name, one in known.items() if one.min_isr is not None},
        )


def first_few(sizes: Mapping[str, int], most: int) -> Iterator[str]:
    """The first names whose sizes add up to `most` or less; at least one name, if there is any."""
    total = 0
    for name, size in sizes.items():
        total += size
        if total > most and total > size:
            return
        yield name
