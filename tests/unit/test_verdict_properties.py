"""Whatever readings come, and in whichever order: no two places show different verdicts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicLog, TopicPartition
from kafkatui.domain.lag.group_topic import AGAIN
from kafkatui.domain.lag.judging import Known
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.lag.standings import Outlook
from kafkatui.domain.lag.verdicts import WORST_FIRST, Verdict
from kafkatui.domain.problems import Problems
from tests.group_builders import classic, lag, member

PARTITIONS = 3
GROUPS = (
    classic(member("c1", 0, 1), member("c2", 2)),
    classic(member("c1", 0, 1)),
    classic(member("c1", subscription=None), state="PreparingRebalance"),
    classic(state="Empty"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens in some seconds, and who looks then."""

    seconds: float
    written: tuple[int, ...]
    read: tuple[float, ...]
    """Which part of the lag of each partition is committed."""
    rewound: bool
    unanswered: bool
    """The end of the last partition is not known."""
    group: Group
    sees: str
    """``lag``, ``cluster`` or ``both``."""


def steps(*, plain: bool = False) -> st.SearchStrategy[list[Step]]:
    """`plain`: nothing goes back or is not known, the members stay, and all is over in half a minute."""
    return st.lists(
        st.builds(
            Step,
            seconds=st.sampled_from([1.0, 1.5] if plain else [1.0, 2.0, 7.0, 40.0]),
            written=st.tuples(*[st.integers(0, 60)] * PARTITIONS),
            read=st.tuples(*[st.sampled_from([0.0, 0.0, 0.5, 1.0])] * PARTITIONS),
            rewound=st.just(False) if plain else st.sampled_from([False] * 9 + [True]),
            unanswered=st.just(False) if plain else st.sampled_from([False] * 4 + [True]),
            group=st.just(GROUPS[0]) if plain else st.sampled_from(GROUPS),
            sees=st.sampled_from(["lag", "cluster", "both"]),
        ),
        min_size=1,
        max_size=16 if plain else 25,
    )


Look = tuple[float, ClusterTopics, ClusterGroups] | GroupLag


def looks(course: list[Step]) -> Iterator[Look]:
    """What is read, in order of time."""
    now, ends, commits = 100.0, [50] * PARTITIONS, [40] * PARTITIONS
    for step in course:
        now += step.seconds
        for number in range(PARTITIONS):
            ends[number] += step.written[number]
            commits[number] += int((ends[number] - commits[number]) * step.read[number])
        if step.rewound:
            commits[0] = max(0, commits[0] - 30)
        known_ends = [*ends[:-1], None if step.unanswered else ends[-1]]
        if step.sees != "lag":
            offsets = {TopicPartition("orders", number): commits[number] for number in range(PARTITIONS)}
            topic = Topic("orders", tuple(Partition(n, 1, 0, (1,), (1,)) for n in range(PARTITIONS)))
            log = TopicLog((0,) * PARTITIONS, tuple(known_ends), now)
            yield (
                now,
                ClusterTopics(topics=(topic,), logs={"orders": log}),
                ClusterGroups(
                    (step.group,), {"billing": GroupCommits(offsets, taken_at=now)}, commits_taken_at=now
                ),
            )
        if step.sees != "cluster":
            yield lag(tuple(commits), known_ends, now + 0.2)


def take(outlook: Outlook, look: Look) -> None:
    if isinstance(look, GroupLag):
        for _ in outlook.observe_lag(look):
            pass
    else:
        for _ in outlook.observe(*look[1:]):
            pass


@settings(deadline=None, max_examples=150)
@given(steps())
def test_no_two_places_show_different_verdicts(course: list[Step]) -> None:
    outlook, problems = Outlook(), Problems()
    cluster: tuple[ClusterTopics, ClusterGroups] | None = None
    for look in looks(course):
        take(outlook, look)
        if isinstance(look, GroupLag):
            newest = look
        else:
            cluster = look[1:]
            newest = lag({}, [0] * PARTITIONS, look[0])
        if cluster is None:
            continue
        for _ in problems.observe(*cluster, outlook, newest.ends_taken_at):
            pass
        (standing,) = outlook.standings
        assert outlook.standing("billing", "orders") is standing
        assert outlook.readers["orders"] == ("billing",)
        usage = outlook.usage["orders"]
        assert usage.mark is standing.verdict.mark
        assert standing.verdict is Verdict.UNSET or usage.lag == standing.lag
        said = [one for one in problems.newest if one.group == "billing"]
        assert [one.mark for one in said] == (
            [standing.verdict.mark] if standing.verdict.mark >= Mark.WORSE else []
        )
        rows = [outlook.row("billing", "orders", one) for one in newest.partitions]
        found = [row.verdict for row in rows if row is not None]
        worst = next((verdict for verdict in WORST_FIRST if verdict in found), None)
        assert standing.verdict is (standing.verdict if worst is None else worst)
        assert worst is not None or standing.verdict not in WORST_FIRST
        assert standing.deciding == found.count(standing.verdict) or standing.verdict not in WORST_FIRST
        assert standing.lag is None or standing.lag >= 0
        assert (standing.lag is None) == bool(standing.unknown or standing.known_lag is None)
        known = outlook.judgements()["billing"].known
        assert (known is Known.NOT_KNOWN) == (standing.verdict is Verdict.UNKNOWN)
        assert (known is Known.PENDING) == (standing.verdict is Verdict.MEASURING)


@settings(deadline=None, max_examples=150)
@given(steps(plain=True), st.data())
def test_a_look_that_arrives_late_counts_as_if_in_time(course: list[Step], data: st.DataObject) -> None:
    """Of the two tasks one may be two looks behind the other.

    Where nothing moves a verdict is found again `AGAIN` seconds after the last time, which differs with the
    order of the looks. The last step comes later than that, so that both judge at the same look.
    """
    quiet = Step(1.0, (0,) * PARTITIONS, (0.0,) * PARTITIONS, False, False, GROUPS[0], "both")
    in_time = list(looks([quiet, *course, quiet, replace(quiet, seconds=AGAIN + 1)]))
    first, second, *order = range(len(in_time) - 4)
    arrives, newest = {}, 0
    for place in order:
        arrives[place] = place
        if isinstance(in_time[place], tuple):  # each task tells its looks in order
            arrives[place] = newest = max(newest, place + data.draw(st.sampled_from([0, 2])))
    order.sort(key=lambda place: arrives[place])
    one, other = Outlook(), Outlook()
    for look in in_time:
        take(one, look)
    for look in (*[in_time[place] for place in (first, second, *order)], *in_time[-4:]):
        take(other, look)
    assert verdict_of(one) == verdict_of(other)


def verdict_of(outlook: Outlook) -> tuple[Verdict, int | None] | None:
    standing = outlook.standing("billing", "orders")
    return None if standing is None else (standing.verdict, standing.lag)
