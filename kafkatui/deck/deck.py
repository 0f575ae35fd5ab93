"""The deck: what each key does to the consumers, the writer and the brokers that kafkatui runs itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

from kafkatui.deck import ledger
from kafkatui.deck.brokers import Brokers
from kafkatui.deck.consumers import ENDS_WITHIN, Consumers
from kafkatui.deck.process import WRITER, DeckProcess, ProcessStarter, Spawn, end
from kafkatui.deck.resources import Resources
from kafkatui.deck.state import RATES, USUAL_RATE, DeckState
from kafkatui.domain.cluster.leaders import moved_leaders, say_moved
from kafkatui.domain.cluster.partitions import Topic
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed, Report, ReportKind
from kafkatui.domain.deck.terms import TERMS, Terms
from kafkatui.errors import ClusterError, DeckError
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.secured import properties_of
from kafkatui.local.cluster import LocalCluster

CLOSES_WITHIN = 1.4
"""Seconds in which closing must remove the topics and the group."""
MOST_PARTITIONS = 32
"""The most partitions of the topic: as many as the map of assignments shows one by one."""
CLOSED = "the deck is closed"

Method = Callable[[str | None], Awaitable[str]]
"""Does what a key says to the consumer of this client id (``None``: to none, or to the newest); returns one
line for the user."""


class Deck:
    """Consumers that join, leave, crash and freeze by keys, with topics and a group of their own.

    Topics and processes are made when they are first needed. Acts run one after the other; the `Deed` of an
    act comes before the reports of consumers about it.
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
        """`topics`: name → partitions; ``None``: one topic with the name of the group and 6 partitions.
        `local`: the cluster if kafkatui started it; if it has several brokers, keys may kill them.
        """
        self.group = group
        self.on_change: Callable[[], None] | None = None
        """Called when `state` changed."""
        self.on_word: Callable[[str], None] | None = None
        """Called with a line for the user that is not the answer to a key: what a key waits for, or its later
        effect.
        """
        self._current_act: Act | None = None
        """The act that is being done; ``None``: none is."""
        self._on_news = on_news
        self._cluster = cluster
        self._local = local
        self._noted: Path | None = None
        """The ledger's file for this deck; ``None``: nothing was made on a cluster that is not ours."""
        self._resources = Resources(cluster, group, topics or {group: 6})
        servers = ",".join(cluster.config.bootstrap_servers)
        self._starter = ProcessStarter(spawn, servers, properties_of(cluster.config), group, terms)
        self._consumers = Consumers(
            self._starter, self._resources, self._note, self._take_report, self._ended
        )
        self._brokers = Brokers(local) if local is not None and local.brokers > 1 else None
        self._writer: DeckProcess | None = None
        self._rate = USUAL_RATE
        self._lock = asyncio.Lock()
        self._acting: set[asyncio.Task[str]] = set()
        self._closed = False
        consumers = self._consumers
        self._methods: Mapping[Act, Method] = {
            Act.JOIN: self._join,
            Act.LEAVE: consumers.leave,
            Act.CRASH: consumers.crash,
            Act.FREEZE: consumers.freeze,
            Act.THAW: consumers.freeze,
            Act.STUCK: consumers.get_stuck,
            Act.SLOW: consumers.slow,
            Act.ASSIGNOR: consumers.next_assignor,
            Act.STATIC: consumers.toggle_static,
            Act.PROTOCOL: consumers.toggle_protocol,
            Act.PARTITION: self._add_partition,
            Act.SLOWER: self._write_slower,
            Act.FASTER: self._write_faster,
            Act.RESTORE: self._restore,
            Act.KILL_BROKER: self._kill_broker,
            Act.STOP_BROKER: self._stop_broker,
            Act.START_BROKER: self._start_brokers,
        }

    @property
    def topics(self) -> Mapping[str, int]:
        """The deck's topics: name → number of partitions now."""
        return self._resources.topics

    @property
    def state(self) -> DeckState:
        """The state of the deck now."""
        consumers = self._consumers
        return DeckState(
            consumers.consumers, consumers.assignor, consumers.static, consumers.protocol, self._rate
        )

    async def act(self, act: Act, who: str | None = None) -> str:
        """Do what a key says; returns one line for the user.

        `who`: client id of the chosen consumer; ``None``: the newest that fits. Raises `DeckError` where the
        key has no effect now, `ClusterError` and `LocalClusterError`.
        """
        acting = asyncio.create_task(self._act(act, who))
        self._acting.add(acting)
        acting.add_done_callback(self._acting.discard)
        try:
            return await acting
        except asyncio.CancelledError:
            if self._closed:
                raise DeckError(CLOSED) from None
            acting.cancel()
            raise

    async def close(self) -> None:
        """End every process; on a cluster that is not ours remove the topics and the group. Takes at most 2
        s."""
        self._closed = True
        for acting in self._acting:
            acting.cancel()
        processes = [*self._consumers.processes, *([self._writer] if self._writer else [])]
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN):
                await end(processes)
        for process in processes:
            process.forget()
        if self._noted is not None:
            with suppress(TimeoutError, ClusterError):  # the ledger still names them
                async with asyncio.timeout(CLOSES_WITHIN):
                    await self._resources.remove()
                    ledger.strike(self._noted)

    async def _act(self, act: Act, who: str | None) -> str:
        if self._current_act is not None:
            self._say(f"{act}: waits until {self._current_act} is done")
        async with self._lock:
            if self._closed:
                raise DeckError(CLOSED)
            self._current_act = act
            try:
                return await self._methods[act](who)
            finally:
                self._current_act = None
                self._changed()

    # topics, writer, everything

    async def _join(self, who: str | None) -> str:
        await self._open()
        return await self._consumers.join(who) + self._waits()

    async def _add_partition(self, _: str | None) -> str:
        await self._open()
        topic = next(iter(self.topics))
        if self.topics[topic] >= MOST_PARTITIONS:
            raise DeckError(f"{topic} has {self.topics[topic]} partitions: that is enough")
        at = monotonic()
        total = await self._resources.add_partition(topic)
        self._on_news(Deed(Act.PARTITION, at, self.group, detail=str(total)))
        return f"{topic} has {total} partitions"

    async def _write_slower(self, _: str | None) -> str:
        return await self._write(Act.SLOWER, -1)

    async def _write_faster(self, _: str | None) -> str:
        return await self._write(Act.FASTER, +1)

    async def _write(self, act: Act, step: int) -> str:
        place = RATES.index(self._rate) + step
        if not 0 <= place < len(RATES):
            raise DeckError(f"the writer is at {self._rate} records a second already")
        writer = await self._open()
        self._rate = RATES[place]
        self._note(act, None, str(self._rate))
        writer.send(f"rate {self._rate}")
        return f"{self._rate} records a second"

    async def _restore(self, _: str | None) -> str:
        self._note(Act.RESTORE, None, "")
        await self._consumers.restart()
        if self._brokers is not None:
            await self._brokers.start_all()
        if self._writer is not None and not self._resources.as_at_start:
            await end([self._writer])  # a writer would create the topic again
        await self._resources.reset()
        self._rate = USUAL_RATE
        writer = await self._open()
        writer.send(f"rate {self._rate}")
        return "back to the start"

    async def _open(self) -> DeckProcess:
        """Make the topics and start the writer, if that was not done yet; returns the writer."""
        if self._writer is None or not self._writer.alive:
            if self._local is None and self._noted is None:
                self._noted = ledger.note(self._cluster.cluster_id, self.group, self.topics)
            await self._resources.make()
            topics = tuple(self.topics)
            self._writer = await self._starter.begin(
                WRITER, "writer", topics, self._take_report_of_writer, self._ended
            )
            self._writer.send(f"rate {self._rate}")
        return self._writer

    # brokers

    async def _kill_broker(self, _: str | None) -> str:
        brokers, node = await self._victim()
        before = await self._resources.read_all_topics()
        self._note(Act.KILL_BROKER, str(node), "")
        await brokers.kill(node)
        self._follow_leaders(node, before)
        return f"broker {node} killed: others take over what it led within some 10 s"

    async def _stop_broker(self, _: str | None) -> str:
        brokers, node = await self._victim()
        before = await self._resources.read_all_topics()
        self._note(Act.STOP_BROKER, str(node), "")
        await brokers.stop(node)
        self._follow_leaders(node, before)
        return f"broker {node} stopped: it handed over what it led"

    def _follow_leaders(self, node: int, before: Sequence[Topic]) -> None:
        """Tell the user which partitions have a new leader, once broker `node` leads none any more."""

        async def follow() -> str:
            after = await self._resources.wait_for_all_topics(
                lambda topics: all(one.leader != node for topic in topics for one in topic.partitions)
            )
            said = say_moved(moved_leaders(before, after)) or f"broker {node} led nothing"
            self._say(said)
            return said

        following = asyncio.create_task(follow())
        self._acting.add(following)
        following.add_done_callback(self._acting.discard)

    async def _start_brokers(self, _: str | None) -> str:
        brokers = self._several()
        if not brokers.down:
            raise DeckError("all brokers are up")
        down = brokers.down
        for node in down:
            self._note(Act.START_BROKER, str(node), "")
        await brokers.start_all()
        named = f"broker{'s' * (len(down) > 1)} {' and '.join(map(str, down))}"
        if await self._resources.lists_brokers(down):
            return f"{named} back"
        return f"{named}: started, but the cluster does not list {'them' if len(down) > 1 else 'it'} yet"

    def _waits(self) -> str:
        """A sentence on what a joining consumer has to wait for while brokers are down; empty: nothing."""
        down = self._brokers.down if self._brokers is not None else ()
        coordinator = self._cluster.coordinators.get(self.group)
        if coordinator not in down:
            return ""
        return f", and waits: broker {coordinator}, the group's coordinator, is down until another takes over"

    async def _victim(self) -> tuple[Brokers, int]:
        brokers = self._several()
        try:
            topics = await self._resources.read_topics()
        except ClusterError:
            topics = ()
        return brokers, brokers.victim(topics)

    def _several(self) -> Brokers:
        if self._brokers is None:
            raise DeckError("brokers are only killed in a demo of three: kafkatui demo --brokers 3")
        return self._brokers

    # news

    def _say(self, text: str) -> None:
        if self.on_word is not None and not self._closed:
            self.on_word(text)

    def _note(self, act: Act, who: str | None, detail: str) -> None:
        self._on_news(Deed(act, monotonic(), self.group, who, detail))

    def _take_report(self, report: Report) -> None:
        self._on_news(report)
        self._changed()

    def _take_report_of_writer(self, report: Report) -> None:
        """Pass on a fault of the writer; its other reports are ignored, as it is no member of the group."""
        if report.kind is ReportKind.FAULT:
            self._on_news(report)

    def _ended(self, process: DeckProcess) -> None:
        if not process.killed:
            text = f"its process ended, exit code {process.code}"
            self._on_news(Report(ReportKind.FAULT, monotonic(), self.group, process.name, detail=text))
        self._changed()

    def _changed(self) -> None:
        if self.on_change is not None and not self._closed:
            self.on_change()
