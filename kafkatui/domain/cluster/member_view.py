"""The members of one group for its page: which partitions each has, shall have and still has to move
(KIP-848), and how much of the lag is its.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kafkatui.domain.cluster.groups import Group, GroupCommits, Member
from kafkatui.domain.cluster.members import member_key, short_names
from kafkatui.domain.cluster.partitions import TopicLog, TopicPartition


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member."""

    name: str
    """Its short name, unique in the group."""
    member: Member
    gives_up: tuple[TopicPartition, ...] = ()
    """KIP-848: partitions that it has and shall no longer have, sorted."""
    waits_for: tuple[TopicPartition, ...] = ()
    """KIP-848: partitions that it shall have and has not yet, sorted."""
    blocked_by: tuple[str, ...] = ()
    """Names of the members that still have what it waits for."""
    blocks: tuple[str, ...] = ()
    """Names of the members that wait for what it gives up."""
    lag: int | None = None
    """Offsets still to read in its partitions that have a commit, summed; ``None``: an end or the commits are
    not known, or it has no partition with a commit.
    """


def member_rows(
    group: Group, commits: GroupCommits | None, logs: Mapping[str, TopicLog]
) -> tuple[MemberRow, ...]:
    """The members in order of their names; empty also if they are not known. `commits`: ``None``, not known;
    `logs`: by topic.
    """
    members = group.members or ()
    keys = [(member_key(member), member, "") for member in members]
    names = short_names(keys)
    named = {member.member_id: names[key] for key, member, _ in keys}
    has: dict[TopicPartition, str] = {}
    shall: dict[TopicPartition, str] = {}
    for member in members:
        has.update((partition, named[member.member_id]) for partition in member.assignment)
        shall.update((partition, named[member.member_id]) for partition in member.target or ())
    rows = []
    for member in members:
        gives: tuple[TopicPartition, ...] = ()
        waits: tuple[TopicPartition, ...] = ()
        if member.target is not None:
            now, then = set(member.assignment), set(member.target)
            gives, waits = tuple(sorted(now - then)), tuple(sorted(then - now))
        name = named[member.member_id]
        rows.append(
            MemberRow(
                name,
                member,
                gives,
                waits,
                _names((has.get(partition) for partition in waits), name),
                _names((shall.get(partition) for partition in gives), name),
                _lag(member.assignment, commits, logs),
            )
        )
    return tuple(sorted(rows, key=lambda row: row.name))


def _names(found: Iterable[str | None], own: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in found if name not in {None, own} and name is not None))


def _lag(
    partitions: Sequence[TopicPartition], commits: GroupCommits | None, logs: Mapping[str, TopicLog]
) -> int | None:
    if commits is None or commits.fault is not None:
        return None
    lag: int | None = None
    for partition in partitions:
        committed = commits.offsets.get(partition)
        if partition in commits.faults:
            return None
        if committed is None:
            continue
        log = logs.get(partition.topic)
        end = log.ends[partition.partition] if log and partition.partition < len(log.ends) else None
        if end is None:
            return None
        lag = (lag or 0) + max(0, end - committed)
    return lag


def to_blame(rows: Sequence[MemberRow]) -> tuple[str, float] | None:
    """The member with most of the lag, and its part of the whole from 0 to 1; ``None``: no member has half of
    it or more, or there are fewer than two members, or the lag is small.
    """
    lags = {row.name: row.lag or 0 for row in rows}
    total = sum(lags.values())
    if len(rows) < 2 or total < SMALL_LAG:
        return None
    name = max(lags, key=lambda one: lags[one])
    return (name, lags[name] / total) if lags[name] * 2 >= total else None


SMALL_LAG = 100
"""Offsets: with less lag nobody is to blame."""
