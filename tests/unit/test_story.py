"""The story of a group from two sources: looks at it, and the generations in its log."""

from dataclasses import replace

import pytest

from kafkatui.domain.cluster.groups import Group, GroupKind, Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed, Report, ReportKind
from kafkatui.domain.rebalance.causes import CLOCKS
from kafkatui.domain.rebalance.generations import Commit, Generation
from kafkatui.domain.rebalance.lanes import Lane
from kafkatui.domain.rebalance.rebalances import Rebalance, Source
from kafkatui.domain.rebalance.story import GroupStory
from tests.group_builders import classic, consumer, generation, member, parts, rebalancing

ONE = classic(member("c1", 0, 1, 2, 3, 4, 5))
TWO = classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5))
THREE = classic(member("c1", 0, 1), member("c2", 3, 4), member("c3", 2, 5))

News = Group | Generation | Deed | Report | None


def story(*told: tuple[float, News]) -> GroupStory:
    """A story that takes in this news in this order: (time, a look, a generation, a deed or a report);
    ``None``: the log is read up to that time.
    """
    found = GroupStory()
    for at, news in told:
        match news:
            case Group():
                found.observe(news, at)
            case Generation():
                found.observe_generation(news)
            case None:
                found.log_read_up_to(at)
            case _:
                found.note(replace(news, at=at))
    return found


def in_short(event: Rebalance) -> str:
    """A rebalance in a line: ``7 log +c3 -c1 moved 2 at 10.0 0.6-2.2``."""
    parts = [f"{event.generation} {event.source}"]
    parts += [f"+{name}" for name in event.joined] + [f"-{name}" for name in event.gone]
    if event.moves is not None and event.moved:
        parts.append(f"moved {sum(event.moved.values())}")
    parts.append("goes on" if event.ended_at is None else f"at {event.ended_at:g}")
    if event.took_at_most is not None:
        parts.append(f"{event.took_at_least:.3g}-{event.took_at_most:.3g}")
    return " ".join(parts)


def gen(number: int, at: float, group: Group) -> Generation:
    return generation(number, at, *(group.members or ()))


PAUSE = rebalancing("c1", "c2", "c3")
SAME = rebalancing("c1", "c2")


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        pytest.param(
            [(0, TWO), (1, PAUSE), (2, THREE)], ["None looks +c3 moved 2 at 2 0-2"], id="looks alone"
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, PAUSE), (1.5, PAUSE), (2.1, gen(5, 1.8, THREE)), (2.2, THREE)],
            ["5 log +c3 moved 2 at 1.8 0.8-1.8"],
            id="the generation comes before the look that shows it",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, PAUSE), (2, THREE), (2.1, gen(5, 1.8, THREE))],
            ["5 log +c3 moved 2 at 1.8 0.8-1.8"],
            id="the look waits for its generation",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, THREE), (1.3, THREE), (1.9, THREE)], [], id="it waits up to a second"
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, THREE), (1.5, THREE), (2, THREE), (2.3, THREE)],
            ["None looks +c3 moved 2 at 1 0-1"],
            id="and no longer",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, THREE), (2.1, None)],
            ["None looks +c3 moved 2 at 1 0-1"],
            id="nor if no other look comes",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, THREE), (1.2, None), (2.5, THREE), (3, gen(5, 0.9, THREE))],
            ["5 log +c3 moved 2 at 0.9 0-0.9"],
            id="a generation that comes late lends its number and its time",
        ),
        pytest.param(
            [(0, TWO), (1, THREE), (3, gen(5, 0.5, ONE)), (3, gen(6, 0.9, THREE))],
            ["6 log +c2 +c3 moved 4 at 0.9 0-0.4", "5 log -c2 moved 3 at 0.5 0-0.5"],
            id="two late ones make two of what looked like one",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, gen(5, 0.5, ONE)), (1, gen(6, 0.9, THREE)), (1.1, THREE)],
            ["6 log +c2 +c3 moved 4 at 0.9 0-0.4", "5 log -c2 moved 3 at 0.5 0-0.5"],
            id="two between two looks are two",
        ),
        pytest.param(
            [
                (0, TWO),
                (0.1, None),
                (1, THREE),
                (1.1, gen(5, 0.5, ONE)),
                (1.1, gen(6, 0.9, THREE)),
                (1.4, THREE),
            ],
            ["6 log +c2 +c3 moved 4 at 0.9 0-0.4", "5 log -c2 moved 3 at 0.5 0-0.5"],
            id="also where the look came before them",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, SAME), (2, TWO), (2.1, gen(5, 1.9, TWO))],
            ["5 log at 1.9 0.9-1.9"],
            id="nothing moved, the number is new",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, gen(4, -5, TWO)), (2, gen(5, 1.9, TWO)), (2.2, TWO)],
            ["5 log at 1.9 0-1.9"],
            id="nothing moved, no look saw it",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, gen(4, -5, TWO)), (2, gen(4, 1.9, TWO)), (2.2, TWO)],
            [],
            id="a static member came back: the same number",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, SAME), (1.3, TWO), (2.4, TWO)], [], id="the log knows of none"
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, SAME), (1.3, TWO), (1.5, TWO), (1.6, TWO), (1.7, TWO)],
            ["None looks goes on"],
            id="but may still tell",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, gen(5, 0.9, THREE)), (1.05, PAUSE), (1.3, THREE)],
            ["5 log +c3 moved 2 at 0.9 0-0.9"],
            id="described before it was complete, answered after",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (0.5, PAUSE), (1.5, PAUSE), (1.6, gen(5, 0.8, THREE)), (2, ONE)],
            ["None looks goes on", "5 log +c3 moved 2 at 0.8 0.3-0.8"],
            id="the next one began before the generation came",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, THREE), (1.2, PAUSE), (1.4, ONE), (1.5, gen(6, 1.3, ONE))],
            ["6 log -c2 -c3 moved 4 at 1.3 0.1-0.3", "None looks +c3 moved 2 at 1 0-1"],
            id="a generation that never came",
        ),
        pytest.param(
            [(0, TWO), (1, THREE), (1.5, gen(5, 0.5, ONE)), (2, None), (9, None)],
            ["None looks +c2 +c3 moved 4 at 1 0-0.5", "5 log -c2 moved 3 at 0.5 0-0.5"],
            id="a late one that shows something else",
        ),
        pytest.param(
            [(0, gen(3, -9, ONE)), (0, gen(4, -8, TWO)), (0, TWO), (1, THREE)],
            ["None looks +c3 moved 2 at 1 0-1"],
            id="history before the first look is dropped",
        ),
        pytest.param(
            [(0, TWO), (1, gen(4, 0.1, TWO)), (2, TWO)], [], id="the first look was of that generation"
        ),
        pytest.param(
            [
                (0, classic(state="Empty")),
                (0.1, None),
                (1, gen(7, 0.9, classic())),
                (2, gen(0, 1.9, classic())),
                (3, gen(1, 2.9, ONE)),
            ],
            ["1 log +c1 moved 6 at 2.9 0-2.9"],
            id="an empty group that is empty still; made again, numbers begin anew",
        ),
        pytest.param(
            [(0, TWO), (0.1, None), (1, gen(8, 0.9, classic())), (1.1, classic(state="Empty"))],
            ["8 log -c1 -c2 at 0.9"],
            id="the last members go",
        ),
    ],
)
def test_looks_and_the_log_together(news: list[tuple[float, News]], expected: list[str]) -> None:
    assert [in_short(event) for event in story(*news).events if not event.first] == expected


UNLISTED = Group("billing", GroupKind.CLASSIC, "Dead", members=())
OVER = replace(TWO, coordinator=2)


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        pytest.param(
            [
                (0, UNLISTED),
                (0.1, None),
                (0.5, gen(1, 0.4, ONE)),
                (0.3, UNLISTED),
                (1.1, gen(2, 1.0, TWO)),
                (1.2, UNLISTED),
                (2.5, None),
                (2.6, UNLISTED),
                (4, TWO),
            ],
            ["2 log +c2 moved 3 at 1 0-0.6", "1 log +c1 moved 6 at 0.4 0-0.4"],
            id="not listed yet, though its log tells of it",
        ),
        pytest.param(
            [(0, TWO), (1, UNLISTED), (1.9, UNLISTED), (3, UNLISTED)],
            ["None looks -c1 -c2 at 3"],
            id="not listed for two seconds",
        ),
        pytest.param(
            [(0, UNLISTED), (0.1, None), (0.5, gen(1, 1.0, ONE)), (0.9, classic(state="Empty")), (2, ONE)],
            ["1 log +c1 moved 6 at 1 0-1"],
            id="a look older than the log",
        ),
        pytest.param(
            [(0, classic(state="Empty")), (1, ONE), (3, gen(1, 1.6, ONE))],
            ["1 log +c1 moved 6 at 1 0-1"],
            id="the first generation, late and with another clock",
        ),
        pytest.param(
            [(0, TWO), (1, replace(UNLISTED, coordinator=2, described_at=1.0)), (1.5, OVER), (9, OVER)],
            [],
            id="its coordinator moves: dead for a moment",
        ),
        pytest.param(
            [(0, TWO), (1, classic(state="Empty")), (1.5, OVER)],
            ["None looks +c1 +c2 moved 6 at 1.5 0-0.5", "None looks -c1 -c2 at 1"],
            id="its own coordinator is believed",
        ),
        pytest.param(
            [(0, TWO), (1, replace(UNLISTED, coordinator=1, described_at=1.0)), (2, UNLISTED)],
            ["None looks -c1 -c2 at 1"],
            id="also where it is deleted",
        ),
        pytest.param(
            [(0, TWO), *((at, replace(classic(state="Empty"), coordinator=2)) for at in (1, 2, 3, 4))],
            ["None looks -c1 -c2 at 3"],
            id="another coordinator is after two seconds",
        ),
    ],
)
def test_a_group_that_only_seems_to_be_empty(news: list[tuple[float, News]], expected: list[str]) -> None:
    found = story(*news)
    assert [in_short(event) for event in found.events if not event.first] == expected


def test_a_coordinator_that_moves_leaves_the_lanes_as_they_are() -> None:
    dead = replace(UNLISTED, coordinator=2, described_at=2.0)
    found = story((0, TWO), (1, TWO), (2, dead), (3, OVER), (4, OVER))
    assert letters(found, "c1-aaaa-1111", 5, 5) == "====="
    shown = found.map("orders", 6)
    assert shown is not None
    assert shown.state_at is None


def known_from(found: GroupStory) -> tuple[Source, int | None]:
    return found.source, found.generation


def test_the_source_and_the_generation_are_known() -> None:
    found = story((0, gen(3, -9, ONE)), (0, gen(4, -8, TWO)), (0, TWO))
    assert known_from(found) == (Source.LOOKS, 4)
    assert found.events[0].generation == 4
    found.log_read_up_to(0.5)
    found.observe_generation(gen(5, 0.9, THREE))
    assert known_from(found) == (Source.LOG, 5)
    found.log_read_up_to(None)
    found.observe(TWO, 2)
    assert known_from(found) == (Source.LOOKS, None)


def test_static_members_keep_their_names_even_if_the_log_comes_before_the_look() -> None:
    anew = classic(member("c1", 0, 2, 4, tail="bbbb-1"), member("c2", 1, 3, 5, tail="bbbb-2"))
    found = story((0, TWO), (0.1, None), (1, gen(5, 0.5, classic())), (1, gen(6, 0.9, anew)), (1.1, anew))
    assert [(event.joined, event.gone) for event in found.events[:2]] == [
        (("c1", "c2"), ()),
        ((), ("c1", "c2")),
    ]
    shown = found.map("orders", 6)
    assert shown is not None
    assert [row.name for row in shown.rows if row.gone_at is None] == ["c1", "c2"]


def test_a_group_just_made_has_no_generation() -> None:
    found = GroupStory()
    found.absent(9.0)
    found.observe_generation(gen(0, 9.5, classic()))
    found.observe_generation(gen(1, 9.6, TWO))
    assert [event.generation for event in found.events] == [1, None]


def test_the_numbers_of_rebalances_count_on_when_a_step_is_split() -> None:
    found = story((0, TWO), (1, THREE), (2, ONE), (3, gen(5, 0.5, ONE)))
    assert [event.number for event in found.events] == [3, 2, 1, 0]


def test_a_member_that_no_look_showed_has_a_name_and_a_row() -> None:
    found = story((0, ONE), (0.1, None), (1, gen(5, 0.5, TWO)), (1, gen(6, 0.9, ONE)), (1.1, ONE))
    assert [in_short(event) for event in found.events[:2]] == [
        "6 log -c2 moved 3 at 0.9 0-0.4",
        "5 log +c2 moved 3 at 0.5 0-0.5",
    ]
    assert [move.target for move in found.events[1].moves or ()] == ["c2"] * 3


def test_shares_have_the_partitions_before_and_after() -> None:
    event = story((0, TWO), (1, PAUSE), (2, THREE)).events[0]
    assert [(share.name, share.before, share.after) for share in event.shares] == [
        ("c1", parts("orders", 0, 1, 2), parts("orders", 0, 1)),
        ("c2", parts("orders", 3, 4, 5), parts("orders", 3, 4)),
        ("c3", None, parts("orders", 2, 5)),
    ]
    assert [share.gave_up for share in event.shares] == [parts("orders", 2), parts("orders", 5), ()]
    assert event.shares[2].got == parts("orders", 2, 5)
    assert story((0, TWO), (1, PAUSE)).events[0].shares == ()


def report(what: ReportKind, who: str, *numbers: int, group: str = "billing") -> Report:
    owned = parts("orders", *numbers) if what is ReportKind.ASSIGNED else ()
    return Report(what, 0.0, group, who, parts("orders", *numbers), owned)


def deed(act: Act, who: str | None = None, detail: str = "") -> Deed:
    return Deed(act, 0.0, "billing", who, detail)


TOLD = [
    (1.0, report(ReportKind.REVOKED, "c1", 0, 1, 2)),
    (1.01, report(ReportKind.RELEASED, "c1", 0, 1, 2)),
    (1.2, report(ReportKind.REVOKED, "c2", 3, 4, 5)),
    (1.21, report(ReportKind.RELEASED, "c2", 3, 4, 5)),
    (1.22, report(ReportKind.REVOKED, "c3")),
    (1.23, report(ReportKind.ASSIGNED, "c1", 0, 1)),
    (1.24, report(ReportKind.ASSIGNED, "c2", 3, 4)),
    (1.25, report(ReportKind.ASSIGNED, "c3", 2, 5)),
]


@pytest.mark.parametrize(
    "news",
    [
        pytest.param([(0.0, TWO), *TOLD, (1.3, THREE)], id="looks alone"),
        pytest.param([(0.0, TWO), (1.05, PAUSE), *TOLD, (1.3, THREE)], id="a look that shows it"),
        pytest.param([(0.0, TWO), (0.1, None), *TOLD, (1.3, gen(5, 1.22, THREE))], id="the log"),
        pytest.param([(0.0, TWO), (0.9, PAUSE), (1.3, THREE), *TOLD], id="told after the look"),
    ],
)
def test_reports_of_the_decks_consumers_give_the_exact_pause(news: list[tuple[float, News]]) -> None:
    event = story(*news).events[0]
    assert [share.pause for share in event.shares] == [pytest.approx(0.23), pytest.approx(0.04), None]
    assert event.exact
    assert event.longest == "0.23s"
    assert event.started_at == min([1.0, *(at for at, look in news if look is PAUSE)])


def test_a_member_without_reports_leaves_only_bounds() -> None:
    event = story((0, TWO), *TOLD[:2], TOLD[5], (1.3, THREE)).events[0]
    assert event.shares[0].pause == pytest.approx(0.23)
    assert not event.exact
    assert event.at_least == pytest.approx(0.23)
    assert event.at_most == 1.3
    assert event.took == "<1.3s"


@pytest.mark.parametrize(
    ("news", "acts"),
    [
        ([(1, deed(Act.JOIN, "c3")), (1.5, PAUSE), (2, THREE)], {"c3": Act.JOIN}),
        ([(1, deed(Act.JOIN, "c9")), (1.5, PAUSE), (2, THREE)], {}),
        ([(1, deed(Act.LEAVE, "c2")), (2, ONE)], {"c2": Act.LEAVE}),
        ([(1, deed(Act.CRASH, "c2")), (6.6, ONE)], {"c2": Act.CRASH}),
        ([(1, deed(Act.FREEZE, "c2")), (6.6, ONE)], {"c2": Act.FREEZE}),
        ([(1, deed(Act.STUCK, "c2")), (5.2, ONE)], {"c2": Act.STUCK}),
        ([(1, deed(Act.FREEZE, "c2")), (3, deed(Act.THAW, "c2")), (9, ONE)], {}),
        ([(1, deed(Act.CRASH, "c2")), (60, ONE)], {}),
        ([(3, ONE), (4, deed(Act.CRASH, "c2"))], {}),
        ([(1, deed(Act.PARTITION)), (2, classic(member("c1", 0, 1, 2, 6), member("c2", 3, 4, 5)))], {}),
        ([(1, deed(Act.ASSIGNOR)), (2, THREE)], {"c3": Act.ASSIGNOR}),
        ([(1, deed(Act.ASSIGNOR)), (1.5, deed(Act.JOIN, "c3")), (2, THREE)], {"c3": Act.JOIN}),
    ],
)
def test_deeds_are_matched_by_client(news: list[tuple[float, News]], acts: dict[str, Act]) -> None:
    event = story((0, TWO), *news).events[0]
    assert event.acts == acts
    assert event.visible == bool(event.deeds or event.joined)


def test_the_last_member_leaves_partitions_without_an_owner() -> None:
    event = story((0, TWO), (1, classic(state="Empty"))).events[0]
    assert (event.moved, event.abandoned, event.took) == ({}, {"orders": 6}, None)
    assert story((0, TWO), (1, THREE)).events[0].abandoned == {}


NOTICED = [(6.4, rebalancing("c1")), (6.6, gen(5, 6.5, ONE))]
HEIR = [
    (6.45, report(ReportKind.REVOKED, "c1", 0, 1, 2)),
    (6.52, report(ReportKind.ASSIGNED, "c1", *range(6))),
]


@pytest.mark.parametrize(
    ("news", "unread"),
    [
        pytest.param([(1, deed(Act.CRASH, "c2")), *NOTICED], 5.5, id="the log"),
        pytest.param([(1, deed(Act.FREEZE, "c2")), *NOTICED, *HEIR], 5.52, id="the new owner tells"),
        pytest.param([(1, deed(Act.STUCK, "c2")), (6.6, ONE)], None, id="looks alone"),
        pytest.param([(1, deed(Act.LEAVE, "c2")), *NOTICED], None, id="it left"),
        pytest.param(NOTICED, None, id="nobody knows why"),
        pytest.param(
            [(1, deed(Act.CRASH, "c2")), (6.6, gen(5, 6.5, classic(member("c1"))))], None, id="no heir"
        ),
    ],
)
def test_how_long_nobody_read_the_partitions_of_a_crashed_consumer(
    news: list[tuple[float, News]], unread: float | None
) -> None:
    assert story((0, TWO), *news).events[0].unread == (None if unread is None else pytest.approx(unread))


def test_a_frozen_consumer_that_comes_back_causes_two_rebalances() -> None:
    freeze, thaw = deed(Act.FREEZE, "c2"), deed(Act.THAW, "c2")
    back = classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5, tail="bbbb-2222"))
    found = story((0, TWO), (1, freeze), (6.6, ONE), (9, thaw), (9.5, back))
    assert [event.acts for event in found.events[:2]] == [{"c2": Act.THAW}, {"c2": Act.FREEZE}]
    assert found.effect(replace(freeze, at=1)) == found.events[1]
    assert found.effect(replace(thaw, at=9)) == found.events[0]
    assert [type(entry).__name__ for entry in found.entries] == [
        "Rebalance",
        "Deed",
        "Rebalance",
        "Deed",
        "Rebalance",
    ]


def test_if_every_consumer_joins_again_the_last_rebalance_is_the_effect() -> None:
    anew = deed(Act.ASSIGNOR, detail="sticky")
    other = classic(member("c1", 0, 2, 4, tail="b"), member("c2", 1, 3, 5, tail="b"))
    found = story((0, TWO), (1, anew), (1.5, classic(state="Empty")), (2.5, other))
    effect = found.effect(replace(anew, at=1))
    assert effect == found.events[0]
    assert effect is not None
    assert effect.joined == ("c1", "c2")


def test_a_deed_that_led_to_nothing_has_no_effect() -> None:
    faster = replace(deed(Act.FASTER, detail="50"), at=1.0)
    assert story((0, TWO), (1, faster), (2, THREE)).effect(faster) is None


def ends(at: float, rate: float = 10.0) -> dict[TopicPartition, int]:
    return {partition: int(1000 + rate * at) for partition in parts("orders", *range(6))}


def test_records_that_waited_for_a_crash() -> None:
    found = story((0, TWO), (1, deed(Act.CRASH, "c2")), (6.4, rebalancing("c1")), (6.6, ONE))
    assert found.waited(found.events[0]) is None
    for at in range(9):
        found.note_ends(at, ends(at))
    # from the kill to the last look that showed no new owner; the other member may have read on
    assert found.waited(found.events[0]) == 3 * 10 * 5.4


def test_records_that_waited_between_revoked_and_assigned() -> None:
    found = story((0, TWO), *TOLD, (1.3, THREE))
    for at in (0.0, 1.0, 2.0, 4.0):
        found.note_ends(at, ends(at))
    lasted = 2 * 0.23 + 0.25 + 2 * 0.04 + 0.05  # 2 and 5 came to c3, which got its assignment a little later
    assert found.waited(found.events[0]) == round(10 * lasted)


@pytest.mark.parametrize("times", [(), (0.0, 1.1), (1.1, 1.2, 3.0)])
def test_without_log_ends_around_it_the_waiting_records_are_not_known(times: tuple[float, ...]) -> None:
    found = story((0, TWO), *TOLD, (1.3, THREE))
    for at in times:
        found.note_ends(at, ends(at))
    assert found.waited(found.events[0]) is None


EMPTY = classic(state="Empty")
NEW = classic(member("c9", *range(6), tail="bbbb-2222"))
ANEW = classic(member("c1", 0, 1, 2, tail="b"), member("c2", 3, 4, 5, tail="b"))
GOT = [
    (6.0, report(ReportKind.ASSIGNED, "c1", 0, 1, 2)),
    (6.0, report(ReportKind.ASSIGNED, "c2", 3, 4, 5)),
]
LEFT: list[tuple[float, News]] = [
    (1.0, deed(Act.ASSIGNOR, detail="sticky")),
    (1.1, report(ReportKind.STOPPED, "c1")),
    (1.1, report(ReportKind.STOPPED, "c2")),
]


@pytest.mark.parametrize(
    ("news", "waited"),
    [
        pytest.param([(0, EMPTY), (6, NEW)], None, id="the very first"),
        pytest.param([(0, TWO), (1, EMPTY), (6, NEW)], None, id="nobody knows when the last one went"),
        pytest.param(
            [
                (0, ONE),
                (1, deed(Act.LEAVE, "c1")),
                (1.2, EMPTY),
                (6, deed(Act.JOIN, "c9")),
                (7.3, report(ReportKind.ASSIGNED, "c9", *range(6))),
                (7.4, NEW),
            ],
            round(60 * 6.3),
            id="the last one left, and later one joins",
        ),
        pytest.param(
            [(0, ONE), (1, deed(Act.CRASH, "c1")), (7, EMPTY), (8, NEW)], 60 * 6, id="the last one was killed"
        ),
        pytest.param([(0, TWO), *LEFT, *GOT, (6.1, ANEW)], 60 * 5 - 6, id="everyone anew, seen as one"),
        pytest.param(
            [(0, TWO), *LEFT, (1.2, EMPTY), *GOT, (6.1, ANEW)], 60 * 5 - 6, id="everyone anew, seen as two"
        ),
        pytest.param([(0, TWO), (6.1, ANEW)], None, id="everyone anew, and none of ours"),
        pytest.param([(0, TWO), (6, THREE)], None, id="its begin was not seen"),
        pytest.param(
            [(0, TWO), (6, rebalancing("c1", "c2", "c3")), (7, THREE)], None, id="its begin was seen"
        ),
    ],
)
def test_records_that_waited_from_reader_to_reader(
    news: list[tuple[float, News]], waited: int | None
) -> None:
    found = story(*news)
    for at in range(12):
        found.note_ends(at, ends(at))
    assert found.waited(found.events[0]) == waited


def test_records_wait_in_partitions_that_a_member_left_without_an_owner() -> None:
    found = story((0, ONE), (1, deed(Act.LEAVE, "c1")), (1.2, EMPTY))
    for at in range(5):
        found.note_ends(at, ends(at))
    assert found.waited(found.events[0]) is None


def letters(found: GroupStory, key: str, width: int, span: float) -> str:
    return "".join(" .=~-[x"[cell] for cell in found.lanes.lane(key, width, span))


def test_a_short_pause_of_a_deck_consumer_is_one_cell() -> None:
    looks: list[tuple[float, News]] = [(float(at), TWO) for at in range(10)]
    pause: list[tuple[float, News]] = [
        (5.4, report(ReportKind.REVOKED, "c1", 0, 1, 2)),
        (5.42, report(ReportKind.ASSIGNED, "c1", 0, 1, 2)),
    ]
    found = story(*sorted([*looks, *pause], key=lambda pair: pair[0]))
    assert letters(found, "c1-aaaa-1111", 10, 10) == "=====-===="
    assert letters(found, "c2-aaaa-1111", 10, 10) == "=========="


def test_a_lane_follows_the_reports_of_a_deck_consumer_until_it_is_killed() -> None:
    told_ = [
        (0.5, report(ReportKind.ASSIGNED, "c1", 0, 1, 2)),
        (0.5, report(ReportKind.ASSIGNED, "c2", 3, 4, 5)),
    ]
    pause = [(3.0, PAUSE), (4.0, PAUSE)]
    found = story((0, TWO), *told_, (1, TWO), (2, deed(Act.FREEZE, "c2")), *pause, (5, TWO), (6, TWO))
    assert letters(found, "c1-aaaa-1111", 7, 7) == "======="
    assert letters(found, "c2-aaaa-1111", 7, 7) == "==-----"


@pytest.mark.parametrize("act", [Act.CRASH, Act.FREEZE, Act.STUCK])
def test_the_lane_of_a_killed_consumer_is_paused_until_the_member_is_gone(act: Act) -> None:
    """Though the group counts it as a member, and its listener may still be called."""
    late = (4.5, report(ReportKind.ASSIGNED, "c2", 3, 4, 5))
    found = story(
        (0, TWO), (1, TWO), (2.5, deed(act, "c2")), (4, TWO), late, (5, TWO), (7, ONE), (8, ONE), (9, ONE)
    )
    assert letters(found, "c2-aaaa-1111", 10, 10) == "==-----x  "


def test_the_lane_of_a_consumer_that_is_back_follows_its_reports_again() -> None:
    dead: list[tuple[float, News]] = [(1, deed(Act.FREEZE, "c1")), (1, deed(Act.STUCK, "c2"))]
    back: list[tuple[float, News]] = [(3, deed(Act.THAW, "c1")), (3, report(ReportKind.BACK, "c2"))]
    found = story((0, TWO), *dead, (2, TWO), *back, (3.5, TWO), (5, TWO))
    assert letters(found, "c1-aaaa-1111", 6, 6) == "=---=="
    assert letters(found, "c2-aaaa-1111", 6, 6) == "=---=="


def test_a_member_that_is_gone_is_one_cell_however_seldom_looks_come() -> None:
    found = story((0, TWO), (2, ONE), (4, ONE), (6, ONE))
    assert letters(found, "c2-aaaa-1111", 14, 7) == " ====x        "


def test_reports_of_replaced_consumers_no_longer_count() -> None:
    assigned = report(ReportKind.ASSIGNED, "c1", 0, 1, 2)
    found = story(
        (0, TWO), (0.5, assigned), (1, TWO), (1.5, deed(Act.RESTORE)), (2, SAME), (3, TWO), (4, TWO)
    )
    assert letters(found, "c1-aaaa-1111", 5, 5) == "==~=="


def test_kip_848_reports_do_not_pause_members_that_read_on() -> None:
    group = consumer(member("c1", 0, 1, target=(0, 1)))
    found = story((0, group), (1, report(ReportKind.REVOKED, "c1", 2)), (2, group), (3, group))
    assert letters(found, "c1-aaaa-1111", 4, 4) == "===="
    assert Lane.PAUSED not in found.lanes.lane("c1-aaaa-1111", 4, 4)


def test_kip_848_shares_have_the_partitions_given_up_and_got() -> None:
    told_: list[tuple[float, News]] = [
        (1.1, report(ReportKind.REVOKED, "a", 2, 3)),
        (1.9, report(ReportKind.RELEASED, "a", 2, 3)),
        (1.9, report(ReportKind.ASSIGNED, "a")),
        (2.5, report(ReportKind.ASSIGNED, "b", 2, 3)),
    ]
    found = story(
        *sorted([*MOVING, *told_], key=lambda pair: pair[0]), (3.5, report(ReportKind.ASSIGNED, "b", 9))
    )
    a, b = found.events[0].shares
    assert (a.revoked_at, a.released_at, a.assigned_at, a.pause) == (1.1, 1.9, None, None)
    assert (b.revoked_at, b.assigned_at, b.pause) == (None, 2.5, None)
    assert a.giving_up == pytest.approx(0.8)
    assert a.handed_over == pytest.approx(1.4)
    assert found.events[0].longest == "1.4s"
    for at in (0.0, 4.0):
        found.note_ends(at, ends(at))
    assert found.waited(found.events[0]) == round(2 * 10 * 1.4)


def commits(*times: float) -> list[Commit]:
    """All six partitions are committed at these times, each time a little higher."""
    return [
        Commit(partition, number, at)
        for number, at in enumerate(times)
        for partition in parts("orders", *range(6))
    ]


@pytest.mark.parametrize(
    ("times", "most"),
    [
        pytest.param([], 2.7, id="no commits"),
        pytest.param(
            [0.1, 0.5, 1.0, 1.5, 2.0, 2.5, 2.9], 2.7 + 2 * CLOCKS - 2.0, id="they read on until late"
        ),
        pytest.param([0.1, 0.5], 2.7, id="too few"),
        pytest.param([2.0, 2.1, 2.2, 8.0], 2.7 + 2 * CLOCKS - 2.1, id="nothing comes for long"),
    ],
)
def test_commits_narrow_a_pause(times: list[float], most: float) -> None:
    """A group without consumers of the deck: it rebalances as soon as a member joins, but the others read on
    until their next heartbeat.
    """
    found = story((0, TWO), (0.1, None), (0.4, PAUSE), (2.6, PAUSE), (2.8, gen(5, 2.7, THREE)))
    assert found.note_commits(commits(*times), 3.0) == (most < 2.7)
    event = found.events[0]
    assert (event.took_at_least, event.took_at_most) == pytest.approx((2.3, 2.7))
    assert event.at_least == 0
    assert event.at_most == pytest.approx(most)
    assert [share.at_most for share in event.shares] == [event.at_most, event.at_most, None]
    assert not found.note_commits([], 3.1)
    found.note(report(ReportKind.STARTED, "c9"))
    assert found.events[0] == event, "told anew it is the same"


def test_reports_of_the_decks_consumers_count_before_their_commits() -> None:
    found = story((0, TWO), (0.1, None), *TOLD, (1.3, gen(5, 1.22, THREE)))
    found.note_commits(commits(0.2, 0.4, 1.1, 1.21), 1.5)
    assert found.events[0].longest == "0.23s"


COOPERATIVE = "cooperative-sticky"
TAKEN = classic(member("c1", 0, 1), member("c2", 3, 4), member("c3"))
"""Between the two generations nobody owns partitions 2 and 5, which c1 and c2 have given up."""


def cooperative(group: Group) -> Group:
    return replace(group, assignor=COOPERATIVE)


def coop(number: int, at: float, group: Group) -> Generation:
    return replace(gen(number, at, group), assignor=COOPERATIVE)


JOINS: list[tuple[float, News]] = [
    (0, cooperative(TWO)),
    (0.1, None),
    (0.5, PAUSE),
    (1.1, coop(5, 1.0, TAKEN)),
    (1.2, PAUSE),
    (3.9, PAUSE),
    (4.2, coop(6, 4.1, THREE)),
]


@pytest.mark.parametrize(
    ("news", "most", "source"),
    [
        pytest.param(JOINS, 3.1 + 2 * CLOCKS, Source.LOG, id="log"),
        pytest.param(
            [
                (0, cooperative(TWO)),
                (0.5, PAUSE),
                (1.1, cooperative(TAKEN)),
                (1.4, PAUSE),
                (3.9, PAUSE),
                (4.1, cooperative(THREE)),
            ],
            4.1,
            Source.LOOKS,
            id="looks",
        ),
        pytest.param(
            [(0, cooperative(TWO)), (0.5, PAUSE), (3.9, PAUSE), (4.1, cooperative(THREE))],
            4.1,
            Source.LOOKS,
            id="looks that miss what is between",
        ),
        pytest.param(
            [
                (0, cooperative(TWO)),
                (0.5, PAUSE),
                (4.15, cooperative(THREE)),
                *((5, one) for _, one in (JOINS[3], JOINS[6])),
            ],
            3.1 + 2 * CLOCKS,
            Source.LOG,
            id="the log comes late",
        ),
    ],
)
def test_both_generations_of_a_cooperative_rebalance_are_one_event(
    news: list[tuple[float, News]], most: float, source: Source
) -> None:
    found = story(*news)
    event, first = found.events
    assert first.first
    assert (event.number, event.joined, event.visible, event.moved) == (1, ("c3",), True, {"orders": 2})
    assert sorted((move.partition.partition, move.source, move.target) for move in event.moves or ()) == [
        (2, "c1", "c3"),
        (5, "c2", "c3"),
    ]
    assert (event.started_at, event.ended_at) == (0.5, 4.1)
    assert event.took_at_most == pytest.approx(4.1)
    assert (event.cooperative, event.stops_all, event.source) == (True, False, source)
    assert event.at_least == 0
    assert event.at_most == pytest.approx(most)
    assert event.abandoned == {}


def test_a_cooperative_rebalance_goes_on_in_its_second_step() -> None:
    for news in (JOINS[:4], JOINS[:5], JOINS[:6]):
        event, first = story(*news).events
        assert first.first
        assert (event.number, event.started_at, event.ended_at, event.at_most) == (1, 0.5, None, None)
        assert (event.joined, event.abandoned) == (("c3",), {})


def test_a_second_step_that_never_comes() -> None:
    (event, _) = story(*JOINS[:4], (20, cooperative(TAKEN)), (40, cooperative(TAKEN))).events
    assert (event.ended_at, event.abandoned) == (1.0, {"orders": 2})
    assert event.at_most is None, "what was given up has no reader"
    assert {share.at_most for share in event.shares} == {None}


def test_a_change_after_a_cooperative_rebalance_is_another_one() -> None:
    left = classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5))
    numbers = [event.number for event in story(*JOINS, (9, coop(7, 8.9, left))).events]
    assert numbers == [2, 1, 0]
    four = classic(*(THREE.members or ()), member("c4"))
    numbers = [event.number for event in story(*JOINS[:4], (3, coop(6, 2.9, four))).events]
    assert numbers == [2, 1, 0], "somebody else joined meanwhile"


def test_records_that_waited_while_nobody_can_have_read() -> None:
    """The partitions that two members gave up had no owner between the generations; others were read on."""
    found = story(*JOINS)
    for at in range(8):
        found.note_ends(at, ends(at))
    assert found.waited(found.events[0]) == round(2 * 10 * 3.1)


def test_a_group_without_deck_consumers_is_drawn_as_rebalancing() -> None:
    found = story((0, TWO), (1, TWO), (2, SAME), (3, SAME), (4, TWO), (5, TWO))
    assert letters(found, "c1-aaaa-1111", 6, 6) == "==~~=="


def test_numbers_go_on_though_old_steps_are_forgotten() -> None:
    looks = [(float(at), THREE if at % 2 else TWO) for at in range(130)]
    found = story(*looks)
    numbers = [event.number for event in found.events]
    assert numbers == list(range(129, 29, -1))


def test_kip_848_nothing_goes_on_in_a_group_that_everyone_left() -> None:
    """Its group epoch stays above the epoch of its last assignment for ever."""
    empty = replace(consumer(state="Empty", epoch=18), assignment_epoch=17)
    found = story((0, consumer(ix("a", 0, 1, target=(0, 1), epoch=17))), (1, empty), (2, empty))
    assert (found.events[0].gone, found.events[0].ended_at) == (("a",), 1)
    assert len(found.events) == 2


def ix(name: str, *owned: int, target: tuple[int, ...], epoch: int) -> Member:
    return member(name, *owned, target=target, epoch=epoch)


MOVING = [
    (0.0, consumer(ix("a", 0, 1, 2, 3, target=(0, 1, 2, 3), epoch=16), epoch=16)),
    (
        1.0,
        consumer(
            ix("a", 0, 1, 2, 3, target=(0, 1), epoch=16),
            ix("b", target=(2, 3), epoch=17),
            state="Reconciling",
        ),
    ),
    (
        2.0,
        consumer(
            ix("a", 0, 1, target=(0, 1), epoch=16), ix("b", target=(2, 3), epoch=17), state="Reconciling"
        ),
    ),
    (3.0, consumer(ix("a", 0, 1, target=(0, 1), epoch=17), ix("b", 2, 3, target=(2, 3), epoch=17))),
]


@pytest.mark.parametrize("looks", [2, 3])
def test_kip_848_members_that_hold_partitions_and_members_that_wait_for_them(looks: int) -> None:
    """Also where the broker no longer counts a partition as assigned that a member has to give up."""
    found = story(*MOVING[:looks]).map("orders", 4)
    assert found is not None
    a, b = found.rows
    assert (a.gives_up, a.holders) == ((2, 3), ())
    assert (b.waits_for, b.holders) == ((2, 3), ("a",))


def test_kip_848_no_member_holds_partitions_of_others_at_the_end() -> None:
    found = story(*MOVING).map("orders", 4)
    assert found is not None
    assert all(not (row.gives_up or row.waits_for or row.holders) for row in found.rows)


def test_kip_848_a_rebalance_goes_on_until_the_epoch_is_reached() -> None:
    third = (
        ix("a", 0, 1, target=(0, 1), epoch=17),
        ix("b", 2, target=(2,), epoch=18),
        ix("c", target=(3,), epoch=18),
    )
    done = (*third[:2], ix("c", 3, target=(3,), epoch=18))
    found = story(
        *MOVING[:3],
        (2.5, consumer(*third, state="Reconciling", epoch=18)),
        (3, consumer(*done, epoch=18)),
        (4, consumer(*done, epoch=18)),
        (5, consumer(*done, epoch=19)),
    )
    assert [(event.generation, event.moved, event.joined) for event in found.events] == [
        (19, {}, ()),
        (18, {"orders": 2}, ("b", "c")),
        (16, {}, ()),
    ]
    assert not any(event.stops_all for event in found.events[:2])


def test_kip_848_a_rebalance_goes_on_until_the_target_is_owned() -> None:
    """Also where the broker says that the group is stable."""
    first = consumer(ix("a", 0, 1, target=(0, 1, 2, 3), epoch=17))
    found = story((0, consumer(epoch=16)), (1, first))
    assert found.events[0].ended_at is None
    done = consumer(ix("a", 0, 1, 2, 3, target=(0, 1, 2, 3), epoch=17))
    found = story((0, consumer(epoch=16)), (1, first), (2, replace(done, assignment_epoch=16)), (3, done))
    (event, _) = found.events
    assert (event.ended_at, event.moved, event.owned) == (3, {"orders": 4}, {"orders": 4})
