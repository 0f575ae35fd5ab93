"""Whatever happens to a group and however late the log tells: the story is what happened."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from kafkatui.domain.cluster.groups import Group
from kafkatui.domain.rebalance.generations import Generation
from kafkatui.domain.rebalance.rebalances import Source
from kafkatui.domain.rebalance.story import GroupStory
from tests.group_builders import classic, generation, member, rebalancing

LOOK = 0.3
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A group of these members is complete after so many seconds of rebalancing, and rests for some."""

    members: tuple[int, ...]
    rebalances: float
    rests: float
    late: float
    """Seconds until the log tells of it."""


happenings = st.lists(
    st.builds(
        Happening,
        members=st.lists(st.integers(1, 4), unique=True, max_size=4).map(lambda found: tuple(sorted(found))),
        rebalances=st.floats(0.005, 1.0),
        rests=st.floats(0.01, 2.0),
        late=st.floats(0.0, 4.0),
    ),
    max_size=8,
)


def group(members: tuple[int, ...]) -> Group:
    if not members:
        return classic(state="Empty")
    count = len(members)
    return classic(*(member(f"c{one}", *range(place, 6, count)) for place, one in enumerate(members)))


def play(course: list[Happening], *, log: bool) -> tuple[GroupStory, list[Generation]]:
    """What a story was told, in the order in which it was heard."""
    first = generation(1, -5.0, *(group((1, 2)).members or ()))
    heard: list[tuple[float, Group | Generation]] = [(-1.1, first), (-1.0, group((1, 2)))]
    written: list[Generation] = []
    now, look = 0.0, 0.2
    before: tuple[int, ...] = (1, 2)
    for number, one in enumerate(course, 2):
        begun, complete = now, now + one.rebalances
        both = rebalancing(*(f"c{name}" for name in sorted({*before, *one.members})))
        now = complete + one.rests
        while look < now:
            heard.append(
                (
                    look,
                    both if begun <= look < complete else group(one.members if look >= complete else before),
                )
            )
            look += LOOK
        done = generation(number, complete, *(group(one.members).members or ()))
        written.append(done)
        heard.append((complete + one.late, done))
        before = one.members
    heard += [(now + after, group(before)) for after in (1.0, 1.3, 2.5)]
    order = sorted(range(len(heard)), key=lambda place: heard[place][0])
    story = GroupStory()
    for place in order:
        at, news = heard[place]
        if isinstance(news, Generation) and log:
            story.observe_generation(news)
        elif isinstance(news, Group):
            story.observe(news, at)
        if log:
            story.log_read_up_to(at)
    return story, written


def in_order(course: list[Happening]) -> bool:
    """The log tells in the order written."""
    now, heard = 0.0, []
    for one in course:
        heard.append(now + one.rebalances + one.late)
        now += one.rebalances + one.rests
    return heard == sorted(heard)


@settings(max_examples=200, deadline=None)
@given(happenings)
def test_with_the_log_every_generation_that_counts_is_an_event(course: list[Happening]) -> None:
    course = (
        course if in_order(course) else [Happening(o.members, o.rebalances, o.rests, 0.1) for o in course]
    )
    course = course if in_order(course) else []
    story, written = play(course, log=True)
    numbers: list[int] = []
    last: tuple[int, ...] = (1, 2)
    for one, done in zip(course, written, strict=True):
        if one.members or last:  # an empty group that is empty still is no event
            numbers.append(done.number)
        last = one.members
    events = [event for event in reversed(story.events) if not event.first]
    assert [event.generation for event in events] == numbers
    assert all(event.source is Source.LOG for event in events)
    assert [event.ended_at for event in events] == [done.at for done in written if done.number in numbers]


@settings(max_examples=200, deadline=None)
@given(happenings, st.booleans())
def test_the_newest_step_shows_the_newest_look(course: list[Happening], log: bool) -> None:
    story, _ = play(course if in_order(course) else [], log=log)
    found = story.map("orders", 6)
    assert found is not None
    shown = {row.name: row.owns for row in found.rows if row.gone_at is None}
    newest = group((course if in_order(course) and course else [Happening((1, 2), 0, 0, 0)])[-1].members)
    assert shown == {
        one.client_id: tuple(partition.partition for partition in one.assignment)
        for one in newest.members or ()
    }
    assert not story.events or story.events[0].ended_at is not None
    times = [event.ended_at for event in story.events]
    assert times == sorted(times, key=lambda at: -(at or 0.0))
    for after, before in zip(story.events, story.events[1:], strict=False):
        if after.shares and before.shares and not before.first:
            had = {share.client_id: share.before for share in after.shares if share.before is not None}
            assert had == {share.client_id: share.after for share in before.shares if share.after is not None}
