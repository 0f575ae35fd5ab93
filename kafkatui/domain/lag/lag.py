"""Where a group stands: committed against log end offsets."""

from dataclasses import dataclass

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.partitions import TopicPartition


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """Committed offset, log start and log end of one group on one partition; ``None``: not known."""

    partition: TopicPartition
    committed_offset: int | None
    """The next offset to be read, from OffsetFetch; ``None``: nothing committed, or see `commit_fault`."""
    log_start_offset: int | None
    """The oldest offset still kept, from ListOffsets(earliest)."""
    log_end_offset: int | None
    """The next offset to be written, from ListOffsets(latest): the high watermark."""
    commit_fault: Fault | None = None
    """Why the commit is not known; ``None`` with no committed offset: nothing is committed."""
    end_fault: Fault | None = None
    """Why an end of the log is not known."""

    @property
    def lag(self) -> int | None:
        """Offsets still to read; ``None`` without a commit or an end; negative for a commit beyond the end
        (the topic was deleted and made again), which the pane marks.

        Source: LAG in ``kafka-consumer-groups --describe``.
        """
        if self.committed_offset is None or self.log_end_offset is None:
            return None
        return self.log_end_offset - self.committed_offset


@dataclass(frozen=True, slots=True)
class GroupLag:
    """Where one group stands on one topic. Commits were read before the ends: lag is never too small."""

    group_id: str
    topic: str
    partitions: tuple[PartitionLag, ...]
    """By partition number."""
    ends_taken_at: float
    """Monotonic seconds of the last ListOffsets answer."""
    fault: Fault | None = None
    """Why no commit of the group is known (e.g. ``GROUP_AUTHORIZATION_FAILED``); ``None``: they are."""
    topic_id: str | None = None
    """The id of the topic: one that is deleted and made again gets another. ``None``: not known."""
    commits_asked_at: float | None = None
    """Monotonic seconds at which OffsetFetch was sent; ``None``: not known."""
    commits_taken_at: float | None = None
    """Monotonic seconds of its answer; ``None``: not known."""
