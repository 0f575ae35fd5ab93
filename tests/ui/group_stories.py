"""Stories of groups for the pictures of the panes and of the event screen: what happened, at seconds before
`NOW`.
"""

from collections.abc import Sequence
from dataclasses import replace

from kafkatui.domain.cluster.groups import Group, Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed, Report, ReportKind
from kafkatui.domain.rebalance.generations import Generation
from kafkatui.domain.rebalance.timeline import Timeline
from tests.group_builders import classic, consumer, member, parts, rebalancing
from tests.ui.shop_data import NOW

Said = tuple[float, Group | Generation | Deed | Report | dict[TopicPartition, int] | None]
"""Seconds before `NOW`, and what was seen, done or told; ends of logs by partition; ``None``: the log is read
up to then.
"""


def timeline_of(*said: Said, group: str = "billing") -> Timeline:
    """A timeline after all that, in order of time."""
    timeline = Timeline()
    take_in(timeline, group, *said)
    return timeline


def take_in(timeline: Timeline, group: str, *said: Said) -> None:
    """Let a timeline take in all that of a group."""
    for before, news in sorted(said, key=lambda one: -one[0]):
        at = NOW - before
        story = timeline.story(group)
        match news:
            case Group():
                story.observe(news, at)
            case Generation():
                story.observe_generation(replace(news, at=at))
            case Deed() | Report():
                timeline.note(replace(news, at=at))
            case None:
                story.log_read_up_to(at)
            case ends:
                story.note_ends(at, ends)


def every_second(group: Group, since: float, until: float) -> list[Said]:
    """The same look at each second."""
    return [(float(before), group) for before in range(int(since), int(until) - 1, -1)]


def did(act: Act, who: str | None = None, detail: str = "", group: str = "billing") -> Deed:
    return Deed(act, 0.0, group, who, detail)


def report(
    what: ReportKind, who: str, *numbers: int, topic: str = "orders", group: str = "billing"
) -> Report:
    has = parts(topic, *numbers)
    return Report(what, 0.0, group, who, has, has if what is ReportKind.ASSIGNED else ())


def generation(number: int, *members: Member, assignor: str = "sticky") -> Generation:
    return Generation("billing", number, assignor if members else None, members, 0.0)


C1, C2, C3 = member("c1", 0, 1), member("c2", 2, 3), member("c3", 4, 5)
THREE = classic(C1, C2, C3)
WITHOUT_C1 = (member("c2", 0, 1, 2), member("c3", 3, 4, 5))


def ends(before: float) -> Said:
    """Logs of 100 records a second in all."""
    return before, {TopicPartition("orders", number): int(100_000 - before * 17) for number in range(6)}


def pauses(before: float, length: float, *members: Member) -> list[Said]:
    """Everyone gives up all it has and gets it, or something else, after some seconds."""
    said: list[Said] = []
    for one in members:
        numbers = [partition.partition for partition in one.assignment]
        said += [
            (before, report(ReportKind.REVOKED, one.client_id, *numbers)),
            (before - 0.004, report(ReportKind.RELEASED, one.client_id, *numbers)),
            (before - length, report(ReportKind.ASSIGNED, one.client_id, *numbers)),
        ]
    return said


def joined() -> list[Said]:
    """c3 joined 48 seconds ago; all is known from the log."""
    two = (member("c1", 0, 1, 2), member("c2", 3, 4, 5))
    return [
        *every_second(classic(*two), 58, 49),
        (58.5, generation(3, *two)),
        (58.0, None),
        (48.6, did(Act.JOIN, "c3")),
        *pauses(47.93, 0.02, *two),
        (47.93, rebalancing("c1", "c2", "c3")),
        (47.91, generation(4, C1, C2, C3)),
        *((float(before), None) for before in range(57, -1, -1)),
        *map(ends, range(59, -1, -1)),
    ]


def crashed() -> list[Said]:
    """c1 was killed 20 seconds ago, the others have its partitions since 14 seconds."""
    return [
        *joined(),
        *every_second(THREE, 47, 15),
        (20.0, did(Act.CRASH, "c1")),
        *pauses(14.37, 0.03, C2, C3),
        (14.36, rebalancing("c2", "c3")),
        (14.34, generation(5, *WITHOUT_C1)),
        *every_second(classic(*WITHOUT_C1), 14, 0),
    ]


def crash_waiting() -> list[Said]:
    """c1 was killed 2.3 seconds ago: nobody has noticed."""
    return [*joined(), *every_second(THREE, 47, 0), (2.3, did(Act.CRASH, "c1"))]


def frozen() -> list[Said]:
    """c2 stands still since 4.1 seconds."""
    return [*joined(), *every_second(THREE, 47, 0), (4.1, did(Act.FREEZE, "c2"))]


def by_looks() -> list[Said]:
    """A member goes, nobody knows why, and only looks tell of it."""
    return [
        *every_second(THREE, 40, 21),
        (20.4, rebalancing("c2", "c3")),
        (20.1, rebalancing("c2", "c3")),
        (18.9, rebalancing("c2", "c3")),
        *every_second(classic(*WITHOUT_C1), 18, 0),
        *map(ends, range(50, -1, -1)),
    ]


def going_on() -> list[Said]:
    """Everyone has joined again, but c1: it takes two seconds to give up."""
    return [
        *joined(),
        *every_second(THREE, 47, 3),
        (9.0, did(Act.SLOW, "c1", "on")),
        (2.1, did(Act.JOIN, "c4")),
        (1.6, report(ReportKind.REVOKED, "c1", 0, 1)),
        (1.6, report(ReportKind.REVOKED, "c2", 2, 3)),
        (1.6, report(ReportKind.RELEASED, "c2", 2, 3)),
        (1.5, rebalancing("c1", "c2", "c3", "c4")),
        (0.6, rebalancing("c1", "c2", "c3", "c4")),
        (0.0, rebalancing("c1", "c2", "c3", "c4")),
    ]


def storm() -> list[Said]:
    """A member that comes and goes every few seconds."""
    said: list[Said] = every_second(THREE, 58, 57)
    for start in range(56, 4, -8):
        said += every_second(classic(*WITHOUT_C1), start, start - 3)
        said += every_second(THREE, start - 4, start - 7)
    return [*said, *every_second(THREE, 3, 0)]


def reconciling(*, done: bool = False) -> list[Said]:
    """KIP-848: ix-01 has to give up 8 and 9, which ix-07 waits for."""
    before = consumer(
        member("ix-00", 0, 1, 2, 3, 4, epoch=16),
        member("ix-01", 5, 6, 7, 8, 9, epoch=16),
        epoch=16,
    )
    both = (
        member("ix-00", 0, 1, 2, 3, 4, target=range(5), epoch=17),
        member("ix-01", 5, 6, 7, 8, 9, target=(5, 6, 7), epoch=16),
    )
    during = replace(
        consumer(*both, member("ix-07", target=(8, 9), epoch=17), state="Reconciling", epoch=17),
        assignment_epoch=17,
    )
    after = consumer(
        member("ix-00", 0, 1, 2, 3, 4, target=range(5), epoch=17),
        member("ix-01", 5, 6, 7, target=(5, 6, 7), epoch=17),
        member("ix-07", 8, 9, target=(8, 9), epoch=17),
        epoch=17,
    )
    since = 12 if done else 3
    said = [*every_second(before, 40, since + 1), *every_second(during, since, 9 if done else 0)]
    said.append((since + 0.6, did(Act.JOIN, "ix-07", group="search")))
    return [*said, *every_second(after, 8, 0)] if done else said


def newest(said: Sequence[Said]) -> Group:
    """The newest look."""
    return min(
        ((before, group) for before, group in said if isinstance(group, Group)), key=lambda one: one[0]
    )[1]
