"""The deck: what each key does to consumers, writer and brokers of our own."""

import asyncio
import importlib.util
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import NoReturn

from kafkatui.deck.brokers import Brokers
from kafkatui.deck.performer import CONSUMER, NEW_CONSUMER, WRITER, Performer, Spawn, Stage
from kafkatui.deck.playground import Playground
from kafkatui.deck.secured import properties_of
from kafkatui.deck.state import ASSIGNORS, RATES, USUAL_RATE, DeckState, Player, Protocol
from kafkatui.domain.deeds import TERMS, Act, Deed, Report, Terms, Told
from kafkatui.errors import ClusterError, DeckError
from kafkatui.kafka.connection import Cluster
from kafkatui.local.cluster import LocalCluster

ENDS_WITHIN = 0.5
"""Seconds a killed process gets until it is gone."""
CLOSES_WITHIN = 1.4
"""Seconds closing gets to remove what was made."""
FOREIGN_ENDS = "the deck has been put away"


class Deck:
    """Consumers that join, leave, crash and freeze as a key says; on topics and a group of their own.

    Nothing is made before the first act. Acts follow each other; every one tells its `Deed` before what
    comes of it is told by consumers.
    """

    def __init__(
        self,
        cluster: Cluster,
        spawn: Spawn,
        on_news: Callable[[Deed | Report], None],
        *,
        group: str = "kafkatui-deck",
        topics: Mapping[str, int] | None = None,
        local: LocalCluster | None = None,
        terms: Terms = TERMS,
    ) -> None:
        """`topics`: name → partitions, one topic of 6 named as the group by default; `local`: the cluster is
        ours, and if it has several brokers, they may be killed.
        """
        self.group = group
        self.on_change: Callable[[], None] | None = None
        """Called when `state` is another one."""
        self._ground = Playground(cluster, group, topics or {group: 6})
        servers = ",".join(cluster.config.bootstrap_servers)
        self._stage = Stage(spawn, servers, properties_of(cluster.config), group, terms)
        self._on_news = on_news
        self._local = local
        self._terms = terms
        self._brokers = Brokers(local) if local is not None and local.brokers > 1 else None
        self._players: dict[str, Performer] = {}
        """By name, those too that were killed."""
        self._writer: Performer | None = None
        self._number = 0
        """Of the newest consumer."""
        self._seats: set[int] = set()
        """Numbers of static members that have gone: who joins next comes back as one of them."""
        self._assignor, self._static, self._rate = "range", False, USUAL_RATE
        self._protocol: Protocol = "classic"
        self._lock = asyncio.Lock()
        self._acting: set[asyncio.Task[str]] = set()
        self._closed = False

    @property
    def topics(self) -> Mapping[str, int]:
        """Name → partitions now."""
        return self._ground.topics

    @property
    def state(self) -> DeckState:
        """How it stands."""
        players = tuple(
            Player(
                player.name,
                player.code is None and not player.doomed,
                player.frozen,
                player.slow,
                player.stuck,
                player.leaving,
                player.owned,
            )
            for player in self._players.values()
        )
        down = tuple(sorted(self._brokers.down)) if self._brokers is not None else ()
        return DeckState(players, self._assignor, self._static, self._protocol, self._rate, down)

    async def act(self, act: Act, who: str | None = None) -> str:
        """Do what a key says; returns one line for the user.

        `who`: client id of the chosen consumer; ``None``: the newest that fits. Raises `DeckError` where it
        cannot be done now, `ClusterError` and `LocalClusterError`.
        """
        acting = asyncio.create_task(self._act(act, who))
        self._acting.add(acting)
        acting.add_done_callback(self._acting.discard)
        try:
            return await acting
        except asyncio.CancelledError:
            if self._closed:
                raise DeckError(FOREIGN_ENDS) from None
            acting.cancel()
            raise

    async def close(self) -> None:
        """End every process and, on a cluster that is not ours, remove what was made; within 2 s."""
        self._closed = True
        for acting in self._acting:
            acting.cancel()
        living = [*self._players.values(), *([self._writer] if self._writer else [])]
        for performer in living:
            performer.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN):
                await asyncio.gather(*(performer.ended() for performer in living))
        if self._local is None:
            with suppress(TimeoutError, ClusterError):  # it is in the ledger
                async with asyncio.timeout(CLOSES_WITHIN):
                    await self._ground.remove()

    async def _act(self, act: Act, who: str | None) -> str:
        acts: Mapping[Act, Callable[[str | None], Awaitable[str]]] = {
            Act.JOIN: self._join,
            Act.LEAVE: self._leave,
            Act.CRASH: self._crash,
            Act.FREEZE: self._freeze,
            Act.THAW: self._freeze,
            Act.STUCK: self._get_stuck,
            Act.SLOW: self._slow,
            Act.ASSIGNOR: self._next_assignor,
            Act.STATIC: self._toggle_static,
            Act.PROTOCOL: self._toggle_protocol,
            Act.PARTITION: self._add_partition,
            Act.SLOWER: lambda _: self._pace(-1),
            Act.FASTER: lambda _: self._pace(+1),
            Act.RESTORE: self._restore,
            Act.KILL_BROKER: self._kill_broker,
            Act.STOP_BROKER: self._stop_broker,
            Act.START_BROKER: self._start_brokers,
        }
        async with self._lock:
            if self._closed:
                raise DeckError(FOREIGN_ENDS)
            try:
                return await acts[act](who)
            finally:
                self._changed()

    # consumers, one by one

    async def _join(self, _: str | None) -> str:
        await self._open()
        if self._static:
            await self._all_gone()
        if self._seats:
            number = min(self._seats)
        else:
            number = self._number = self._number + 1
        name = f"c{number}"
        self._tell(Act.JOIN, name)
        await self._begin(name)
        return f"{name} joins"

    async def _leave(self, who: str | None) -> str:
        player = self._pick(who, "leave", lambda player: not player.frozen and not player.leaving)
        self._tell(Act.LEAVE, player.name)
        player.leaving = True
        player.away.clear()
        player.send("leave")
        return f"{player.name} leaves" + (", and says nothing: it is static" if self._static else "")

    async def _crash(self, who: str | None) -> str:
        player = self._pick(who, "crash", lambda player: True)
        self._tell(Act.CRASH, player.name)
        player.kill()
        return f"{player.name} killed: nobody is told"

    async def _freeze(self, who: str | None) -> str:
        frozen = [player for player in self._living() if player.frozen]
        if who is None and frozen:
            who = frozen[-1].name
        player = self._pick(who, "freeze", lambda player: True)
        if player.frozen:
            self._tell(Act.THAW, player.name)
            player.thaw()
            return f"{player.name} thawed: it does not know yet"
        self._tell(Act.FREEZE, player.name)
        player.freeze()
        return f"{player.name} frozen: its connection stays, its heart stands still"

    async def _get_stuck(self, who: str | None) -> str:
        player = self._pick(who, "get stuck", lambda player: not player.frozen and not player.stuck)
        self._tell(Act.STUCK, player.name)
        player.send("stuck")
        return f"{player.name} works for {self._terms.stuck:.0f} s without a poll; its heart beats on"

    async def _slow(self, who: str | None) -> str:
        player = self._pick(who, "be slow", lambda player: not player.frozen)
        player.slow = not player.slow
        word = "on" if player.slow else "off"
        self._tell(Act.SLOW, player.name, word)
        player.send(f"slow {word}")
        if player.slow:
            return f"{player.name} takes {self._terms.give_up:.0f} s to give up its partitions"
        return f"{player.name} gives up its partitions at once"

    # all consumers

    async def _next_assignor(self, _: str | None) -> str:
        names = ASSIGNORS[self._protocol]
        name = names[(names.index(self._assignor) + 1) % len(names)]
        await self._open()
        self._tell(Act.ASSIGNOR, detail=name)
        self._assignor = name
        await self._join_anew()
        return f"assignor {name}: everyone joins anew"

    async def _toggle_static(self, _: str | None) -> str:
        await self._open()
        word = "off" if self._static else "on"
        self._tell(Act.STATIC, detail=word)
        self._static = not self._static
        self._seats.clear()
        await self._join_anew()
        return f"static membership {word}: everyone joins anew"

    async def _toggle_protocol(self, _: str | None) -> str:
        protocol: Protocol = "consumer" if self._protocol == "classic" else "classic"
        if protocol == "consumer" and importlib.util.find_spec("confluent_kafka") is None:
            raise DeckError("the new protocol needs confluent-kafka: pip install 'kafkatui[demo]'")
        await self._open()
        self._tell(Act.PROTOCOL, detail=protocol)
        self._protocol, self._assignor = protocol, ASSIGNORS[protocol][0]
        names = [player.name for player in self._living() if not player.leaving]
        await self._send_away()
        await self._end([*self._players.values()])
        self._players.clear()
        await self._expel()
        await asyncio.gather(*(self._begin(name) for name in names))
        return f"protocol {protocol}: every consumer is replaced"

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
            async with asyncio.timeout(self._terms.max_poll + self._terms.heartbeat):
                await asyncio.gather(*(player.away.wait() for player in living if not player.frozen))

    async def _expel(self) -> None:
        """An old broker cannot remove members: who joins then waits until their session ends."""
        with suppress(ClusterError):
            await self._ground.expel_members()

    # topics, writer, everything

    async def _add_partition(self, _: str | None) -> str:
        await self._open()
        topic = next(iter(self.topics))
        at = monotonic()
        total = await self._ground.add_partition(topic)
        self._on_news(Deed(Act.PARTITION, at, self.group, detail=str(total)))
        return f"{topic} has {total} partitions"

    async def _pace(self, step: int) -> str:
        place = RATES.index(self._rate) + step
        if not 0 <= place < len(RATES):
            raise DeckError(f"the writer is at {self._rate} records a second already")
        await self._open()
        self._rate = RATES[place]
        self._tell(Act.FASTER if step > 0 else Act.SLOWER, detail=str(self._rate))
        assert self._writer is not None
        self._writer.send(f"rate {self._rate}")
        return f"{self._rate} records a second"

    async def _restore(self, _: str | None) -> str:
        self._tell(Act.RESTORE)
        await self._end([*self._players.values()])
        self._players.clear()
        self._number = 0
        self._seats.clear()
        self._assignor, self._static, self._rate, self._protocol = "range", False, USUAL_RATE, "classic"
        if self._brokers is not None:
            await self._brokers.start_all()
        if self._writer is not None and not self._ground.as_at_start:
            await self._end([self._writer])  # else it would make the topic again
            self._writer = None
        await self._ground.reset()
        await self._open()
        assert self._writer is not None
        self._writer.send(f"rate {self._rate}")
        return "back to the start"

    # brokers

    async def _kill_broker(self, _: str | None) -> str:
        brokers, node = await self._victim()
        self._tell(Act.KILL_BROKER, str(node))
        await brokers.kill(node)
        return f"broker {node} killed"

    async def _stop_broker(self, _: str | None) -> str:
        brokers, node = await self._victim()
        self._tell(Act.STOP_BROKER, str(node))
        await brokers.stop(node)
        return f"broker {node} stopped: it handed over what it led"

    async def _start_brokers(self, _: str | None) -> str:
        brokers = self._several()
        if not brokers.down:
            raise DeckError("all brokers are up")
        down = sorted(brokers.down)
        for node in down:
            self._tell(Act.START_BROKER, str(node))
        await brokers.start_all()
        return f"broker {' and '.join(map(str, down))} back"

    async def _victim(self) -> tuple[Brokers, int]:
        brokers = self._several()
        try:
            topics = await self._ground.read_topics()
        except ClusterError:
            topics = ()
        return brokers, brokers.victim(topics)

    def _several(self) -> Brokers:
        if self._brokers is None:
            raise DeckError("brokers are only killed in a demo of three: kafkatui demo --brokers 3")
        return self._brokers

    # parts of these

    async def _open(self) -> None:
        """Topics and a writer, before the first act and where they are gone."""
        if self._writer is None or self._writer.code is not None:
            await self._ground.make()
            self._writer = await self._stage.begin(
                WRITER, "writer", tuple(self.topics), self._hear, self._ended
            )
            self._writer.send(f"rate {self._rate}")

    async def _begin(self, name: str) -> None:
        module = CONSUMER if self._protocol == "classic" else NEW_CONSUMER
        self._players.pop(name, None)
        self._seats.discard(int(name[1:]))
        self._players[name] = await self._stage.begin(
            module, name, tuple(self.topics), self._hear, self._ended, **self._terms_of(name)
        )

    def _terms_of(self, name: str) -> dict[str, str | None]:
        """What a consumer joins with; see `kafkatui.actors.desk`."""
        return {"assignor": self._assignor, "instance_id": name if self._static else None}

    async def _end(self, performers: list[Performer]) -> None:
        for performer in performers:
            performer.kill()
        await asyncio.gather(*(performer.ended() for performer in performers))

    async def _all_gone(self) -> None:
        """Wait a moment for those that are leaving or were killed: their seats become free."""
        going = [player for player in self._players.values() if player.leaving or player.doomed]
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN):
                await asyncio.gather(*(player.ended() for player in going))

    def _living(self) -> list[Performer]:
        return [player for player in self._players.values() if player.code is None and not player.doomed]

    def _pick(self, who: str | None, what: str, fits: Callable[[Performer], bool]) -> Performer:
        """The consumer `who`, or the newest that fits. Raises `DeckError`."""
        living = self._living()
        if not living:
            raise DeckError("no consumer yet: press j")
        if who is None:
            fitting = [player for player in living if fits(player)]
            if not fitting:
                _refuse(living[-1], what)
            return fitting[-1]
        for player in living:
            if player.name == who:
                return player if fits(player) else _refuse(player, what)
        raise DeckError(f"{who} is no living consumer of the deck")

    def _hear(self, report: Report) -> None:
        player = self._players.get(report.who)
        if report.told is Told.STOPPED and player is not None and player.leaving:
            player.kill()
        if report.who != "writer" or report.told is Told.FAULT:
            self._on_news(report)
        self._changed()

    def _ended(self, performer: Performer) -> None:
        if performer.leaving and self._players.get(performer.name) is performer:
            del self._players[performer.name]
        if self._static and performer is not self._writer:
            self._seats.add(int(performer.name[1:]))
        if not performer.doomed:
            text = f"its process ended, exit code {performer.code}"
            self._on_news(Report(Told.FAULT, monotonic(), self.group, performer.name, detail=text))
        self._changed()

    def _tell(self, act: Act, who: str | None = None, detail: str = "") -> None:
        self._on_news(Deed(act, monotonic(), self.group, who, detail))

    def _changed(self) -> None:
        if self.on_change is not None and not self._closed:
            self.on_change()


def _refuse(player: Performer, what: str) -> NoReturn:
    state = "frozen: thaw it first (f)" if player.frozen else "at that already"
    raise DeckError(f"{player.name} cannot {what}: it is {state}")
