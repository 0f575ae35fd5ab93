"""What a timeline tells of: things that happened to something at some time, each in a sentence."""

from dataclasses import dataclass
from typing import Protocol

from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.explain.explain import explain
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.rebalance.story import GroupStory


class Happening(Protocol):
    """One thing that happened."""

    @property
    def at(self) -> float:
        """When it began, or was done: monotonic seconds."""
        ...

    @property
    def subject(self) -> str:
        """The name of what it happened to: of a group, as it came from outside."""
        ...

    @property
    def sentence(self) -> str:
        """What happened, in a sentence. Names are as they came from outside, not yet printable."""
        ...


@dataclass(frozen=True, slots=True)
class GroupHappening:
    """A rebalance of a group, or what a key of the deck did to it."""

    subject: str
    entry: Rebalance | Deed
    story: GroupStory
    """Of the group: it tells what came of the entry."""

    @property
    def at(self) -> float:
        """When the rebalance began, or the key was pressed."""
        return self.entry.at if isinstance(self.entry, Deed) else self.entry.started_at

    @property
    def sentence(self) -> str:
        """Why, and at what cost."""
        if isinstance(self.entry, Deed):
            return explain(self.entry, self.story.effect(self.entry))
        return explain(self.entry, waited=self.story.waited(self.entry))
