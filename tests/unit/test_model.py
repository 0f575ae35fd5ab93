"""The model: every reading is taken in once, and the view tells what is known of the selected pair."""

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import kafkatui
from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits, GroupKind
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicLog, TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.lag.history import LagHistory
from kafkatui.domain.lag.rates import TopicRates
from kafkatui.domain.lag.standings import Outlook
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.rebalance.ownership import Cell
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.watch.model import Model
from kafkatui.watch.view import ClusterView
from tests.faults import fault
from tests.group_builders import classic, generation, lag, member, rebalancing

NAMES = ("audit", "clicks", "orders")
TWO = classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5))
THREE = classic(member("c1", 0, 1), member("c2", 3, 4), member("c3", 2, 5))


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def topics(at: float, *names: str, end: int = 100, partitions: int = 6) -> Reading[ClusterTopics]:
    """A look at topics of six partitions."""
    names = names or NAMES
    found = tuple(
        Topic(name, tuple(Partition(n, 1, 0, (1,), (1,)) for n in range(partitions))) for name in names
    )
    logs = {name: TopicLog((0,) * partitions, (end,) * partitions, at + 0.1) for name in names}
    return Reading(ClusterTopics(topics=found, logs=logs), taken_at=at + 0.1)


def groups(
    at: float, *found: Group, notes: tuple[str, ...] = (), committed: int = 90
) -> Reading[ClusterGroups]:
    """A look at groups that have committed on orders."""
    offsets = {TopicPartition("orders", number): committed for number in range(6)}
    commits = {group.group_id: GroupCommits(offsets, taken_at=at) for group in found}
    described = tuple(replace(group, described_at=at) for group in found)
    return Reading(ClusterGroups(described, commits, notes, listed_at=at), taken_at=at)


def digested(model: Model) -> int:
    """Digest what was read; in how many pieces."""
    return sum(1 for _ in model.digest())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def model(clock: Clock) -> Model:
    """It has seen billing read orders, and shows that."""
    model = Model(clock)
    model.take_topics(topics(99.0))
    model.take_groups(groups(99.0, TWO))
    model.select("orders", "billing")
    digested(model)
    return model


def calls(monkeypatch: pytest.MonkeyPatch, of: type, name: str) -> list[tuple[object, ...]]:
    """What a method is called with from now on."""
    found: list[tuple[object, ...]] = []
    method = getattr(of, name)

    def noted(self: object, *args: object, **options: object) -> object:
        found.append(args)
        return method(self, *args, **options)

    monkeypatch.setattr(of, name, noted)
    return found


def test_each_reading_is_taken_in_once(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    fed = {
        one: calls(monkeypatch, *one)
        for one in (
            (Timeline, "observe_topics"),
            (Timeline, "observe"),
            (Timeline, "observe_log"),
            (TopicRates, "note"),
            (Outlook, "observe"),
            (LagHistory, "observe"),
            (GroupStory, "note_ends"),
        )
    }
    looks: list[tuple[Callable[[Any], None], Reading[Any]]] = [
        (model.take_topics, topics(101.0)),
        (model.take_groups, groups(101.0, THREE)),
        (model.take_lag, Reading(lag([90] * 6, [100] * 6, 101.0), taken_at=101.0)),
        (model.take_log, Reading(GroupLogNews(group_id="billing", up_to_date=True), taken_at=101.0)),
    ]
    for take, reading in looks:
        take(reading)
        take(
            replace(reading, fault=fault("no answer"), taken_at=reading.taken_at)
        )  # the last good value, again
    for _ in range(3):
        digested(model)
    assert {f"{of.__name__}.{name}": len(found) for (of, name), found in fed.items()} == {
        "Timeline.observe_topics": 1,
        "Timeline.observe": 1,
        "Timeline.observe_log": 1,
        "TopicRates.note": 1,
        "Outlook.observe": 1,
        "LagHistory.observe": 1,
        "GroupStory.note_ends": 1,
    }


def test_a_rebalance_of_the_selected_group_is_in_the_view_at_once(model: Model) -> None:
    seen: list[ClusterView] = []
    model.listen(seen.append)
    model.take_groups(groups(101.0, rebalancing("c1", "c2", "c3")))
    assert seen[-1].shown.map is not None
    assert seen[-1].shown.map.nobody == (0, 1, 2, 3, 4, 5)
    model.take_groups(groups(102.0, THREE))
    assert [row.name for row in seen[-1].shown.map.rows] == ["c1", "c2", "c3"]
    entry = seen[-1].shown.entries[0]
    assert not isinstance(entry, Deed)
    assert entry.joined == ("c3",)


def test_a_generation_of_the_log_is_in_the_view_at_once(model: Model) -> None:
    members = (member("c1", 0, 1), member("c2", 3, 4), member("c3", 2, 5))
    news = GroupLogNews((generation(5, 100.2, *members),), "billing", up_to_date=True)
    model.take_log(Reading(news, taken_at=100.3))
    entry = model.view.shown.entries[0]
    assert not isinstance(entry, Deed)
    assert (entry.generation, entry.joined) == (5, ("c3",))


def test_a_log_that_cannot_be_read_is_told_and_ends_what_it_told(model: Model) -> None:
    model.take_log(Reading(GroupLogNews(group_id="billing", up_to_date=True), taken_at=100.3))
    model.take_log(Reading(None, fault("no READ"), 100.3))
    assert model.view.shown.log_fault == fault("no READ")
    story = model.view.shown.story
    assert story is not None
    assert story.source == "looks"


def test_what_another_selection_showed_is_gone_at_once(model: Model) -> None:
    model.take_lag(Reading(lag([90] * 6, [100] * 6, 101.0), taken_at=101.0))
    views: list[ClusterView] = []
    model.listen(views.append)
    for topic, group in (("clicks", "billing"), ("clicks", "ledger"), (None, None), ("orders", None)):
        model.select(topic, group)
        shown = model.view.shown
        assert (shown.topic, shown.group) == (topic, group)
        assert shown.lag is None
        assert shown.history is None
        assert shown.map is None or (shown.map.topic, shown.map.group.group_id) == (topic, group)
        assert shown.standing is None
    for view in views:
        shown = view.shown
        assert shown.map is None or (shown.map.topic, shown.map.group.group_id) == (shown.topic, shown.group)
        assert shown.lag is None or (shown.lag.topic, shown.lag.group_id) == (shown.topic, shown.group)


def test_lag_of_another_pair_is_remembered_and_not_shown(model: Model) -> None:
    model.take_lag(Reading(lag([90] * 6, [100] * 6, 101.0, topic="clicks"), taken_at=101.0))
    assert model.view.shown.lag is None
    model.select("clicks", "billing")
    model.take_lag(Reading(lag([95] * 6, [100] * 6, 102.0, topic="clicks"), taken_at=102.0))
    history = model.view.shown.history
    assert history is not None
    assert history.spark(0, 24, 120.0).count(None) == 23
    assert history.newest is model.view.shown.lag


def test_owners_are_those_of_the_map(model: Model) -> None:
    shown = model.view.shown
    assert shown.map is not None
    assert shown.map.owners == {0: "c1", 1: "c1", 2: "c1", 3: "c2", 4: "c2", 5: "c2"}


def test_the_lag_of_the_selected_pair_is_judged_at_once_and_by_the_one_engine(model: Model) -> None:
    model.take_lag(Reading(lag([90] * 6, [100] * 6, 101.0), taken_at=101.0))
    shown = model.view.shown
    assert shown.standing is not None
    assert shown.standing.known_lag == 60
    digested(model)
    assert [one for one in model.view.groups.standings if one.topic == "orders"] == [
        model.view.shown.standing
    ]


def test_a_group_that_does_not_exist_reads_nothing(model: Model) -> None:
    model.select("clicks", "nobody")
    look = replace(lag([None] * 6, [100] * 6, 101.0, topic="clicks"), group_id="nobody")
    model.take_lag(Reading(look, taken_at=101.0))
    digested(model)
    assert model.view.shown.lag is look
    assert model.view.groups.readers("clicks") == ()


def test_while_the_cluster_is_digested_a_lag_waits_for_its_turn(model: Model) -> None:
    model.take_groups(groups(101.0, THREE))
    digest = model.digest()
    next(digest)
    model.take_lag(Reading(lag([95] * 6, [100] * 6, 101.0), taken_at=101.0))
    assert model.view.shown.lag is not None
    assert model.view.shown.standing is None or model.view.shown.standing.known_lag != 30
    for _ in digest:
        pass
    assert model.view.shown.standing is not None
    assert model.view.shown.standing.known_lag == 30


def test_parts_that_stay_as_they_were_are_the_same_objects(model: Model, clock: Clock) -> None:
    before = model.view
    clock.at += 1
    model.take_groups(groups(clock.at, TWO))
    digested(model)
    after = model.view
    assert after.version > before.version
    assert after.shown is before.shown
    assert after.topics is before.topics
    assert (
        after.groups.standings is before.groups.standings or after.groups.standings == before.groups.standings
    )
    assert after.problems is before.problems
    assert after.shown.story is not None
    assert after.shown.story.looked_at == clock.at


def test_a_group_that_is_not_listed_any_more_has_vanished_and_comes_back(model: Model) -> None:
    model.take_groups(groups(101.0, classic(group_id="audit")))
    assert model.view.groups.vanished == {"billing": 101.0}
    assert model.view.shown.vanished_at == 101.0
    assert model.view.shown.map is None
    model.take_groups(groups(102.0, classic(group_id="audit"), TWO))
    assert model.view.groups.vanished == {}
    assert model.view.shown.vanished_at is None
    assert model.view.shown.map is not None


def test_while_a_broker_does_not_list_its_groups_none_vanishes(model: Model) -> None:
    model.take_groups(groups(101.0, notes=("broker 2 did not list its groups",)))
    assert model.view.groups.vanished == {}


def test_the_group_of_the_deck_does_not_vanish_and_begins_with_nobody(model: Model) -> None:
    model.take_deck("deck-1", ["orders"])
    model.select("orders", "deck-1")
    shown = model.view.shown
    assert shown.listed
    assert shown.map is not None
    assert (shown.map.group.state, shown.map.members) == ("Dead", 0)
    model.take_groups(groups(101.0, TWO, replace(TWO, group_id="deck-1")))
    model.take_groups(groups(102.0, TWO))
    assert model.view.groups.vanished == {}
    assert shown.groups == ("billing", "deck-1")


def test_a_consumer_of_ours_that_stands_still_keeps_its_row_as_long_as_it_does(
    model: Model, clock: Clock
) -> None:
    model.take_deck("billing", ["orders"], {"c2": "frozen"})
    one = classic(member("c1", 0, 1, 2, 3, 4, 5))
    for clock.at in (101.0, 120.0, 170.0):
        model.take_groups(groups(clock.at, one))
    shown = model.view.shown
    assert shown.map is not None
    assert [row.name for row in shown.map.rows] == ["c1"]
    assert [row.name for row in shown.out] == ["c2"]
    model.take_deck("billing", ["orders"], {})
    assert model.view.shown.out == ()


def test_what_nobody_looks_at_is_remembered_the_same(clock: Clock) -> None:
    """A pane asks for a map, verdicts and lanes, or none does: nothing known becomes another."""
    asked, silent = Model(clock), Model(clock)
    story = ((1.0, TWO), (2.0, rebalancing("c1", "c2")), (20.0, rebalancing("c1", "c2")), (21.0, THREE))
    for clock.at, group in story:
        for one in (asked, silent):
            one.select("orders", "billing")
            one.take_topics(topics(clock.at))
            one.take_groups(groups(clock.at, group))
            one.take_lag(Reading(lag([90] * 6, [100] * 6, clock.at), taken_at=clock.at))
            digested(one)
        shown = asked.view.shown
        assert shown.story is not None
        assert shown.history is not None
        for topic in ("orders", "clicks"):
            shown.story.map(topic, 6)
        asked.view.groups.outlook.row("billing", "orders", lag([90], [100], clock.at).partitions[0])
        shown.story.lanes.lane("c1", 30, 60)
        asked.view.happened.timeline.recent(500)
    mine, other = asked.view.shown, silent.view.shown
    assert mine.map == other.map
    assert mine.entries == other.entries
    assert asked.view.problems == silent.view.problems
    assert asked.view.groups.standings == silent.view.groups.standings


def test_who_reads_a_topic_comes_with_the_digest_and_the_deck_with_it(model: Model) -> None:
    assert list(model.view.shown.groups or ()) == ["billing"]
    assert model.view.groups.readers("orders") == ("billing",)
    assert model.view.topics.usage is not None
    assert model.view.topics.usage["orders"].groups == 1
    model.take_deck("deck-1", ["orders"])
    assert list(model.view.shown.groups or ()) == ["billing", "deck-1"]


def test_a_deed_is_in_the_log_at_once(model: Model) -> None:
    model.note(Deed(Act.CRASH, 100.5, "billing", "c1"))
    assert model.view.shown.entries[0] == Deed(Act.CRASH, 100.5, "billing", "c1")


def test_listeners_hear_of_a_view_once_and_only_of_newer_ones(model: Model) -> None:
    versions: list[int] = []
    stop = model.listen(lambda view: versions.append(view.version))
    model.take_groups(groups(101.0, THREE))
    model.select("clicks", "billing")
    model.select("clicks", "billing")
    assert versions == sorted(set(versions))
    assert len(versions) == 2
    stop()
    model.select("orders", "billing")
    assert len(versions) == 2


def test_a_listener_may_select(model: Model) -> None:
    def choose(view: ClusterView) -> None:
        if view.shown.group is None:
            model.select(view.shown.topic, "billing")

    model.listen(choose)
    model.select("clicks", None)
    assert (model.view.shown.topic, model.view.shown.group) == ("clicks", "billing")


def test_a_broker_that_is_gone_was_seen(model: Model) -> None:
    from kafkatui.domain.cluster.partitions import Broker

    both = (Broker(1, "127.0.0.1", 9092), Broker(2, "127.0.0.1", 9093))
    first = topics(101.0).value
    assert first is not None
    model.take_topics(Reading(replace(first, brokers=both), taken_at=101.0))
    model.take_topics(Reading(replace(first, brokers=both[:1]), taken_at=102.0))
    assert model.view.topics.brokers_seen == {1, 2}


def test_a_large_cluster_is_digested_in_pieces(clock: Clock) -> None:
    names = [f"topic-{number:04}" for number in range(1000)]
    model = Model(clock)
    model.take_topics(topics(99.0, *names, partitions=10))
    found = [
        Group(
            f"group-{number:03}",
            GroupKind.CLASSIC,
            "Stable",
            members=(member("c1", *range(10), topic=names[number]),),
            described_at=99.0,
        )
        for number in range(300)
    ]
    commits = {
        group.group_id: GroupCommits(
            {TopicPartition(name, n): 0 for name in names[place : place + 40] for n in range(10)},
            taken_at=99.0,
        )
        for place, group in enumerate(found)
    }
    model.take_groups(Reading(ClusterGroups(tuple(found), commits), taken_at=99.0))
    assert digested(model) > 20


# who may write


WRITERS = {
    "observe",
    "observe_topics",
    "observe_log",
    "observe_generation",
    "note",
    "note_ends",
    "note_commits",
    "log_read_up_to",
    "forget_commits",
    "watch_owners",
    "absent",
    "forget",
    "look",
    "topics_lost_partitions",
}
"""Methods that write what is remembered of groups."""


def writes(source: Path) -> Iterator[str]:
    """Calls in a file of a writing method of a timeline, a story, a history or an outlook."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS:
            owner = ast.unparse(node.func.value)
            if any(word in owner for word in ("timeline", "story", "histor", "outlook", "rates", "view.")):
                yield f"{source.name}:{node.lineno} {owner}.{node.func.attr}"


def test_only_the_model_writes_what_is_remembered() -> None:
    root = Path(kafkatui.__file__).parent
    drawing = [path for room in ("panes", "screens", "widgets") for path in (root / room).rglob("*.py")]
    assert [found for path in (*drawing, root / "app.py") for found in writes(path)] == []
    assert list(writes(root / "watch" / "model.py"))


def test_a_model_needs_no_textual() -> None:
    """Checked in a process of its own by `test_headless`; here: nothing in watch/ names it."""
    root = Path(sys.modules["kafkatui"].__file__ or "").parent / "watch"
    for path in root.glob("*.py"):
        assert "textual" not in path.read_text().replace("No Textual", "").lower(), path


def test_cells_of_the_map_are_told_as_they_were(model: Model) -> None:
    model.take_groups(groups(101.0, THREE))
    found = model.view.shown.map
    assert found is not None
    assert found.rows[2].cell(2) is Cell.CAME
