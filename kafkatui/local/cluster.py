"""A Kafka cluster of one or three brokers on this machine, for as long as it is needed."""

import asyncio
import base64
import os
import shutil
import signal
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from kafkatui.local import jars, java_flags
from kafkatui.local.alone import alone
from kafkatui.local.jars import Jars
from kafkatui.local.java import Java, find_java
from kafkatui.local.machine import check_room, free_ports, last_lines, reason
from kafkatui.local.places import cache_directory, clusters_directory
from kafkatui.local.processes import Keeper, Process
from kafkatui.local.properties import CONTROLLER, LOGGING, Listener, Node, meta_properties, server_properties
from kafkatui.local.ready import brokers_listed
from kafkatui.local.steps import StartStep, StepFailedError, Steps, Tell
from kafkatui.local.sweep import sweep

START_SECONDS = 60.0
FETCHING = "fetching.lock"
"""A lock file in the cache directory, held by the process that downloads jars."""


class LocalCluster:
    """Apache Kafka as child processes on loopback and free ports; an async context manager.

    ``properties`` add to or override each node's ``server.properties``; ``extra_listeners`` are listeners
    beside PLAINTEXT, name → security protocol, on free ports; ``advertised``: addresses that listeners
    advertise instead of their own, by name of the listener; ``heap``: every node's ``-Xmx``, for clusters of
    thousands of partitions; ``on_step`` is called with every change of a step of the start.

    Every method may raise `LocalClusterError`. However this process ends, its processes end too and its files
    are removed.
    """

    def __init__(
        self,
        brokers: Literal[1, 3] = 1,
        properties: Mapping[str, str] | None = None,
        on_step: Callable[[StartStep], None] | None = None,
        *,
        extra_listeners: Mapping[str, str] | None = None,
        advertised: Mapping[str, str] | None = None,
        heap: str | None = None,
    ) -> None:
        self.brokers = brokers
        self.version = jars.VERSION
        self.ports: dict[str, int] = {}
        """The port of each listener of broker 1, by the listener's name."""
        self._on_step = on_step
        self._heap = heap
        self._keeper = Keeper(clusters_directory() / uuid.uuid4().hex[:12])
        self._nodes = _layout(brokers, dict(properties or {}), dict(extra_listeners or {}), advertised or {})
        self._processes: dict[int, Process] = {}
        self._ended: set[int] = set()
        """Nodes whose process was ended by `kill` or `terminate`."""
        self._jars: Jars | None = None
        self._java: Java | None = None
        self._archiving: asyncio.Task[None] | None = None
        for listener in self._nodes[1].listeners:
            self.ports[listener.name] = listener.port

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def bootstrap_servers(self) -> str:
        """Every broker's ``host:port``."""
        return self.servers("PLAINTEXT")

    @property
    def directory(self) -> Path:
        """The directory of the cluster's files; it is removed with the cluster."""
        return self._keeper.directory

    @property
    def keeper_pid(self) -> int | None:
        """The process id of the keeper; ``None`` before the start."""
        return self._keeper.pid

    @property
    def died(self) -> tuple[int, ...]:
        """Nodes whose process has ended although neither `kill` nor `terminate` was asked to."""
        ended = (node for node, process in self._processes.items() if process.code is not None)
        return tuple(sorted(set(ended) - self._ended))

    @property
    def pids(self) -> dict[int, int]:
        """Node id → process id, of the processes that live (frozen ones too)."""
        return {node: process.pid for node, process in self._processes.items() if process.code is None}

    def servers(self, listener: str) -> str:
        """``host:port`` of each broker at one of its listeners."""
        of_brokers = (found for node in self._nodes.values() for found in node.listeners)
        return ",".join(found.address for found in of_brokers if found.name == listener)

    async def start(self, meanwhile: Callable[[], Awaitable[None]] | None = None) -> None:
        """Start the cluster, and wait until every broker answers and lists all brokers.

        ``meanwhile`` is awaited once the brokers' processes exist. After a failure or a cancellation, call
        `stop`.
        """
        cache = cache_directory()
        steps = Steps(("resolve", "Java", "format", "start"), self._on_step, cache / "usual.json")
        sweep(clusters_directory())
        check_room(self.directory.parent, self.brokers)
        await self._keeper.start()
        with steps.step("resolve", f"Apache Kafka {jars.VERSION}") as tell:
            self._jars = await self._find_jars(cache, tell)
            self.version = self._jars.version
            tell(f"{len(self._jars.paths)} files, {self._jars.source}")
        with steps.step("Java") as tell:
            self._java = await find_java()
            tell(f"{self._java.version}, {self._java.source}")
        with steps.step(
            "format", "1 directory" if len(self._nodes) == 1 else f"{len(self._nodes)} directories"
        ):
            await self._format(cache)
        with steps.step("start") as tell:
            await asyncio.gather(*(self._run(node) for node in self._nodes.values()))
            pids = ", ".join(str(pid) for pid in self.pids.values())
            tell(f"broker 1, pid {pids}" if self.brokers == 1 else f"{self.brokers} brokers, pids {pids}")
            if meanwhile is not None:
                await meanwhile()
            await asyncio.gather(*(self._ready(node) for node in self._nodes))
        steps.remember()
        if not self._archive.is_file():
            self._archiving = asyncio.create_task(self._make_archive())

    async def stop(self) -> None:
        """Kill every process and remove the directory, within 2 s."""
        if self._archiving is not None:
            self._archiving.cancel()
            with suppress(asyncio.CancelledError):
                await self._archiving
        await self._keeper.close()

    async def kill(self, node: int) -> None:
        """Send SIGKILL to a node; returns when its process has ended."""
        self._ended.add(node)
        self._processes[node].signal(signal.SIGKILL)
        await self._processes[node].ended.wait()

    async def terminate(self, node: int, patience: float = 30.0) -> None:
        """Send SIGTERM to a broker: it hands its partitions over to other leaders. Returns when its process
        has ended; raises TimeoutError after ``patience`` seconds."""
        self._ended.add(node)
        self._processes[node].signal(signal.SIGTERM)
        async with asyncio.timeout(patience):
            await self._processes[node].ended.wait()

    async def freeze(self, node: int) -> None:
        """Send SIGSTOP to a node: it keeps its connections and answers nothing."""
        self._processes[node].signal(signal.SIGSTOP)

    async def thaw(self, node: int) -> None:
        """Send SIGCONT to a frozen node: it goes on."""
        self._processes[node].signal(signal.SIGCONT)

    async def restart(self, node: int) -> None:
        """Start a node again on its port and files, killing it first if it lives; returns when it answers."""
        if self._processes[node].code is None:
            await self.kill(node)
        await self._run(self._nodes[node])
        self._ended.discard(node)
        await self._ready(node, alone=True)

    async def spawn(
        self,
        name: str,
        argv: Sequence[str | os.PathLike[str]],
        *,
        env: Mapping[str, str] | None = None,
        nice: int = 0,
    ) -> Process:
        """Start a worker: a process that ends with the cluster, whose lines can be sent and read; see
        `Process.send` and `Process.lines`. ``nice``: added to its priority value."""
        return await self._keeper.spawn(name, argv, env=env, worker=True, nice=nice)

    def log(self, name: str) -> tuple[str, ...]:
        """The last lines of the log of a process: ``broker-1``, or the name of a worker."""
        return last_lines(self._keeper.log(name))

    @property
    def _archive(self) -> Path:
        assert self._java is not None
        assert self._jars is not None
        return java_flags.archive_path(cache_directory(), self._java, self._jars)

    async def _find_jars(self, cache: Path, tell: Tell) -> Jars:
        memory = cache / f"kafka-{jars.VERSION}.json"
        if found := jars.from_kafka_home() or jars.from_cache(memory):
            return found

        def wait() -> None:
            tell("another kafkatui fetches it: waits for that")

        async with alone(cache / FETCHING, wait):  # two processes would write the same files
            return jars.from_cache(memory) or await self._fetch_jars(memory, tell)

    async def _fetch_jars(self, memory: Path, tell: Tell) -> Jars:
        tell("asks Maven Central what Kafka needs", fetched=0)
        process = await self._keeper.spawn("resolve", jars.resolve_command(), worker=True)
        output = []
        async for line in process.lines():
            output.append(line)
            if (so_far := jars.progress(line)) is not None:
                tell("from Maven Central", fetched=so_far[0], of=so_far[1])
        errors = self._keeper.log("resolve").read_text(errors="replace").splitlines()
        paths = jars.resolved(output if process.code == 0 else [*output, *errors], process.code)
        return await asyncio.to_thread(jars.check, paths, jars.recorded_sums(), memory)

    async def _format(self, cache: Path) -> None:
        """Write the files that ``kafka-storage format`` writes, without starting Java for it.

        Only the features of a new cluster (``bootstrap.checkpoint``) are copied from the tool's first run,
        which the cache keeps.
        """
        assert self._jars is not None
        (self.directory / "log4j2.properties").write_text(LOGGING)
        cluster_id = _kafka_uuid()
        controller = CONTROLLER if CONTROLLER in self._nodes else 1
        for node in self._nodes.values():
            text = server_properties(node, controller, str(self._data(node)))
            self._properties(node).write_text(text)
        checkpoint = cache / f"bootstrap-{self._jars.version}-{self._jars.fingerprint}.checkpoint"
        if not checkpoint.is_file():
            await self._format_by_tool(self._nodes[controller], controller, cluster_id, checkpoint)
        for node in self._nodes.values():
            self._data(node).mkdir(mode=0o700)
            shutil.copyfile(checkpoint, self._data(node) / "bootstrap.checkpoint")
            meta = meta_properties(node.node_id, cluster_id, _kafka_uuid())
            (self._data(node) / "meta.properties").write_text(meta)

    async def _format_by_tool(self, node: Node, controller: int, cluster_id: str, checkpoint: Path) -> None:
        """Run ``kafka-storage format`` in a directory inside the cluster's, and keep its checkpoint in the
        cache."""
        scratch = self.directory / "format"
        properties = scratch.with_suffix(".properties")
        properties.write_text(server_properties(node, controller, str(scratch)))
        tool = ("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(properties))
        process = await self._keeper.spawn("format", self._command(node, *tool))
        await process.ended.wait()
        if process.code != 0:
            raise StepFailedError(
                *reason(f"formatting {node.name}", self._keeper.log("format"), process.code)
            )
        partial = checkpoint.with_suffix(f".{os.getpid()}")
        shutil.copyfile(scratch / "bootstrap.checkpoint", partial)
        partial.replace(checkpoint)

    async def _run(self, node: Node) -> None:
        command = self._command(node, "kafka.Kafka", str(self._properties(node)))
        self._processes[node.node_id] = await self._keeper.spawn(node.name, command)

    async def _ready(self, node_id: int, *, alone: bool = False) -> None:
        """Wait until a broker answers and lists all brokers, or at least one if ``alone``."""
        node, process = self._nodes[node_id], self._processes[node_id]
        needed = 1 if alone else self.brokers
        try:
            async with asyncio.timeout(START_SECONDS):
                while process.code is None:
                    if not node.listeners:
                        return
                    if (await brokers_listed(node.listeners[0].port) or 0) >= needed:
                        return
                    with suppress(TimeoutError):
                        async with asyncio.timeout(0.02):
                            await process.ended.wait()
        except TimeoutError as error:
            text = (
                f"{node.name} did not answer within {START_SECONDS:.0f} s: end other programs and try again"
            )
            raise StepFailedError(text, last_lines(self._keeper.log(node.name))) from error
        raise StepFailedError(*reason(node.name, self._keeper.log(node.name), process.code))

    async def _make_archive(self) -> None:
        """Make the class archive that halves the time of the next start; once, at the lowest priority."""
        assert self._java is not None
        assert self._jars is not None
        await asyncio.sleep(10)
        noted, made = self.directory / "classes.noted", self.directory / "classes.jsa"
        noted.write_text(_whole_lines((self.directory / "classes").read_text()))
        command = java_flags.archive_command(self._java, self._jars, noted, made)
        process = await self._keeper.spawn("archive", command, nice=19)
        await process.ended.wait()
        if process.code == 0:
            with suppress(OSError):  # without an archive the next start is only slower
                await asyncio.to_thread(java_flags.finish_archive, made, self._archive)

    def _command(self, node: Node, main: str, *arguments: str) -> list[str]:
        assert self._java is not None
        assert self._jars is not None
        return java_flags.run_command(
            self._java,
            self._jars,
            main,
            *arguments,
            heap=self._heap or node.heap,
            directory=self.directory,
            archive=self._archive,
            note=self.directory / "classes" if node.node_id == 1 and main == "kafka.Kafka" else None,
        )

    def _data(self, node: Node) -> Path:
        return self.directory / f"{node.name}-data"

    def _properties(self, node: Node) -> Path:
        return self.directory / f"{node.name}.properties"


def _layout(
    brokers: int, overrides: dict[str, str], extra: dict[str, str], advertised: Mapping[str, str]
) -> dict[int, Node]:
    """The nodes by id: one that is both broker and controller, or three brokers and one controller."""
    ports = iter(free_ports(brokers * (1 + len(extra)) + 1))
    controller_port = next(ports)
    protocols = {"PLAINTEXT": "PLAINTEXT", **extra}
    listeners = [
        tuple(
            Listener(name, protocol, next(ports), advertised.get(name))
            for name, protocol in protocols.items()
        )
        for _ in range(brokers)
    ]
    if brokers == 1:
        return {1: Node(1, ("broker", "controller"), listeners[0], controller_port, 1, overrides)}
    nodes = {CONTROLLER: Node(CONTROLLER, ("controller",), (), controller_port, brokers, overrides)}
    for node_id, own in enumerate(listeners, 1):
        nodes[node_id] = Node(node_id, ("broker",), own, controller_port, brokers, overrides)
    return nodes


def _kafka_uuid() -> str:
    """A random id as Kafka writes them; never with a leading dash, which its tools take for an option."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text


def _whole_lines(text: str) -> str:
    return text[: text.rfind("\n") + 1]
