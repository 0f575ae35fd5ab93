"""What only the page of a topic asks for: its settings, how old its records are, its size, transactions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kafkatui.domain.cluster.faults import Fault

MIN_ISR = "min.insync.replicas"
"""The setting: where fewer replicas are in sync, the leader refuses producers with ``acks=all``."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a topic, from DescribeConfigs."""

    name: str
    value: str | None
    """``None``: it is secret, or not set."""
    is_override: bool
    """Whether it is set for this topic; else it comes from a broker, or is Kafka's default."""
    documentation: str | None = None
    """Kafka's own text; ``None``: the broker sends none (before Kafka 2.6)."""
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A transaction that began in a partition and has not ended, from DescribeProducers."""

    partition: int
    producer_id: int
    start_offset: int
    """The first offset of the transaction in this partition: readers of committed records wait there."""
    timestamp: int | None
    """Milliseconds since the epoch of the producer's newest record; ``None``: not known."""
    transactional_id: str | None = None
    """From ListTransactions; ``None``: this user may not see it."""


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """One topic, as far as its page asks."""

    topic: str
    settings: tuple[Setting, ...] = ()
    """By name; empty: not known, see `settings_fault`."""
    settings_fault: Fault | None = None
    first_written: Mapping[int, int] = field(default_factory=dict)
    """By partition: when its oldest record was written, in milliseconds since the epoch, exact by one batch;
    a partition is missing where it is empty or not known.
    """
    last_written: Mapping[int, int] = field(default_factory=dict)
    """The same of its newest batch."""
    sizes: Mapping[int, int] = field(default_factory=dict)
    """By partition: bytes of the largest copy; a partition is missing where it is not known."""
    transactions: Sequence[OpenTransaction] | None = None
    """``None``: not known, see `transactions_fault`."""
    transactions_fault: Fault | None = None

    def setting(self, name: str) -> str | None:
        """The value of a setting; ``None``: not known, or not set."""
        return next((one.value for one in self.settings if one.name == name), None)


def retention(facts: TopicFacts, now: float) -> str | None:
    """How old the oldest record is against ``retention.ms``, and why older ones may be there, in a sentence;
    `now`: seconds since the epoch; ``None``: the settings or the age are not known.
    """
    policy = (facts.setting("cleanup.policy") or "").split(",")
    oldest = min(facts.first_written.values(), default=None)
    if not facts.settings or oldest is None:
        return None
    old = _length(max(0.0, now - oldest / 1000))
    if "delete" not in policy:
        return (
            f"the oldest record is {old} old; it is compacted: the newest record of each key stays for ever"
        )
    limit = _whole(facts.setting("retention.ms"))
    octets = _whole(facts.setting("retention.bytes"))
    said = f"the oldest record is {old} old"
    if limit is None:
        return said
    if limit < 0:
        said += "; records are kept for ever, by time"
    elif now - oldest / 1000 > limit / 1000:
        segment = _whole(facts.setting("segment.ms"))
        rolls = "" if segment is None else f", here after {_length(segment / 1000)} or when it is full"
        said += (
            f", and retention.ms is {_length(limit / 1000)}: records go only with their whole segment, "
            f"and never from the active one, which is closed when a new one begins{rolls}"
        )
    else:
        said += f"; retention.ms is {_length(limit / 1000)}"
    if octets is not None and octets >= 0:
        said += f"; retention.bytes is {octets:,} for each partition"
    return said


def _whole(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _length(seconds: float) -> str:
    """A length of time in words: ``41 s``, ``3 min``, ``2 h``, ``5 d``."""
    for unit, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return f"{seconds:.0f} s"
