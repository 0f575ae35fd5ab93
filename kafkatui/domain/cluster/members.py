"""Members of a group: keys that say which descriptions are of the same member, and short names for rows."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence

from kafkatui.domain.cluster.groups import Member
from kafkatui.domain.cluster.partitions import TopicPartition


def member_key(member: Member) -> str:
    """A key that is the same in all descriptions of one member: the group instance id of a static member,
    which gets a new member id when it restarts, else the member id.
    """
    return member.member_id if member.group_instance_id is None else f"static {member.group_instance_id}"


def by_topic(partitions: Iterable[TopicPartition]) -> dict[str, tuple[int, ...]]:
    """Partition numbers by topic, in the order given."""
    numbers: dict[str, list[int]] = {}
    for topic, number in partitions:
        numbers.setdefault(topic, []).append(number)
    return {topic: tuple(found) for topic, found in numbers.items()}


def spans(partitions: Sequence[TopicPartition]) -> Iterator[tuple[str, Sequence[TopicPartition]]]:
    """(topic, its partitions) for each topic among sorted partitions."""
    begin = 0
    while begin < len(partitions):
        topic = partitions[begin].topic
        end = bisect_right(partitions, topic, begin, key=_topic)
        yield topic, partitions[begin:end]
        begin = end


def _topic(partition: TopicPartition) -> str:
    return partition.topic


def ranges(numbers: Iterable[int]) -> str:
    """Sorted numbers as people write them: ``0–4 146``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return " ".join(str(a) if a == b else f"{a}–{b}" for a, b in parts)


def short_names(members: Iterable[tuple[str, Member, str]], gone: Collection[str] = ()) -> dict[str, str]:
    """A short unique name by member key; `members`: (key, member, the name it had or ``""``).

    The name is the group instance id, or the client id. Members with the same client id get as much of the
    random end of their member id as makes the names different; a name with such an end stays as it is. A
    member that is the only one with its client id apart from members that are `gone` is named by its client
    id alone.
    """
    names: dict[str, str] = {}
    alike: dict[str, list[tuple[str, str]]] = {}
    for key, member, had in members:
        base = _base(member)
        if had and had != base:
            names[key] = had
        alike.setdefault(base, []).append((key, _tail(member)))
    for base, group in alike.items():
        new = [(key, tail) for key, tail in group if key not in names]
        present = [key for key, _ in group if key not in gone] or [key for key, _ in new]
        if len(present) == 1 and present[0] not in names:
            names[present[0]] = base
            new = [(key, tail) for key, tail in new if key != present[0]]
        taken = {names[key] for key, _ in group if key in names}
        tails = [tail for _, tail in group]
        for number, (key, tail) in enumerate(new, 1):
            length = next(
                (n for n in range(4, len(tail)) if sum(t[:n] == tail[:n] for t in tails) == 1), len(tail)
            )
            name = f"{base}-{tail[:length]}" if tail else base
            while name in taken:
                name = f"{name}#{number}"
            taken.add(name)
            names[key] = name
    return names


def other_name(name: str, member: Member) -> str:
    """A longer name for a member whose short name belongs to another member now."""
    return f"{name}-{_tail(member)[:4]}"


def _base(member: Member) -> str:
    return member.group_instance_id or member.client_id or member.member_id


def _tail(member: Member) -> str:
    return member.member_id.removeprefix(f"{_base(member)}-")
