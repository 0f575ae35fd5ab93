"""A running lab: its topics and groups on a real cluster, its programs, and how they are observed."""

import asyncio
import json
import signal
import sys
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from kafkatui.deck.process import Spawn, environment
from kafkatui.domain.cluster.groups import Group, GroupKind
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import ClusterError, LabError
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups
from kafkatui.kafka.topics import read_metadata, read_offsets
from kafkatui.labs.look import Look, Names, TopicPlan
from kafkatui.labs.observation import (
    TURNS,
    Event,
    Ledger,
    Observation,
    SeenGroup,
    SeenPartition,
    SeenProgram,
)
from kafkatui.local.cluster import LocalCluster
from kafkatui.local.processes import Process

T = TypeVar("T")

CONSUMER: Mapping[str, object] = {
    "instance": None,  # group.instance.id: a static member
    "assignor": "range",
    "reset": "earliest",
    "commit": "batch",  # or: before (the work), record, auto, hand (on command)
    "max_records": 20,
    "work": 0.0,  # seconds a record
    "batch_work": 0.0,  # seconds for all records of a poll together
    "die_at": -1,  # kills itself when it begins the record after so many; -1: never
    "pause_at": -1,  # waits for the command go before it works on the record after so many; -1: never
    "session": 6.0,
    "heartbeat": 1.0,
    "max_poll": 4.0,
    "metadata_age": 1.0,
}
"""The settings of a consumer, where a lesson says nothing else; see `kafkatui.actors.lab_consumer`."""
PRODUCER: Mapping[str, object] = {
    "acks": "all",
    "idempotent": False,
    "timeout": 5.0,
    "linger": 0,
    "batch": 16384,
    "compression": None,
}
"""The settings of a producer, where a lesson says nothing else; see `kafkatui.actors.lab_producer`."""
PATIENCE = 15.0
"""Seconds to wait for a group to become empty, for a command of a producer, or for a program to begin."""
BROKER_PATIENCE = 30.0
"""Seconds to wait for what brokers do after one of them died or came back."""
ENDS_WITHIN = 1.0
"""Seconds in which killed programs must have ended."""
LEAVES_WITHIN = 5.0
"""Seconds to wait for a consumer that leaves: it may be at work on a record."""
LOOK_EVERY = 0.05


@dataclass(slots=True)
class _Program:
    name: str
    group: str
    process: Process
    reading: asyncio.Task[None]
    frozen: bool = False
    new: bool = False
    """Whether it speaks the new group protocol."""


class Lab:
    """One run of a lesson. `begin` makes its topics and starts its programs, `close` ends the programs."""

    def __init__(
        self,
        number: int,
        topics: Mapping[str, TopicPlan],
        groups: Sequence[str],
        kind: GroupKind,
        start: Callable[["Lab"], Awaitable[None]],
        cluster: Cluster,
        spawn: Spawn,
        local: LocalCluster | None = None,
        *,
        files: bool = False,
    ) -> None:
        """`number` is the lesson's; `kind` that of its groups; `start` starts the programs it begins with;
        `local`: the cluster, if kafkatui started it: its brokers may be killed; `files`: whether an
        observation has the files of the topics.
        """
        self._files = files
        self._plans = topics
        self._group_names = groups
        self._kind = kind
        self._start_programs = start
        self.local = local
        self.values: dict[str, float | str] = {}
        """See `Observation.values`."""
        self.names = Names(number, uuid.uuid4().hex[:4])
        self.frozen_brokers: set[int] = set()
        self.admin = Admin(cluster)
        self._cluster = cluster
        self._spawn = spawn
        self._asker = cluster.asker("lab")
        self._programs: dict[str, _Program] = {}
        self._events: list[Event] = []
        self._turns: list[Event] = []
        """Those of the events that say what a member owns: few, so a picture may go through all of them."""
        self._done: Counter[str] = Counter()
        """How many records each group has worked on."""
        self.look = Look(self._asker, self.names, topics, groups, kind, local, self._note)
        self._news = asyncio.Event()
        self._spawned = 0

    def full(self, name: str) -> str:
        """The name on the cluster of a topic or a group of the lesson."""
        return self.names.full(name)

    # beginning and ending

    async def begin(self) -> None:
        """Bring back all brokers, which an earlier lab may have killed; make the topics; start the programs.

        Raises `KafkaTuiError`.
        """
        await self.mend_brokers()
        plans = self._plans.items()
        await asyncio.gather(
            *(
                self.admin.create_topics(
                    [self.full(name)],
                    partitions=plan.partitions,
                    configs=plan.configs,
                    brokers=plan.replicas or (),
                )
                for name, plan in plans
            )
        )
        async with asyncio.timeout(PATIENCE):
            await self._until(self._all_led, bool)
            # The first group of a cluster has no coordinator yet.
            await self._until(self.look.groups, lambda groups: all(one.state for one in groups.values()))
        await self._start_programs(self)

    async def _all_led(self) -> bool:
        """Whether every partition of every topic has a leader."""
        _, topics, *_ = await read_metadata(self._asker, [self.full(name) for name in self._plans])
        return all(
            topic.partitions and all(one.leader is not None for one in topic.partitions) for topic in topics
        )

    async def _until(self, ask: Callable[[], Awaitable[T]], right: Callable[[T], bool]) -> None:
        """Ask until `right` is true for the answer; the caller sets the time."""
        while True:
            if right(await ask()):
                return
            await asyncio.sleep(LOOK_EVERY)

    async def reset(self) -> None:
        """End the programs, bring all brokers back, and begin anew with other topics."""
        await self._end_programs()
        old = [self.full(name) for name in self._plans]
        groups = [self.full(name) for name in self._group_names]
        self.names.run = uuid.uuid4().hex[:4]
        self.values.clear()
        self._events, self._turns = [], []
        self._done.clear()
        self.look.forget()
        await self.begin()
        with suppress(ClusterError):  # what is left belongs to a cluster that is removed with the lab
            await self.admin.delete_topics(old)
            await self.admin.delete_groups(groups)

    async def close(self) -> None:
        """End the programs; the brokers are ended by the owner of the cluster."""
        await self._end_programs()

    async def _end_programs(self) -> None:
        programs = list(self._programs.values())
        for program in programs:
            program.process.signal(signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN):
                await asyncio.gather(*(program.process.ended.wait() for program in programs))
        for program in programs:
            program.reading.cancel()
        self._programs.clear()

    async def mend_brokers(self) -> None:
        """Let frozen brokers go on, and start those that are down."""
        if self.local is None:
            return
        for node in range(1, self.local.brokers + 1):
            await self.local.thaw(node)  # an earlier lab may have frozen it; to others it does nothing
        self.frozen_brokers.clear()
        down = [node for node in range(1, self.local.brokers + 1) if node not in self.local.pids]
        await asyncio.gather(*(self.local.restart(node) for node in down))

    # programs

    async def consumer(self, name: str, group: str, topics: Sequence[str], **settings: object) -> None:
        """Start a consumer, and wait until its process runs; see `CONSUMER` for the settings."""
        reads = {"group": self.full(group), "topics": [self.full(topic) for topic in topics]}
        await self._start("lab_consumer", name, group, {**CONSUMER, **reads, **settings})

    async def transactional(
        self, name: str, group: str, topics: Sequence[str], out: str, **settings: object
    ) -> None:
        """Start a worker that writes to the topic `out` in transactions; see `CONSUMER` for the settings."""
        reads = {"group": self.full(group), "topics": [self.full(topic) for topic in topics]}
        writes = {"out": self.full(out), "transactional_id": self.full(name), "commit": "hand"}
        await self._start("lab_transactions", name, group, {**CONSUMER, **reads, **writes, **settings})

    async def new_consumer(self, name: str, group: str, topics: Sequence[str]) -> None:
        """Start a consumer of the new group protocol (KIP-848), as the deck does."""
        argv = [sys.executable, "-m", "kafkatui.actors.new_consumer", "--client-id", name]
        argv += ["--bootstrap-servers", ",".join(self._cluster.config.bootstrap_servers)]
        argv += ["--group-id", self.full(group), "--topics", *map(self.full, topics)]
        await self._spawn_program(name, group, argv, new=True)

    async def producer(self, name: str, **settings: object) -> None:
        """Start a producer; see `PRODUCER` for the settings."""
        await self._start("lab_producer", name, "", {**PRODUCER, "run": self.names.run, **settings})

    async def _start(self, module: str, name: str, group: str, settings: Mapping[str, object]) -> None:
        servers = self._cluster.config.bootstrap_servers
        made = {"bootstrap_servers": list(servers), "name": name} | dict(settings)
        argv = [sys.executable, "-m", f"kafkatui.actors.{module}", json.dumps(made)]
        await self._spawn_program(name, group, argv)

    async def _spawn_program(self, name: str, group: str, argv: list[str], *, new: bool = False) -> None:
        self._spawned += 1
        process = await self._spawn(f"{self.names.run}-{name}-{self._spawned}", argv, env=environment())
        reading = asyncio.create_task(self._read(name, group, process))
        self._programs[name] = _Program(name, group, process, reading, new=new)

    async def _read(self, name: str, group: str, process: Process) -> None:
        async for line in process.lines():
            with suppress(ValueError, TypeError, KeyError):  # a line that is no report
                self._note(self._event(name, group, json.loads(line)))

    def _event(self, name: str, group: str, news: Mapping[str, Any]) -> Event:
        where = self.names.place(news["topic"], news["partition"]) if "partition" in news else None
        kind = str(news["kind"])
        if name in self._programs and self._programs[name].new and kind == "revoked":
            kind = "gave"  # it goes on reading the others
        return Event(
            kind,
            float(news["at"]),
            name,
            group,
            where,
            news.get("offset"),
            str(news.get("value", "")),
            tuple(self.names.place(topic, number) for topic, number in news.get("partitions", ())),
            str(news.get("detail", "")),
        )

    def _note(self, event: Event) -> None:
        self._events.append(event)
        if event.kind in TURNS:
            self._turns.append(event)
        elif event.kind == "done":
            self._done[event.group] += 1
        self._news.set()

    def note_key(self, letter: str, detail: str = "") -> None:
        """Note that a key was pressed."""
        self._note(Event("key", monotonic(), letter, detail=detail))

    async def until(self, right: Callable[[Event], bool], since: int) -> Event:
        """Wait for the first event after the first `since` for which `right` is true. Raises `LabError` after
        `PATIENCE`.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while True:
                    self._news.clear()
                    for event in self._events[since:]:
                        if right(event):
                            return event
                    await self._news.wait()
        raise LabError("a program of the lab did not answer in time: r begins anew")

    async def until_assigned(self, names: Sequence[str], since: int) -> None:
        """Wait until each of these consumers got partitions, after the first `since` events."""
        waited = set(names)
        while waited:
            found = await self.until(lambda event: event.kind == "assigned" and event.who in waited, since)
            waited.discard(found.who)

    async def until_ended(self, name: str) -> None:
        """Wait until a program that kills itself has ended."""
        async with asyncio.timeout(BROKER_PATIENCE):
            await self._programs[name].process.ended.wait()

    @property
    def so_far(self) -> int:
        """How many events there are."""
        return len(self._events)

    def living(self, group: str | None = None) -> list[str]:
        """The programs that run: of a group, or the producers (empty), or all (``None``)."""
        return [
            program.name
            for program in self._programs.values()
            if program.process.code is None and (group is None or program.group == group)
        ]

    def known(self, group: str) -> list[str]:
        """The programs of a group, those that have ended too."""
        return [program.name for program in self._programs.values() if program.group == group]

    def newest(self, group: str) -> str:
        """The consumer of a group that was started last, of those that run."""
        living = self.living(group)
        if not living:
            raise LabError("no consumer runs: j lets one join")
        return living[-1]

    def _living(self, name: str | None) -> _Program:
        program = self._programs.get(name or "")
        if program is None or program.process.code is not None:
            raise LabError(f"{name} does not run" if name else "nothing is selected that runs")
        return program

    def tell(self, name: str | None, do: str, **fields: object) -> None:
        """Send a program a command."""
        self._living(name).process.send(json.dumps({"do": do, **fields}))

    async def leave(self, name: str | None) -> None:
        """Let a consumer leave its group, and wait until its process has ended."""
        program = self._living(name)
        if program.frozen:
            raise LabError(f"{name} is frozen: f thaws it")
        if program.new:
            since = self.so_far
            program.process.send("leave")
            await self.until(lambda event: event.who == name and event.kind == "stopped", since)
            program.process.signal(signal.SIGKILL)
        else:
            self.tell(name, "leave")
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVES_WITHIN):
                await program.process.ended.wait()

    async def crash(self, name: str | None) -> None:
        """Kill a program."""
        program = self._living(name)
        program.process.signal(signal.SIGKILL)
        await program.process.ended.wait()

    async def freeze(self, name: str | None) -> None:
        """Stop a program (SIGSTOP), or let it go on (SIGCONT)."""
        program = self._living(name)
        program.frozen = not program.frozen
        program.process.signal(signal.SIGSTOP if program.frozen else signal.SIGCONT)

    async def send(
        self, producer: str, topic: str, keys: Sequence[str | None], *, wait: bool = True, **extra: object
    ) -> None:
        """Let a producer write one record for each key; `wait`: until all are acknowledged or have failed."""
        done = self._command(producer, "send", topic=self.full(topic), keys=list(keys), **extra)
        if wait:
            await done()

    async def learn(self, producer: str, topic: str, partitions: int) -> None:
        """Wait until a producer knows that a topic has so many partitions."""
        await self._command(producer, "learn", topic=self.full(topic), partitions=partitions)()

    def _command(self, name: str, do: str, **fields: object) -> Callable[[], Awaitable[Event]]:
        """Send a program a command; the function that is returned waits until it is done."""
        since, tag = self.so_far, uuid.uuid4().hex
        self.tell(name, do, tag=tag, **fields)
        return lambda: self.until(lambda event: event.kind == "sent" and event.detail == tag, since)

    # the cluster

    async def move_group(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit offsets for a group from outside; refused while it has members."""
        await self.admin.commit_offsets(
            self.full(group),
            {TopicPartition(self.full(topic), number): offset for (topic, number), offset in offsets.items()},
        )

    async def until_empty(self, group: str) -> None:
        """Wait until a group has no member."""
        await self._until_group(group, lambda seen: not seen.members)

    async def until_settled(self, group: str, members: int) -> None:
        """Wait until a group has so many members, all of which have their partitions."""
        await self._until_group(group, lambda seen: seen.settled and len(seen.members or ()) == members)

    async def until_out(self, group: str, name: str) -> None:
        """Wait until a consumer is no member of its group any more, and the others have its partitions."""
        await self._until_group(group, lambda seen: seen.settled and seen.owned(name) is None)

    async def _until_group(self, group: str, right: Callable[[SeenGroup], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            await self._until(self.look.groups, lambda groups: group in groups and right(groups[group]))

    async def remove_members(self, group: str) -> None:
        """Remove dead members: else they stay until their sessions end."""
        seen, *_ = await describe_groups(self._asker, [Group(self.full(group), kind=self._kind)])
        members = [member.member_id for member in seen.members or ()]
        await self.admin.remove_members(self.full(group), members, seen.kind)

    async def offset_at(self, topic: str, number: int, timestamp: int) -> int | None:
        """The first offset of a partition whose record has this timestamp (milliseconds since 1970) or a
        later one; ``None``: there is none, or it is not known.
        """
        name = self.full(topic)
        return (await read_offsets(self._asker, {name: [number]}, timestamp))[name][0][number]

    async def end(self, name: str) -> None:
        """Kill a program if it runs, and forget its membership at once."""
        program = self._programs.get(name)
        if program is not None and program.process.code is None:
            await self.crash(name)
        if program is not None and program.group:
            await self.remove_members(program.group)

    async def observe(self) -> Observation:
        """Look at everything now. What a broker did not answer is not known in it."""
        groups = await self.look.groups()  # before the ends: else a quick group seems to be past them
        topics = await self.look.topics()
        programs = {
            one.name: SeenProgram(one.name, one.group, one.process.code is None, one.frozen)
            for one in self._programs.values()
        }
        brokers = self.look.living_brokers()
        read = [name for name, plan in self._plans.items() if plan.read]
        self.look.note_lags(topics, groups)
        return Observation(
            at=monotonic(),
            topics=topics,
            groups=groups,
            programs=programs,
            brokers=brokers,
            events=Ledger(self._events, len(self._events)),
            values=dict(self.values),
            died=() if self.local is None else self.local.died,
            frozen=tuple(self.frozen_brokers),
            lags=Ledger(self.look.lags, len(self.look.lags)),
            records={
                name: records for name in read if (records := await self.look.records(name)) is not None
            },
            segments={name: self.look.segments(name) for name in self._plans} if self._files else {},
            turns=Ledger(self._turns, len(self._turns)),
            read=dict(self._done),
        )

    def bytes_on_disk(self, topic: str) -> int:
        """The size of the files with the records of a topic, on a cluster that kafkatui started."""
        assert self.local is not None
        files = self.local.directory.glob(f"broker-*-data/{self.full(topic)}-*/*.log")
        return sum(file.stat().st_size for file in files)

    async def freeze_broker(self, node: int) -> None:
        """Stop a broker's process (SIGSTOP)."""
        assert self.local is not None
        self.frozen_brokers.add(node)
        await self.local.freeze(node)

    async def until_topics(self, right: Callable[[Mapping[str, tuple[SeenPartition, ...]]], bool]) -> None:
        """Wait until `right` is true for the topics, at most `BROKER_PATIENCE`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BROKER_PATIENCE):
                await self._until(self.look.topics, right)

    def file_of(self, topic: str) -> bytes:
        """The bytes of the oldest file of partition 0 of a topic, on a cluster that kafkatui started."""
        assert self.local is not None
        files = sorted(self.local.directory.glob(f"broker-1-data/{self.full(topic)}-0/*.log"))
        return files[0].read_bytes()
