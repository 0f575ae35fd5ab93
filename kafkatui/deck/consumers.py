"""The deck's consumers: the list of them, and the keys that act on one of them or on all."""

import asyncio
import importlib.util
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from kafkatui.deck.process import CONSUMER, NEW_CONSUMER, DeckProcess, ProcessStarter, end
from kafkatui.deck.resources import Resources
from kafkatui.deck.state import ASSIGNORS, DeckConsumer, Protocol
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Report, ReportKind
from kafkatui.errors import ClusterError, DeckError

MOST = 16
"""The most consumers of a deck: each takes some 35 MB of memory."""
ENDS_WITHIN = 0.5
"""Seconds to wait for consumers that leave or were killed."""


class Consumers:
    """The consumers of a deck. A key that has no effect now raises `DeckError`."""

    def __init__(
        self,
        starter: ProcessStarter,
        resources: Resources,
        on_deed: Callable[[Act, str | None, str], None],
        on_report: Callable[[Report], None],
        on_end: Callable[[DeckProcess], None],
    ) -> None:
        """`on_deed` is called before a key takes effect, so that the deed comes before the reports about
        it."""
        self._starter = starter
        self._resources = resources
        self._on_deed = on_deed
        self._on_report = on_report
        self._on_end = on_end
        self._processes: dict[str, DeckProcess] = {}
        """The consumers by name, those that were killed too."""
        self._number = 0
        """The number in the name of the newest consumer."""
        self._left_static: set[int] = set()
        """Numbers of static members that are gone: the next consumer that joins takes the lowest of them, and
        with it the group instance id.
        """
        self.assignor, self.static = ASSIGNORS["classic"][0], False
        self.protocol: Protocol = "classic"

    @property
    def consumers(self) -> tuple[DeckConsumer, ...]:
        """The state of each consumer."""
        return tuple(
            DeckConsumer(one.name, one.alive, one.frozen, one.slow, one.stuck, one.leaving, one.owned)
            for one in self._processes.values()
        )

    @property
    def processes(self) -> Sequence[DeckProcess]:
        """The processes of all consumers."""
        return tuple(self._processes.values())

    async def restart(self) -> None:
        """End all consumers, and give the next one the first name again."""
        await end(self.processes)
        self._processes.clear()
        self._left_static.clear()
        self._number = 0
        self.assignor, self.static, self.protocol = ASSIGNORS["classic"][0], False, "classic"

    # keys for one consumer

    async def join(self, _: str | None) -> str:
        if len(self._living()) >= MOST:
            raise DeckError(f"{MOST} consumers are enough: each is a process of its own")
        if self.static:
            await self._wait_for_leaving()
        if self._left_static:
            number = min(self._left_static)
        else:
            number = self._number = self._number + 1
        name = f"c{number}"
        self._on_deed(Act.JOIN, name, "")
        await self._begin(name)
        return f"{name} joins"

    async def leave(self, who: str | None) -> str:
        consumer = self._pick(who, "leave", lambda consumer: not consumer.frozen and not consumer.leaving)
        self._on_deed(Act.LEAVE, consumer.name, "")
        consumer.leaving = True
        consumer.away.clear()
        consumer.send("leave")
        return f"{consumer.name} leaves" + (": it is static, and its place is kept" if self.static else "")

    async def crash(self, who: str | None) -> str:
        consumer = self._pick(who, "crash", lambda consumer: True)
        self._on_deed(Act.CRASH, consumer.name, "")
        consumer.kill()
        return f"{consumer.name} killed: nobody is told"

    async def freeze(self, who: str | None) -> str:
        frozen = [consumer for consumer in self._living() if consumer.frozen]
        if who is None and frozen:
            who = frozen[-1].name
        consumer = self._pick(who, "freeze", lambda consumer: True)
        if consumer.frozen:
            self._on_deed(Act.THAW, consumer.name, "")
            consumer.thaw()
            return f"{consumer.name} thawed: it does not know yet"
        self._on_deed(Act.FREEZE, consumer.name, "")
        consumer.freeze()
        return f"{consumer.name} frozen: its connection stays, its heartbeats stop"

    async def get_stuck(self, who: str | None) -> str:
        consumer = self._pick(who, "get stuck", lambda consumer: not consumer.frozen and not consumer.stuck)
        self._on_deed(Act.STUCK, consumer.name, "")
        consumer.send("stuck")
        seconds = f"{self._starter.terms.stuck:.0f} s"
        return f"{consumer.name} works for {seconds} without a poll; its heartbeats go on"

    async def slow(self, who: str | None) -> str:
        consumer = self._pick(who, "be slow", lambda consumer: not consumer.frozen)
        consumer.slow = not consumer.slow
        word = "on" if consumer.slow else "off"
        self._on_deed(Act.SLOW, consumer.name, word)
        consumer.send(f"slow {word}")
        if consumer.slow:
            return f"{consumer.name} takes {self._starter.terms.give_up:.0f} s to give up its partitions"
        return f"{consumer.name} gives up its partitions at once"

    # keys for all consumers

    async def next_assignor(self, _: str | None) -> str:
        names = ASSIGNORS[self.protocol]
        name = names[(names.index(self.assignor) + 1) % len(names)]
        self._on_deed(Act.ASSIGNOR, None, name)
        self.assignor = name
        await self._all_rejoin()
        return f"assignor {name}: everyone joins anew"

    async def toggle_static(self, _: str | None) -> str:
        word = "off" if self.static else "on"
        self._on_deed(Act.STATIC, None, word)
        self.static = not self.static
        self._left_static.clear()
        await self._all_rejoin()
        return f"static membership {word}: everyone joins anew"

    async def toggle_protocol(self, _: str | None) -> str:
        protocol: Protocol = "consumer" if self.protocol == "classic" else "classic"
        if protocol == "consumer" and importlib.util.find_spec("confluent_kafka") is None:
            raise DeckError("KIP-848 needs confluent-kafka: pip install 'kafkatui[demo]'")
        self._on_deed(Act.PROTOCOL, None, protocol)
        self.protocol, self.assignor = protocol, ASSIGNORS[protocol][0]
        names = [consumer.name for consumer in self._living() if not consumer.leaving]
        await self._all_leave()
        await end(self.processes)
        self._processes.clear()
        await self._remove_members()
        await asyncio.gather(*(self._begin(name) for name in names))
        name = "classic" if protocol == "classic" else "KIP-848"
        return f"protocol {name}: every consumer is replaced"

    async def _all_rejoin(self) -> None:
        """All consumers leave; members that are still in the group are removed; then all consumers join."""
        await self._all_leave()
        await self._remove_members()
        for consumer in self._living():
            if not consumer.leaving:
                consumer.send("join " + json.dumps(self._terms_of(consumer.name)))

    async def _all_leave(self) -> None:
        """All consumers leave; a frozen one does when it is thawed."""
        living = [consumer for consumer in self._living() if not consumer.leaving]
        for consumer in living:
            if not consumer.frozen:
                consumer.away.clear()
            consumer.send("leave")
        with suppress(TimeoutError):
            async with asyncio.timeout(self._starter.terms.max_poll + self._starter.terms.heartbeat):
                await asyncio.gather(*(consumer.away.wait() for consumer in living if not consumer.frozen))

    async def _remove_members(self) -> None:
        """Remove all members of the group. An old broker cannot do that: then a consumer that joins waits
        until their sessions end."""
        with suppress(ClusterError):
            await self._resources.remove_members()

    # steps of these keys

    async def _begin(self, name: str) -> None:
        module = CONSUMER if self.protocol == "classic" else NEW_CONSUMER
        self._processes.pop(name, None)
        for dead in [one for one in self._processes.values() if not one.alive][:-MOST]:
            del self._processes[dead.name]
        self._left_static.discard(int(name[1:]))
        self._processes[name] = await self._starter.begin(
            module,
            name,
            tuple(self._resources.topics),
            self._take_report,
            self._ended,
            **self._terms_of(name),
        )

    def _terms_of(self, name: str) -> dict[str, str | None]:
        """The fields of the command ``join`` for a consumer; see `kafkatui.actors.commands`."""
        return {"assignor": self.assignor, "instance_id": name if self.static else None}

    async def _wait_for_leaving(self) -> None:
        """Wait a moment for consumers that leave or were killed: then their group instance ids are free."""
        going = [consumer for consumer in self._processes.values() if consumer.leaving or consumer.killed]
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN):
                await asyncio.gather(*(consumer.ended() for consumer in going))

    def _living(self) -> list[DeckProcess]:
        return [consumer for consumer in self._processes.values() if consumer.alive]

    def _pick(self, who: str | None, what: str, fits: Callable[[DeckProcess], bool]) -> DeckProcess:
        """The consumer named `who`; ``None``: the newest for which `fits` is true. Raises `DeckError` where
        there is none; `what` is the action in its text."""
        living = self._living()
        if not living:
            raise DeckError("no consumer: j lets one join")
        if who is None:
            fitting = [consumer for consumer in living if fits(consumer)]
            if not fitting:
                _refuse(living[-1], what)
            return fitting[-1]
        for consumer in living:
            if consumer.name == who:
                return consumer if fits(consumer) else _refuse(consumer, what)
        raise DeckError(f"{who} is dead, or not of the deck")

    def _take_report(self, report: Report) -> None:
        consumer = self._processes.get(report.who)
        if report.kind is ReportKind.STOPPED and consumer is not None and consumer.leaving:
            consumer.kill()  # it has left: its process is not needed any more
        self._on_report(report)

    def _ended(self, process: DeckProcess) -> None:
        if process.leaving and self._processes.get(process.name) is process:
            del self._processes[process.name]
        if self.static:
            self._left_static.add(int(process.name[1:]))
        self._on_end(process)


def _refuse(consumer: DeckProcess, what: str) -> NoReturn:
    state = "frozen: thaw it first (f)" if consumer.frozen else "at that already"
    raise DeckError(f"{consumer.name} cannot {what}: it is {state}")
