"""Two readings and the seconds between them → a rate; the samples of the last minutes for a sparkline."""

from collections import deque
from collections.abc import Mapping

from kafkatui.domain.cluster.partitions import ClusterTopics, TopicLog


def per_second(before: int | None, after: int | None, seconds: float) -> float | None:
    """How fast a count grew; ``None``: one is not known, it shrank (began anew), or no time passed."""
    if before is None or after is None or after < before or seconds <= 0:
        return None
    return (after - before) / seconds


class History:
    """Samples of the last `seconds`, kept as the mean of each of `slots` equal stretches of time."""

    __slots__ = ("_per_slot", "_slots")

    def __init__(self, seconds: float = 120.0, slots: int = 24) -> None:
        self._per_slot = seconds / slots
        self._slots: deque[tuple[int, float, int]] = deque(maxlen=slots)
        """(number of the stretch, sum, count), ascending; stretches without a sample are absent."""

    def add(self, at: float, value: float | None) -> None:
        """Add a sample taken at monotonic second `at`; ``None`` (not known) leaves a gap."""
        if value is None:
            return
        slot = int(at // self._per_slot)
        if self._slots and self._slots[-1][0] >= slot:
            last, total, count = self._slots[-1]
            self._slots[-1] = (last, total + value, count + 1)
        else:
            self._slots.append((slot, value, 1))

    def values(self, now: float, cells: int) -> list[float | None]:
        """Means over `cells` equal parts of the span that ends `now`, oldest first; ``None``: no sample
        there.
        """
        slots = self._slots.maxlen or 1
        first = int(now // self._per_slot) - slots + 1
        sums = [0.0] * cells
        counts = [0] * cells
        for slot, total, count in self._slots:
            cell = (slot - first) * cells // slots
            if 0 <= cell < cells:
                sums[cell] += total
                counts[cell] += count
        if cells > slots:  # a sample lasts until the next stretch
            for cell in range(1, cells):
                if not counts[cell] and cell * slots // cells == (cell - 1) * slots // cells:
                    sums[cell], counts[cell] = sums[cell - 1], counts[cell - 1]
        return [total / count if count else None for total, count in zip(sums, counts, strict=True)]


class TopicRates:
    """Offsets written per second to each topic, from one look at its log to the next."""

    def __init__(self) -> None:
        self._logs: dict[str, TopicLog] = {}
        self._ids: dict[str, str | None] = {}
        self._histories: dict[str, History] = {}
        self._rates: dict[str, float | None] = {}

    @property
    def rates(self) -> Mapping[str, float | None]:
        """By topic; missing or ``None``: not known (the first look, an end is not known, or the log
        began anew).
        """
        return self._rates

    def history(self, topic: str) -> History | None:
        """The rates of the last two minutes; ``None`` before the first."""
        return self._histories.get(topic)

    def note(self, topics: ClusterTopics) -> None:
        """Compare with the last look; topics that are gone, or were made again, are forgotten."""
        names = {topic.name: topic.topic_id for topic in topics.topics}
        for name in self._logs.keys() - names.keys():
            for kept in (self._logs, self._ids, self._histories, self._rates):
                kept.pop(name, None)
        for name, topic_id in names.items():
            log = topics.logs.get(name)
            old = self._logs.get(name)
            if log is None or log is old or (old is not None and log.taken_at <= old.taken_at):
                continue
            known = old if self._ids.get(name) == topic_id else None
            self._logs[name], self._ids[name] = log, topic_id
            if known is None:
                self._rates.pop(name, None)
                self._histories.pop(name, None)
                continue
            rate = growth(known, log)
            self._rates[name] = rate
            self._histories.setdefault(name, History()).add(log.taken_at, rate)


def growth(before: TopicLog, after: TopicLog) -> float | None:
    """Offsets written per second to a topic between two looks at its log.

    New partitions count from their first look. ``None`` where an end is not known in one of the looks, or
    went back: the topic was made anew, or a leader was elected that had less.
    """
    seconds = after.taken_at - before.taken_at
    if seconds <= 0 or len(after.ends) < len(before.ends):
        return None
    grown = 0
    for old, new in zip(before.ends, after.ends, strict=False):
        if old is None or new is None or new < old:
            return None
        grown += new - old
    return grown / seconds
