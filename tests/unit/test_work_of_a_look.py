"""A look at many groups that tells nothing new touches no group one by one. Work is counted, not timed."""

from dataclasses import fields, replace
from typing import Any

from bench.groups import cluster, later, with_news
from kafkatui.domain.cluster.groups import ClusterGroups, Group
from kafkatui.domain.cluster.reading import Reading
from kafkatui.watch.model import Model

GROUPS = 2_000
FEW = 200
"""The selected group is searched for by halves a few times, a dozen names each, and looked into itself."""


class Counted(Group):
    """A group that counts how often somebody looks into any of them."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        Looks.made += 1
        return super().__getattribute__(name)


class Looks:
    """How often somebody looked into a group."""

    made = 0


def counted(groups: ClusterGroups) -> ClusterGroups:
    """The same groups, that count."""
    made = tuple(
        Counted(**{one.name: getattr(group, one.name) for one in fields(Group)}) for group in groups.groups
    )
    return replace(groups, groups=made)


def look(model: Model, groups: ClusterGroups, at: float) -> int:
    """How often the model looks into groups for one reading."""
    Looks.made = 0
    model.take_groups(Reading(groups, taken_at=at))
    for _ in model.digest():
        pass
    return Looks.made


def test_a_look_that_tells_nothing_new_looks_into_no_group_but_the_selected_one() -> None:
    topics, groups = cluster(GROUPS, 40)
    groups = counted(groups)
    model = Model(lambda: 0.0)
    model.take_topics(Reading(topics, taken_at=2.0))
    model.select("topic-0007", "group-00007")
    assert look(model, groups, 3.0) > GROUPS, "the first time it has to"
    look(model, later(groups, 100.0), 100.0)
    for at in (200.0, 300.0, 400.0):
        assert look(model, later(groups, at), at) <= FEW
    assert {len(model.view.groups.standings), len(groups.groups)} == {GROUPS}


def test_a_look_in_which_few_groups_changed_looks_into_few() -> None:
    topics, groups = cluster(GROUPS, 40)
    model = Model(lambda: 0.0)
    model.take_topics(Reading(topics, taken_at=2.0))
    groups = counted(groups)
    look(model, groups, 3.0)
    look(model, later(groups, 100.0), 100.0)
    changed = with_news(groups, 200.0, 3)
    looked = look(model, changed, 200.0)
    assert looked >= 3
    again = look(model, later(changed, 300.0), 300.0)
    assert again <= 3 * FEW, "only those that changed lately are looked at again"
