"""Checks that several lessons share; each is a pure function over frozen observations."""

from collections.abc import Iterable

from kafkatui.labs.lesson import Check, Outcome, Waiting
from kafkatui.labs.observation import Event, Observation


def key_pressed(now: Observation, before: Observation, letter: str) -> Event | None:
    """The last press of a key since `before`; ``None``: it was not pressed."""
    presses = [event for event in now.since(before) if event.kind == "key" and event.who == letter]
    return presses[-1] if presses else None


def first(*checks: Check) -> Check:
    """Passes when all `checks` have passed; says what the first of the others waits for."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        return next(filter(None, (one(before, now) for one in checks)), None)

    return check


def pressed(*letters: str) -> Check:
    """Passes once each of the keys was pressed."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        for letter in letters:
            if key_pressed(now, before, letter) is None:
                return Waiting("key", of=letter)
        return None

    return check


def members(group: str, wanted: int) -> Check:
    """Passes once a group has so many members, all of which have their partitions."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        seen = now.groups.get(group)
        count = now.members(group)
        if seen is None or count is None:
            return Waiting("unknown", of=group)
        if count != wanted or not seen.settled:
            return Waiting("members", f"{count}", f"{wanted}", group)
        return None

    return check


def drained(topic: str, *groups: str) -> Check:
    """Passes once the groups have committed all that is in a topic."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        for group in groups:
            lag = now.lag(group, topic)
            if lag is None:
                return Waiting("unknown", of=group)
            if lag:
                return Waiting("lag", f"{lag}", of=group)
        return None

    return check


def written(topic: str, wanted: int) -> Check:
    """Passes once a topic has got so many records more than before."""

    def check(before: Observation, now: Observation) -> Waiting | None:
        had, has = before.count(topic), now.count(topic)
        if had is None or has is None:
            return Waiting("unknown", of=topic)
        if has - had < wanted:
            return Waiting("records", f"{has - had}", f"{wanted}", topic)
        return None

    return check


def distinct(events: Iterable[Event]) -> set[str]:
    """The values of records in events: each record once."""
    return {event.value for event in events}


def owned_by(group: str, name: str) -> Outcome:
    """How many partitions a consumer has."""

    def outcome(before: Observation, now: Observation) -> float | None:
        owned = now.groups[group].owned(name)
        return None if owned is None else len(owned)

    return outcome


def idle(group: str) -> Outcome:
    """How many members have no partition."""

    def outcome(before: Observation, now: Observation) -> float | None:
        known = now.groups[group].members
        return None if known is None else sum(not member.partitions for member in known)

    return outcome


HANDED_OVER = ("once", "session", "never")
"""The answers of `handed_over`."""


def handed_over(letter: str) -> Outcome:
    """How long after a key others got partitions: at once, after the session, or not at all."""

    def outcome(before: Observation, now: Observation) -> str:
        press = key_pressed(now, before, letter)
        got = [
            event.at
            for event in now.since(before)
            if press is not None and event.kind == "assigned" and event.at > press.at
        ]
        if press is None or not got:
            return "never"
        return "once" if got[0] - press.at < 4.0 else "session"

    return outcome
