"""Groups, commits and lag for tests, written as short as people say them."""

from collections.abc import Mapping, Sequence

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import Group, GroupKind, Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.lag.lag import GroupLag, PartitionLag
from kafkatui.domain.rebalance.generations import Generation


def parts(topic: str, *numbers: int) -> tuple[TopicPartition, ...]:
    return tuple(TopicPartition(topic, number) for number in numbers)


def member(
    client: str,
    *numbers: int,
    topic: str = "orders",
    tail: str = "aaaa-1111",
    instance: str | None = None,
    subscription: tuple[str, ...] | None = ("orders",),
    target: Sequence[int] | None = None,
    host: str = "10.0.0.7",
    epoch: int | None = None,
) -> Member:
    """`member("c1", 0, 1)`: client c1 owns orders/0 and orders/1."""
    return Member(
        member_id=f"{client}-{tail}",
        client_id=client,
        host=host,
        group_instance_id=instance,
        assignment=parts(topic, *numbers),
        subscription=subscription,
        target=None if target is None else parts(topic, *target),
        epoch=epoch,
    )


def classic(*members: Member, state: str = "Stable", group_id: str = "billing") -> Group:
    return Group(group_id, GroupKind.CLASSIC, state, "sticky" if members else None, 1, members)


def rebalancing(*clients: str) -> Group:
    """A classic group that rebalances tells neither assignments nor subscriptions."""
    return classic(*(member(client, subscription=None) for client in clients), state="PreparingRebalance")


def generation(number: int, at: float, *members: Member, assignor: str = "sticky") -> Generation:
    """What the coordinator of billing wrote down at `at`."""
    return Generation("billing", number, assignor if members else None, members, at)


def consumer(*members: Member, state: str = "Stable", epoch: int = 17) -> Group:
    return Group("search", GroupKind.CONSUMER, state, "uniform", 1, members, epoch, epoch)


def lag(
    committed: Mapping[int, int | None] | Sequence[int | None],
    ends: Sequence[int | None],
    at: float,
    *,
    starts: Sequence[int | None] | None = None,
    commit_faults: Mapping[int, Fault] | None = None,
    end_faults: Mapping[int, Fault] | None = None,
    topic: str = "orders",
) -> GroupLag:
    """Where billing stands on a topic; partition numbers are places."""
    commits = dict(enumerate(committed)) if not isinstance(committed, Mapping) else committed
    return GroupLag(
        "billing",
        topic,
        tuple(
            PartitionLag(
                TopicPartition(topic, number),
                commits.get(number),
                0 if starts is None else starts[number],
                end,
                (commit_faults or {}).get(number),
                (end_faults or {}).get(number),
            )
            for number, end in enumerate(ends)
        ),
        at,
    )
