"""The rows of the list of all groups."""

from dataclasses import replace

import pytest

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits, GroupKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicLog, TopicPartition
from kafkatui.domain.lag.group_standing import GroupStandings, kind_of, totals
from kafkatui.domain.lag.standings import Outlook
from kafkatui.domain.lag.verdicts import Verdict
from tests.faults import coded
from tests.group_builders import classic, member

ENDS = {"orders": (100, 100), "clicks": (50,)}


def topics(at: float) -> ClusterTopics:
    return ClusterTopics(
        topics=tuple(
            Topic(name, tuple(Partition(n, 1, 0, (1,), (1,)) for n in range(len(ends))))
            for name, ends in ENDS.items()
        ),
        logs={name: TopicLog((0,) * len(ends), ends, at) for name, ends in ENDS.items()},
    )


def committed(at: float, **offsets: int) -> GroupCommits:
    """The same offset in each partition of a topic."""
    return GroupCommits(
        {TopicPartition(name, n): offset for name, offset in offsets.items() for n in range(len(ENDS[name]))},
        taken_at=at,
    )


BILLING = classic(member("c1", 0, 1), group_id="billing")
NIGHTLY = classic(group_id="nightly", state="Empty")
SECRET = Group("secret", GroupKind.CLASSIC, fault=coded("GROUP_AUTHORIZATION_FAILED"))
CONNECT = replace(NIGHTLY, group_id="connect-s3", protocol_type="connect", state="Stable")


def look(
    rows: GroupStandings, outlook: Outlook, at: float, groups: tuple[Group, ...], **commits: GroupCommits
) -> None:
    read = ClusterGroups(groups, commits, commits_taken_at=at)
    for _ in outlook.observe(topics(at + 1), read):
        pass
    for _ in rows.observe(read, outlook):
        pass


def test_every_group_has_a_row() -> None:
    rows, outlook = GroupStandings(), Outlook()
    groups = (BILLING, CONNECT, NIGHTLY, SECRET)
    look(
        rows,
        outlook,
        1.0,
        groups,
        **{
            "billing": committed(1.0, orders=90, clicks=50),
            "nightly": committed(1.0, clicks=43),
            "connect-s3": GroupCommits(taken_at=1.0),
        },
    )
    found = rows.rows
    assert list(found) == [group.group_id for group in sorted(groups, key=lambda one: one.group_id)] or set(
        found
    ) == {group.group_id for group in groups}
    billing, nightly, secret, connect = (
        found[name] for name in ("billing", "nightly", "secret", "connect-s3")
    )
    assert (billing.kind, billing.members, billing.topics, billing.lag) == ("classic", 1, 2, 20)
    assert billing.worst is not None
    assert billing.worst.topic == "orders"
    assert (nightly.verdict, nightly.members, nightly.lag) == (Verdict.STOPPED, 0, 7)
    assert (secret.members, secret.topics, secret.lag, secret.mark) == (None, None, None, Mark.DENIED)
    assert secret.word == "no right"
    assert (connect.kind, connect.topics, connect.lag, connect.word) == ("connect", 0, None, "no topic")
    assert totals(found.values()) == "1 stopped, 7 behind"


def test_rows_that_did_not_change_are_the_same_objects() -> None:
    rows, outlook = GroupStandings(), Outlook()
    groups = (BILLING, NIGHTLY)
    look(rows, outlook, 1.0, groups, billing=committed(1.0, orders=90), nightly=committed(1.0, clicks=43))
    before = rows.rows
    look(rows, outlook, 3.0, groups, billing=committed(3.0, orders=90), nightly=committed(3.0, clicks=43))
    assert rows.rows is before
    look(rows, outlook, 5.0, groups, billing=committed(5.0, orders=95), nightly=committed(5.0, clicks=43))
    assert rows.rows["billing"].lag == 10
    assert rows.rows["nightly"] is before["nightly"]
    look(rows, outlook, 7.0, (BILLING,), billing=committed(7.0, orders=95))
    assert set(rows.rows) == {"billing"}


@pytest.mark.parametrize(
    ("kind", "protocol_type", "called"),
    [
        (GroupKind.CLASSIC, "consumer", "classic"),
        (GroupKind.CLASSIC, "", "classic"),
        (GroupKind.CLASSIC, None, "classic"),
        (GroupKind.CLASSIC, "connect", "connect"),
        (GroupKind.UNKNOWN, "sr", "sr"),
        (GroupKind.UNKNOWN, "consumer", "unknown"),
        (GroupKind.CONSUMER, "consumer", "consumer"),
        (GroupKind.SHARE, "share", "share"),
    ],
)
def test_the_kind_of_a_group(kind: GroupKind, protocol_type: str | None, called: str) -> None:
    assert kind_of(Group("g", kind, protocol_type=protocol_type)) == called
