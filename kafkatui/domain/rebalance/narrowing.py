"""How commits in a group's log narrow the time for which members paused."""

from kafkatui.domain.rebalance.causes import CLOCKS
from kafkatui.domain.rebalance.commits import Commits
from kafkatui.domain.rebalance.rebalances import Source
from kafkatui.domain.rebalance.steps import Step

LOOKED_AT = 1000
"""Partitions whose commits are looked at for one rebalance, at most: it takes about 3 ms."""


def narrow(step: Step, commits: Commits) -> bool:
    """Lower `step.bounds`, the longest pause of each member, by the commits known; whether a bound got lower.

    A bound is never raised.
    """
    if step.settled_at is None or not (step.before.known and step.snapshot.known):
        return False
    found = _given_up(step, commits) if step.cooperative or not step.classic else _everything(step, commits)
    longest = step.ended_at - step.settled_at
    less = {key: most for key, most in found.items() if most < step.bounds.get(key, longest)}
    step.bounds.update(less)
    return bool(less)


def _everything(step: Step, commits: Commits) -> dict[str, float]:
    """Bounds by member key, in seconds, for members that gave up all their partitions: such a member had not
    paused yet while one of its partitions was still read.
    """
    if step.source is not Source.LOG:
        return {}
    found: dict[str, float] = {}
    most = 1 + LOOKED_AT // (len(step.before.members) or 1)
    for key in step.before.members.keys() & step.snapshot.members.keys():
        some = step.before.members[key].assignment[:most]
        read = [commits.read_at(partition, step.ended_at) for partition in some]
        known = [at for at in read if at is not None]
        if known:
            found[key] = step.ended_at + CLOCKS - max(known)
    return found


def _given_up(step: Step, commits: Commits) -> dict[str, float]:
    """Bounds by member key, in seconds, for members that gave up some partitions and read the others on: a
    given up partition was unread for no longer than the longest gap between its commits.
    """
    since = step.settled_at if step.taken_at is None else step.taken_at
    if since is None or sum(step.change.moved.values()) > LOOKED_AT:
        return {}
    found: dict[str, float] = {}
    for key in step.before.members.keys() & step.snapshot.members.keys():
        before, after = step.before.members[key].assignment, step.snapshot.members[key].assignment
        given = () if before is after else set(before).difference(after)
        gaps = [commits.gap(partition, since, step.ended_at) for partition in given]
        known = [gap for gap in gaps if gap is not None]
        if known and len(known) == len(gaps):
            found[key] = max(known)
    return found
