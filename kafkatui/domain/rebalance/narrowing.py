"""How commits in a group's log narrow the time for which members paused."""

from kafkatui.domain.rebalance.causes import CLOCKS
from kafkatui.domain.rebalance.commits import Commits
from kafkatui.domain.rebalance.rebalances import Source
from kafkatui.domain.rebalance.steps import Step

LOOKED_AT = 1000
"""Partitions whose commits are looked at for one rebalance: some 3 ms."""


def narrow(step: Step, commits: Commits) -> bool:
    """Take in what commits tell of a step that is complete; whether it is more than before.

    A bound only shrinks.
    """
    if step.settled_at is None or not (step.before.known and step.snapshot.known):
        return False
    found = _given_up(step, commits) if step.cooperative or not step.classic else _everything(step, commits)
    longest = step.ended_at - step.settled_at
    less = {key: most for key, most in found.items() if most < step.bounds.get(key, longest)}
    step.bounds.update(less)
    return bool(less)


def _everything(step: Step, commits: Commits) -> dict[str, float]:
    """Members that gave up everything read on as long as any of it was surely read."""
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
    """What members gave up while they read on was not read for as long as it was not committed."""
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
