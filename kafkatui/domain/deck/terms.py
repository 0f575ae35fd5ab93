"""The timeouts and intervals that the deck's consumers run with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """Times of the deck's consumers, in seconds."""

    session: float = 6.0
    """session.timeout"""
    heartbeat: float = 1.0
    """heartbeat.interval"""
    max_poll: float = 4.0
    """max.poll.interval, and so rebalance.timeout"""
    stuck: float = 12.0
    """How long a stuck consumer does not poll."""
    give_up: float = 2.0
    """How long a slow consumer takes to give up its partitions."""


TERMS = Terms()
