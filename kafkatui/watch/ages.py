"""The questions of the stream of ages: when the records were written at which the selected group stands."""

from collections.abc import Callable, Mapping
from time import monotonic

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.lag.ages import WrittenAt
from kafkatui.kafka.ages import read_times
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.bucket import Bucket

AGAIN = 10.0
"""Seconds between two questions about one partition, at least; it is asked for only if its commit has moved.
"""
BYTES_A_SECOND = 1_000_000
"""Bytes that may be downloaded a second, for all partitions together."""


class AgesWatch:
    """Remembers what was found, and asks only where the commit has moved since."""

    def __init__(self, asker: Asker, wanted: Callable[[], Mapping[TopicPartition, int]]) -> None:
        """`wanted`: gives the committed offsets to look up, by partition."""
        self._asker = asker
        self._wanted = wanted
        self._bucket = Bucket(BYTES_A_SECOND)
        self._asked_at: dict[TopicPartition, float] = {}
        self._known: dict[TopicPartition, WrittenAt] = {}
        self._ids: dict[str, str | None] = {}
        """Ids of the topics: one that was made again has other records at the same offsets."""

    async def read(self) -> Mapping[TopicPartition, WrittenAt]:
        """Look once. The same object as before if nothing new was found."""
        wanted, now = self._wanted(), monotonic()
        ids = {name: self._id_of(name) for name in {place.topic for place in wanted}}
        anew = {name for name, topic_id in ids.items() if self._ids.get(name, topic_id) != topic_id}
        self._ids = ids
        known = {
            place: found
            for place, found in self._known.items()
            if place in wanted and place.topic not in anew
        }
        self._asked_at = {
            place: at for place, at in self._asked_at.items() if now - at < AGAIN and place.topic not in anew
        }
        due = {
            place: offset
            for place, offset in wanted.items()
            if place not in self._asked_at
            and (place not in known or known[place].offset != offset or known[place].timestamp is None)
        }
        if due:
            self._asked_at.update(dict.fromkeys(due, now))
            found = await read_times(self._asker, due, self._bucket)
            known.update((place, WrittenAt(due[place], found.get(place))) for place in due)
        if known != self._known:
            self._known = known
        return self._known

    def _id_of(self, topic: str) -> str | None:
        found = self._asker.cluster.topics.get(topic)
        return None if found is None else found.topic_id
