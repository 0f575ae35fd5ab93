"""The stories of all groups: their bounds, the newest rebalances, and storms."""

from dataclasses import replace

import pytest

from kafkatui.domain.cluster.groups import ClusterGroups, Group
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.lag.standings import Outlook
from kafkatui.domain.problems import Problem, Problems
from kafkatui.domain.rebalance import timeline as bounds
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.rebalance.rebalances import Source
from kafkatui.domain.rebalance.timeline import Timeline
from tests.faults import coded
from tests.group_builders import classic, generation, member, rebalancing
from tests.work import lines_run_by_piece

LONE = classic(member("c1", 0, 1))
PAIR = classic(member("c1", 0), member("c2", 1))


def named(group: Group, name: str) -> Group:
    return replace(group, group_id=name)


def see(timeline: Timeline, at: float, *groups: Group) -> int:
    """Take in one look at these groups; in how many pieces of work."""
    return sum(1 for _ in timeline.observe(ClusterGroups(groups), at))


def swapping(*looks: tuple[str, float, int]) -> Timeline:
    """For each (group, begin, count): from that second on a member joins or leaves every second."""
    timeline = Timeline()
    times = {name: [begin + number for number in range(1 + often)] for name, begin, often in looks}
    for at in sorted({time for found in times.values() for time in found}):
        shown = [
            named((LONE, PAIR)[found.index(at) % 2], name) for name, found in times.items() if at in found
        ]
        see(timeline, at, *shown)
    return timeline


def test_recent_rebalances_of_all_groups() -> None:
    timeline = swapping(("billing", 0.0, 2), ("search", 0.5, 1))
    recent = timeline.recent(3)
    assert [(name, event.started_at) for name, event in recent] == [
        ("billing", 2.0),
        ("search", 1.5),
        ("billing", 1.0),
    ]
    assert len(timeline.recent(100)) == 4  # "search" was not there at the first look, so both joined


def test_a_description_has_the_time_at_which_it_was_made() -> None:
    timeline = Timeline()
    see(timeline, 5.0, replace(LONE, described_at=4.2))
    assert timeline.story("billing").looked_at == 4.2


def test_deeds_go_into_the_story_of_their_group() -> None:
    timeline = swapping(("billing", 0.0, 1))
    deed = Deed(Act.JOIN, 0.5, "billing", "c2")
    timeline.note(deed)
    assert timeline.story("billing").effect(deed) == timeline.recent(1)[0][1]


def test_the_log_has_the_watched_group_and_others_of_its_partition() -> None:
    timeline = swapping(("billing", 0.0, 0), ("search", 0.0, 0))
    pair = generation(7, 0.8, *(PAIR.members or ()))
    other = replace(generation(3, 0.9, *(PAIR.members or ())), group_id="search")
    unknown = replace(pair, group_id="elsewhere")
    timeline.observe_log(GroupLogNews((pair, other, unknown), "billing", up_to_date=True), 1.0)
    assert timeline.story("billing").source is Source.LOG
    assert timeline.story("search").source is Source.LOOKS
    assert [event.generation for _, event in timeline.recent(2)] == [3, 7]
    assert {name for name, _ in timeline.recent(9)} == {"billing", "search"}, "not elsewhere"
    for news in (
        GroupLogNews((), "billing", up_to_date=False),
        GroupLogNews((), "billing", up_to_date=True, skipped=1),
    ):
        timeline.observe_log(GroupLogNews((), "billing", up_to_date=True), 2.0)
        assert timeline.story("billing").source is Source.LOG
        timeline.observe_log(news, 3.0)
        assert timeline.story("billing").source is Source.LOOKS


def test_the_log_may_come_before_the_first_look() -> None:
    timeline = Timeline()
    written = generation(7, 0.8, *(PAIR.members or ()))
    timeline.observe_log(GroupLogNews((written,), written.group_id, up_to_date=True), 1.0)
    see(timeline, 1.5, PAIR)
    assert timeline.story(written.group_id).generation == 7


@pytest.mark.parametrize(
    ("now", "storms"), [(3.0, {"billing": 3}), (61.0, {"billing": 3}), (61.5, {}), (200.0, {})]
)
def test_a_storm_is_three_in_a_minute(now: float, storms: dict[str, int]) -> None:
    assert swapping(("billing", 0.0, 3), ("search", 0.0, 2)).storms(now) == storms


def test_the_least_recently_changed_groups_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "KEPT_STORIES", 2)
    timeline = Timeline()
    see(timeline, 0.0, named(LONE, "a"), named(LONE, "b"), named(LONE, "c"))
    for at, changed in ((1.0, "b"), (2.0, "a"), (3.0, "c")):
        see(timeline, at, *(named(PAIR if changed == name else LONE, name) for name in "abc"))
    assert {name for name, _ in timeline.recent(9)} == {"a", "c"}, "b is forgotten"
    for name in "ac":
        assert len(timeline.story(name).events) > 1
    assert [event.first for event in timeline.story("b").events] == [True], "it begins with what is seen"


def stories(timeline: Timeline) -> list[str]:
    """The groups that have a story."""
    return list(timeline._stories)


def test_a_story_begins_with_the_first_change_of_its_group() -> None:
    timeline = Timeline()
    names = [f"g{number}" for number in range(50)]
    for at in range(20):
        see(timeline, float(at), *(replace(named(LONE, name), described_at=float(at)) for name in names))
    assert stories(timeline) == []
    see(timeline, 20.0, *(named(PAIR if name == "g7" else LONE, name) for name in names))
    assert stories(timeline) == ["g7"]
    change, first = timeline.story("g7").events
    assert (change.joined, first.first) == (("c2",), True)
    assert (first.started_at, change.started_at) == (0.0, 20.0)
    assert change.at_most == 1.0, "the look before told the members at 19"


def test_a_story_that_is_asked_for_begins_with_the_first_look() -> None:
    timeline = Timeline()
    for at in range(5):
        see(timeline, float(at), replace(LONE, described_at=float(at)))
    story = timeline.story("billing")
    assert (story.looked_at, story.events[0].started_at) == (4.0, 0.0)


def test_a_group_without_descriptions_has_no_story_and_keeps_its_last_time() -> None:
    timeline = Timeline()
    lost = replace(LONE, members=None, fault=coded("NOT_COORDINATOR"))
    for at, group in ((0.0, LONE), (1.0, LONE), (2.0, lost), (3.0, lost)):
        see(timeline, at, group)
    assert stories(timeline) == []
    see(timeline, 4.0, PAIR)
    change = timeline.story("billing").events[0]
    assert (change.joined, change.at_most) == (("c2",), 3.0), "it was last seen at 1"


def test_many_groups_that_never_change_cost_no_story_however_often_they_are_seen() -> None:
    timeline = Timeline()
    groups = tuple(named(PAIR, f"g{number:05}") for number in range(5_000))
    assert see(timeline, 0.0, *groups) <= len(groups) // 500
    for at in range(1, 50):
        assert sum(1 for _ in timeline.observe(ClusterGroups(groups), float(at))) == 0
    assert stories(timeline) == []


def test_a_group_that_was_deleted_and_made_again_is_a_new_one() -> None:
    timeline = Timeline()
    other = named(LONE, "a")
    for at, groups in enumerate([(other, LONE), (other,), (other,), (other, PAIR)]):
        see(timeline, float(at), *groups)
    event = timeline.story("billing").events[0]
    assert (event.joined, event.first) == (("c1", "c2"), False)


def test_rebalances_are_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "KEPT_WEIGHT", 110)
    timeline = swapping(("a", 0.0, 20), ("b", 0.5, 20), ("c", 30.0, 20))
    kept = [len(timeline.story(name).events) for name in "abc"]
    assert kept == [bounds.SPARED, bounds.SPARED, 22]
    assert sum(timeline.story(name).weight for name in "abc") <= 110


def test_groups_that_are_the_same_objects_are_skipped() -> None:
    timeline = Timeline()
    groups = tuple(named(PAIR, f"g{number}") for number in range(250))
    see(timeline, 0.0, *groups)
    version = timeline.story("g3").version
    assert see(timeline, 1.0, *groups) == 0
    assert timeline.story("g3").version == version


@pytest.mark.parametrize(
    ("notes", "joined", "moves"), [((), ("c1", "c2"), 2), (("broker 2 did not list its groups",), (), None)]
)
def test_a_group_that_was_not_there_had_no_members(
    notes: tuple[str, ...], joined: tuple[str, ...], moves: int | None
) -> None:
    timeline = Timeline()
    for _ in timeline.observe(ClusterGroups((named(LONE, "a"),), notes=notes), 0.0):
        pass
    join = Deed(Act.JOIN, 0.5, "billing", "c1")
    timeline.note(join)
    see(timeline, 1.0, named(LONE, "a"), rebalancing("c1", "c2"))
    see(timeline, 1.5, named(LONE, "a"), PAIR)
    event = timeline.story("billing").events[0]
    assert event.joined == joined
    assert (None if event.moves is None else len(event.moves)) == moves
    assert event.took is None
    assert (timeline.story("billing").effect(join) == event) == bool(joined)


def test_the_first_generation_of_a_new_group_may_come_before_the_first_look() -> None:
    timeline = Timeline()
    see(timeline, 10.0, named(LONE, "a"))
    old, new = generation(7, -60.0, *(PAIR.members or ())), generation(1, 9.9, *(PAIR.members or ()))
    timeline.note(Deed(Act.JOIN, 9.8, "billing", "c1"))
    timeline.observe_log(GroupLogNews((old, new), "billing", up_to_date=True), 10.2)
    see(timeline, 10.4, named(LONE, "a"), PAIR)
    events = timeline.story("billing").events
    assert [(event.generation, event.joined, event.ended_at) for event in events] == [
        (1, ("c1", "c2"), 9.9),
        (None, (), 9.65),
    ]


def busy(number: int, groups: int, partitions: int, members: int) -> tuple[Group, ...]:
    return tuple(
        named(
            classic(
                *(
                    member(f"m{place:02}", *range((place + number) % members, partitions, members))
                    for place in range(members)
                )
            ),
            f"g{group:03}",
        )
        for group in range(groups)
    )


@pytest.mark.parametrize(
    ("groups", "partitions", "members"), [(200, 100, 5), (1, 200, 40), (1, 10_000, 40), (1, 10_000, 1)]
)
def test_no_step_is_long(groups: int, partitions: int, members: int) -> None:
    timeline = Timeline()
    for at in range(6):
        read = ClusterGroups(busy(at // 2, groups, partitions, members))
        assert max(lines_run_by_piece(timeline.observe(read, float(at)))) < 40_000


def problems(storms: dict[str, int], *groups: Group) -> tuple[Problem, ...]:
    found, outlook = Problems(), Outlook()
    for _ in outlook.observe(ClusterTopics(), ClusterGroups(groups)):
        pass
    for _ in found.observe(ClusterTopics(), ClusterGroups(groups), outlook, 5.0, storms=storms):
        pass
    return found.newest


def test_a_storm_is_a_problem() -> None:
    assert problems({"search": 3}) == (
        Problem(Mark.WORSE, None, "search", "3 rebalances in the last minute", 5.0),
    )
    assert problems({}) == ()


def test_a_storm_is_shown_at_a_topic_the_group_reads() -> None:
    (one,) = problems({"search": 4}, named(PAIR, "search"), named(LONE, "a"))
    assert (one.topic, one.group) == ("orders", "search")


def test_many_storms_are_one_line() -> None:
    (one,) = problems({f"g{number}": 3 + number for number in range(5)})
    assert (one.group, one.text) == ("g4", "7 rebalances in the last minute, and 4 other groups")


@pytest.mark.parametrize(
    ("sizes", "lost"),
    [
        pytest.param([6, 6, 6], {"orders": 3}, id="it is there"),
        pytest.param([6, 6, 0], {}, id="deleted"),
        pytest.param([6, 0, 0], {}, id="deleted, which is seen first"),
        pytest.param([6, 0, 6], {}, id="deleted, and made again later"),
        pytest.param([6, 4, 4], {"orders": 1}, id="made again with fewer"),
        pytest.param([0, 0, 0], {"orders": 3}, id="never listed: this user may not describe it"),
        pytest.param([6, None, None], {"orders": 3}, id="only an error is told of it"),
    ],
)
def test_deleted_partitions_are_not_without_an_owner(sizes: list[int | None], lost: dict[str, int]) -> None:
    def topics(size: int | None) -> ClusterTopics:
        parts = tuple(Partition(number, 1, 0, (1,), (1,)) for number in range(size or 0))
        error = coded("LEADER_NOT_AVAILABLE") if size is None else None
        return ClusterTopics(topics=() if size == 0 else (Topic("orders", parts, error=error),))

    timeline = Timeline()
    timeline.observe_topics(topics(sizes[0]), 0.0)
    see(timeline, 1.0, classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5)))
    timeline.observe_topics(topics(sizes[1]), 2.0)
    see(timeline, 3.0, classic(member("c1", 0, 1, 2), member("c2")))
    timeline.observe_topics(topics(sizes[2]), 4.0)
    assert timeline.story("billing").events[0].abandoned == lost


def test_partitions_without_an_owner_before_their_topic_was_deleted_count() -> None:
    parts = tuple(Partition(number, 1, 0, (1,), (1,)) for number in range(6))
    timeline = Timeline()
    see(timeline, 1.0, classic(member("c1", *range(6))))
    see(timeline, 2.0, classic(state="Empty"))
    timeline.observe_topics(ClusterTopics(topics=(Topic("orders", parts),)), 5.0)
    timeline.observe_topics(ClusterTopics(), 15.0)
    assert timeline.story("billing").events[0].abandoned == {"orders": 6}


def test_rebalances_and_deeds_of_the_deck_are_in_one_list_newest_first() -> None:
    timeline = swapping(("audit", 0.0, 1), ("billing", 10.0, 2))
    timeline.note(Deed(Act.CRASH, 11.5, "billing", "c2"))
    told = timeline.happened(10)
    assert [(one.subject, one.at) for one in told] == [
        ("billing", 12.0),
        ("billing", 11.5),
        ("billing", 11.0),
        ("billing", 10.0),
        ("audit", 1.0),
    ]
    assert all(one.sentence.endswith(".") for one in told)
    assert [one.at for one in timeline.happened(2)] == [12.0, 11.5]
