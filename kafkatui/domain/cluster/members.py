"""Members of a group: which descriptions are the same member, and names short enough for a row."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence

from kafkatui.domain.cluster.groups import Member
from kafkatui.domain.cluster.partitions import TopicPartition


def member_key(member: Member) -> str:
    """What makes two descriptions the same member: a static member that restarts gets a new member id, not a
    new row.
    """
    return member.member_id if member.group_instance_id is None else f"static {member.group_instance_id}"


def by_topic(partitions: Iterable[TopicPartition]) -> dict[str, tuple[int, ...]]:
    """Partition numbers by topic, in the order given."""
    numbers: dict[str, list[int]] = {}
    for topic, number in partitions:
        numbers.setdefault(topic, []).append(number)
    return {topic: tuple(found) for topic, found in numbers.items()}


def spans(partitions: Sequence[TopicPartition]) -> Iterator[tuple[str, Sequence[TopicPartition]]]:
    """Sorted partitions cut where another topic begins."""
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
    """A short unique name for each (key, member, name it had): the instance id, or the client id; members
    with the same client id get as much of their member id's random tail as tells them apart. A name that has
    its tail keeps it. Who is alone there with its client id is named so, whoever of it is `gone`.
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
    """A longer name for a member whose name another one has now."""
    return f"{name}-{_tail(member)[:4]}"


def _base(member: Member) -> str:
    return member.group_instance_id or member.client_id or member.member_id


def _tail(member: Member) -> str:
    return member.member_id.removeprefix(f"{_base(member)}-")
