"""The deck's consumers: who there is, and what a key does to one of them, or to all."""

import asyncio
import importlib.util
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from kafkatui.deck.performer import CONSUMER, NEW_CONSUMER, Performer, Stage, end
from kafkatui.deck.playground import Playground
from kafkatui.deck.state import ASSIGNORS, Player, Protocol
from kafkatui.domain.deeds import Act, Report, Told
from kafkatui.errors import ClusterError, DeckError

MOST = 16
"""Consumers: each takes some 35 MB."""
ENDS_WITHIN = 0.5
"""Seconds a killed process gets until it is gone."""


class Company:
    """The consumers of a deck. Everything that cannot be done now raises `DeckError`."""

    def __init__(
        self,
        stage: Stage,
        ground: Playground,
        on_deed: Callable[[Act, str | None, str], None],
        on_report: Callable[[Report], None],
        on_end: Callable[[Performer], None],
    ) -> None:
        """`on_deed` is told what is about to be done, before consumers tell what came of it."""
        self._stage = stage
        self._ground = ground
        self._on_deed = on_deed
        self._on_report = on_report
        self._on_end = on_end
        self._performers: dict[str, Performer] = {}
        """By name, those too that were killed."""
        self._number = 0
        """Of the newest consumer."""
        self._seats: set[int] = set()
        """Numbers of static members that have gone: who joins next comes back as one of them."""
        self.assignor, self.static = ASSIGNORS["classic"][0], False
        self.protocol: Protocol = "classic"

    @property
    def players(self) -> tuple[Player, ...]:
        """How each stands."""
        return tuple(
            Player(one.name, one.alive, one.frozen, one.slow, one.stuck, one.leaving, one.owned)
            for one in self._performers.values()
        )

    @property
    def performers(self) -> Sequence[Performer]:
        """Their processes."""
        return tuple(self._performers.values())

    async def restart(self) -> None:
        """End them all, and begin to count anew."""
        await end(self.performers)
        self._performers.clear()
        self._seats.clear()
        self._number = 0
        self.assignor, self.static, self.protocol = ASSIGNORS["classic"][0], False, "classic"

    # one of them

    async def join(self, _: str | None) -> str:
        if len(self._living()) >= MOST:
            raise DeckError(f"{MOST} consumers are enough: each is a process of its own")
        if self.static:
            await self._all_gone()
        if self._seats:
            number = min(self._seats)
        else:
            number = self._number = self._number + 1
        name = f"c{number}"
        self._on_deed(Act.JOIN, name, "")
        await self._begin(name)
        return f"{name} joins"

    async def leave(self, who: str | None) -> str:
        player = self._pick(who, "leave", lambda player: not player.frozen and not player.leaving)
        self._on_deed(Act.LEAVE, player.name, "")
        player.leaving = True
        player.away.clear()
        player.send("leave")
        return f"{player.name} leaves" + (": it is static, and its seat is kept" if self.static else "")

    async def crash(self, who: str | None) -> str:
        player = self._pick(who, "crash", lambda player: True)
        self._on_deed(Act.CRASH, player.name, "")
        player.kill()
        return f"{player.name} killed: nobody is told"

    async def freeze(self, who: str | None) -> str:
        frozen = [player for player in self._living() if player.frozen]
        if who is None and frozen:
            who = frozen[-1].name
        player = self._pick(who, "freeze", lambda player: True)
        if player.frozen:
            self._on_deed(Act.THAW, player.name, "")
            player.thaw()
            return f"{player.name} thawed: it does not know yet"
        self._on_deed(Act.FREEZE, player.name, "")
        player.freeze()
        return f"{player.name} frozen: its connection stays, its heart stands still"

    async def get_stuck(self, who: str | None) -> str:
        player = self._pick(who, "get stuck", lambda player: not player.frozen and not player.stuck)
        self._on_deed(Act.STUCK, player.name, "")
        player.send("stuck")
        return f"{player.name} works for {self._stage.terms.stuck:.0f} s without a poll; its heart beats on"

    async def slow(self, who: str | None) -> str:
        player = self._pick(who, "be slow", lambda player: not player.frozen)
        player.slow = not player.slow
        word = "on" if player.slow else "off"
        self._on_deed(Act.SLOW, player.name, word)
        player.send(f"slow {word}")
        if player.slow:
            return f"{player.name} takes {self._stage.terms.give_up:.0f} s to give up its partitions"
        return f"{player.name} gives up its partitions at once"

    # all of them

    async def next_assignor(self, _: str | None) -> str:
        names = ASSIGNORS[self.protocol]
        name = names[(names.index(self.assignor) + 1) % len(names)]
        self._on_deed(Act.ASSIGNOR, None, name)
        self.assignor = name
        await self._join_anew()
        return f"assignor {name}: everyone joins anew"

    async def toggle_static(self, _: str | None) -> str:
        word = "off" if self.static else "on"
        self._on_deed(Act.STATIC, None, word)
        self.static = not self.static
        self._seats.clear()
        await self._join_anew()
        return f"static membership {word}: everyone joins anew"

    async def toggle_protocol(self, _: str | None) -> str:
        protocol: Protocol = "consumer" if self.protocol == "classic" else "classic"
        if protocol == "consumer" and importlib.util.find_spec("confluent_kafka") is None:
            raise DeckError("KIP-848 needs confluent-kafka: pip install 'kafkatui[demo]'")
        self._on_deed(Act.PROTOCOL, None, protocol)
        self.protocol, self.assignor = protocol, ASSIGNORS[protocol][0]
        names = [player.name for player in self._living() if not player.leaving]
        await self._send_away()
        await end(self.performers)
        self._performers.clear()
        await self._expel()
        await asyncio.gather(*(self._begin(name) for name in names))
        name = "classic" if protocol == "classic" else "KIP-848"
        return f"protocol {name}: every consumer is replaced"

    async def _join_anew(self) -> None:
        """Everyone leaves; who stays in the group all the same is removed; then everyone joins."""
        await self._send_away()
        await self._expel()
        for player in self._living():
            if not player.leaving:
                player.send("join " + json.dumps(self._terms_of(player.name)))

    async def _send_away(self) -> None:
        """Everyone leaves; who is frozen will when it is thawed."""
        living = [player for player in self._living() if not player.leaving]
        for player in living:
            if not player.frozen:
                player.away.clear()
            player.send("leave")
        with suppress(TimeoutError):
            async with asyncio.timeout(self._stage.terms.max_poll + self._stage.terms.heartbeat):
                await asyncio.gather(*(player.away.wait() for player in living if not player.frozen))

    async def _expel(self) -> None:
        """An old broker cannot remove members: who joins then waits until their session ends."""
        with suppress(ClusterError):
            await self._ground.expel_members()

    # parts of these

    async def _begin(self, name: str) -> None:
        module = CONSUMER if self.protocol == "classic" else NEW_CONSUMER
        self._performers.pop(name, None)
        for dead in [one for one in self._performers.values() if not one.alive][:-MOST]:
            del self._performers[dead.name]
        self._seats.discard(int(name[1:]))
        self._performers[name] = await self._stage.begin(
            module, name, tuple(self._ground.topics), self._hear, self._ended, **self._terms_of(name)
        )

    def _terms_of(self, name: str) -> dict[str, str | None]:
        """What a consumer joins with; see `kafkatui.actors.desk`."""
        return {"assignor": self.assignor, "instance_id": name if self.static else None}

    async def _all_gone(self) -> None:
        """Wait a moment for those that are leaving or were killed: their seats become free."""
        going = [player for player in self._performers.values() if player.leaving or player.doomed]
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN):
                await asyncio.gather(*(player.ended() for player in going))

    def _living(self) -> list[Performer]:
        return [player for player in self._performers.values() if player.alive]

    def _pick(self, who: str | None, what: str, fits: Callable[[Performer], bool]) -> Performer:
        """The consumer `who`, or the newest that fits. Raises `DeckError`."""
        living = self._living()
        if not living:
            raise DeckError("no consumer: j lets one join")
        if who is None:
            fitting = [player for player in living if fits(player)]
            if not fitting:
                _refuse(living[-1], what)
            return fitting[-1]
        for player in living:
            if player.name == who:
                return player if fits(player) else _refuse(player, what)
        raise DeckError(f"{who} is dead, or not of the deck")

    def _hear(self, report: Report) -> None:
        player = self._performers.get(report.who)
        if report.told is Told.STOPPED and player is not None and player.leaving:
            player.kill()  # it has nothing more to do
        self._on_report(report)

    def _ended(self, performer: Performer) -> None:
        if performer.leaving and self._performers.get(performer.name) is performer:
            del self._performers[performer.name]
        if self.static:
            self._seats.add(int(performer.name[1:]))
        self._on_end(performer)


def _refuse(player: Performer, what: str) -> NoReturn:
    state = "frozen: thaw it first (f)" if player.frozen else "at that already"
    raise DeckError(f"{player.name} cannot {what}: it is {state}")
