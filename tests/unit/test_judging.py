"""How many groups have a verdict, whether all is well, and which groups exist."""

import pytest

from kafkatui.domain.cluster.groups import ONLY_DESCRIBED, ClusterGroups, Group, not_listed, still_there
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.lag.judging import (
    JUDGED_WITHIN,
    GroupJudgement,
    Judges,
    Judging,
    Known,
    backlog,
    judge_group,
    summary,
)
from kafkatui.domain.lag.verdicts import Verdict
from tests.faults import coded

JUDGED, PENDING = GroupJudgement(Known.JUDGED), GroupJudgement(Known.PENDING)


@pytest.mark.parametrize(
    ("asked", "answered", "standings", "judgement"),
    [
        (False, False, [], PENDING),
        (True, True, [], JUDGED),
        (True, False, [], GroupJudgement(Known.NOT_KNOWN)),
        (True, True, [(Verdict.OK, 3), (Verdict.BEHIND, 9)], JUDGED),
        (True, True, [(Verdict.OK, 3), (Verdict.MEASURING, 9)], PENDING),
        (True, True, [(Verdict.UNKNOWN, None), (Verdict.MEASURING, 9)], GroupJudgement(Known.NOT_KNOWN)),
        (True, True, [(Verdict.STOPPED, 400), (Verdict.STOPPED, 100)], GroupJudgement(Known.JUDGED, 500)),
        (True, True, [(Verdict.STOPPED, 0)], JUDGED),
    ],
)
def test_one_group(
    asked: bool, answered: bool, standings: list[tuple[Verdict, int | None]], judgement: GroupJudgement
) -> None:
    assert judge_group(asked=asked, answered=answered, standings=standings) == judgement


def test_judging_ends_though_a_group_has_no_verdict() -> None:
    judges = Judges()
    groups = {"a": JUDGED, "b": PENDING, "c": GroupJudgement(Known.NOT_KNOWN)}
    assert judges.observe(groups, 7.0, None) == Judging(3, pending=1, not_known=1)
    assert judges.observe(groups, 7.0 + JUDGED_WITHIN - 1, None).pending == 1
    assert judges.observe(groups, 7.0 + JUDGED_WITHIN, None) == Judging(3, pending=0, not_known=2)
    assert judges.observe({"b": JUDGED}, 50.0, None) == Judging(1)
    assert judges.observe({"b": PENDING}, 60.0, None) == Judging(1, not_known=1), "no waiting begins anew"
    assert judges.observe({"b": PENDING, "new": PENDING}, 60.0, None) == Judging(2, pending=1, not_known=1)
    judges.observe({}, 61.0, None)
    assert judges.observe({"b": PENDING}, 62.0, None).pending == 1, "it was gone"


def test_all_is_well_only_where_nothing_is_left_out() -> None:
    assert summary(Judging(300, pending=180)) == (Mark.MOVING, "judging: 120 of 300 groups")
    assert summary(Judging(1, pending=1), (Mark.BROKEN, "3 Offsets")) == (
        Mark.MOVING,
        "judging: 0 of 1 group",
    )
    assert summary(Judging(300)) == (Mark.OK, "all well")
    assert summary(Judging(300), (Mark.MOVING, "2 Assignments")) == (Mark.OK, "all well")
    assert summary(Judging(300), (Mark.BROKEN, "3 Offsets")) == (Mark.BROKEN, "see pane 3 Offsets")
    assert summary(Judging(300, not_known=12)) == (
        Mark.UNKNOWN,
        "no problem is known, but 12 of 300 groups not known yet",
    )
    assert summary(Judging(0, left_out=ONLY_DESCRIBED)) == (
        Mark.UNKNOWN,
        "no problem is known, but only groups that this user may describe are listed",
    )


def test_stopped_groups_with_a_backlog_count() -> None:
    stopped = GroupJudgement(Known.JUDGED, 500)
    judging = Judges().observe({f"g{number}": stopped for number in range(300)} | {"a": JUDGED}, 1.0, None)
    assert backlog(judging) == "300 stopped, 150,000 behind"
    assert backlog(Judging(300)) is None


def test_a_list_says_what_it_may_lack() -> None:
    assert ClusterGroups().left_out is None
    assert ClusterGroups(lists_all=False).left_out == ONLY_DESCRIBED
    silent = "groups of broker 2 are missing: refused"
    assert ClusterGroups(notes=(silent, "more"), lists_all=False).left_out == silent


def test_not_listed_is_not_gone() -> None:
    listed, moved, gone = Group("a", state="Stable"), Group("m", state="Stable"), Group("z", state="Stable")
    before = (listed, moved, gone, Group("dead", state="Dead"))
    assert not_listed(before, [listed, Group("new")]) == (moved, gone)
    told = [
        Group("new", state="Stable"),
        listed,
        Group("z", state="Dead", members=()),
        Group("m", state="Dead", fault=coded("COORDINATOR_NOT_AVAILABLE")),
    ]
    assert [group.group_id for group in still_there(told, [listed, Group("new")])] == ["a", "m", "new"]
