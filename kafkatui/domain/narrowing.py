"""How commits in a group's log narrow the time for which members paused."""

from kafkatui.domain.causes import CLOCKS
from kafkatui.domain.commits import Commits
from kafkatui.domain.groups import Member
from kafkatui.domain.rebalances import Source
from kafkatui.domain.steps import Step


def narrow(step: Step, commits: Commits) -> bool:
    """Take in what commits tell of a step that is complete; whether it is more than before.

    A bound only shrinks.
    """
    if step.settled_at is None or not (step.before.known and step.picture.known):
        return False
    eager = step.classic and not step.cooperative
    told = False
    for key, member in step.before.members.items():
        after = step.picture.members.get(key)
        if after is None or (eager and step.source is not Source.LOG):
            continue
        found = _whole(step, member, commits) if eager else _given_up(step, member, after, commits)
        if found is not None and found < step.bounds.get(key, step.ended_at - step.settled_at):
            step.bounds[key] = found
            told = True
    return told


def _whole(step: Step, member: Member, commits: Commits) -> float | None:
    """A member that gave up everything read on as long as any of it was surely read."""
    read = (commits.read_at(partition, step.ended_at) for partition in member.assignment)
    last = max((at for at in read if at is not None), default=None)
    return None if last is None else step.ended_at + CLOCKS - last


def _given_up(step: Step, member: Member, after: Member, commits: Commits) -> float | None:
    """What a member gave up while it read on."""
    if member.assignment == after.assignment or step.settled_at is None:
        return None
    since = step.settled_at if step.taken_at is None else step.taken_at
    given = set(member.assignment).difference(after.assignment)
    gaps = [commits.gap(partition, since, step.ended_at) for partition in given]
    known = [gap for gap in gaps if gap is not None]
    return max(known) if known and len(known) == len(gaps) else None
