"""An ordinary consumer with aiokafka: a member of a group that commits the offsets of processed records."""

import asyncio
from collections.abc import Sequence
from time import monotonic

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError

from kafkatui.actors.bus import remember_brokers
from kafkatui.actors.commands import Commands, connection, follow_commands

ASSIGNORS = {
    "range": RangePartitionAssignor,
    "roundrobin": RoundRobinPartitionAssignor,
    "sticky": StickyPartitionAssignor,
}

COMMIT_EVERY = 1.0


async def consume(commands: Commands) -> None:
    """Join the group, then read, process and commit, for ever."""
    consumer = make_consumer(commands)
    listener = Listener(consumer, commands)
    consumer.subscribe(commands.options.topics, listener=listener)
    commands.report("started")
    try:
        await consumer.start()
        while True:
            batches = await consumer.getmany(timeout_ms=200, max_records=500)
            async with listener.hand:
                for partition, records in batches.items():
                    await process(records)
                    listener.done[partition] = records[-1].offset + 1
                if commands.stuck:
                    await get_stuck(commands)
                if monotonic() > listener.committed_at + COMMIT_EVERY:
                    await listener.commit()
    finally:
        await leave(consumer, listener)


def make_consumer(commands: Commands) -> AIOKafkaConsumer:
    """A consumer, with the settings that the group coordinator will know of it."""
    options = commands.options
    consumer = AIOKafkaConsumer(
        bootstrap_servers=options.bootstrap_servers,
        client_id=options.client_id,
        group_id=options.group_id,
        group_instance_id=options.instance_id,  # static membership: it keeps its partitions for a session
        partition_assignment_strategy=[assignor(options.assignor)],
        session_timeout_ms=int(1000 * options.session),  # without a heartbeat for so long it is removed
        heartbeat_interval_ms=int(1000 * options.heartbeat),
        max_poll_interval_ms=int(1000 * options.max_poll),  # without getmany() for so long it leaves
        rebalance_timeout_ms=int(1000 * options.max_poll),  # the others wait so long for it to join again
        auto_offset_reset="earliest",  # where there is no commit
        enable_auto_commit=False,  # else records not processed yet are committed
        metadata_max_age_ms=1000,  # new partitions are seen within a second
        **connection(options.bootstrap_servers, commands.properties),
    )
    remember_brokers(consumer._client)
    return consumer


def assignor(name: str | None) -> type:
    """The assignor: it assigns partitions to all members, if this member is the group's leader."""
    kind = ASSIGNORS[name or "range"]
    return type(
        kind.__name__, (kind,), {}
    )  # sticky keeps its state on the class: a new member must start without it


class Listener(ConsumerRebalanceListener):
    """Called when this consumer gets or gives up partitions; commits its offsets."""

    def __init__(self, consumer: AIOKafkaConsumer, commands: Commands) -> None:
        self.consumer = consumer
        self.commands = commands
        self.hand = asyncio.Lock()
        """Held while records are processed: a rebalance waits for it."""
        self.done: dict[TopicPartition, int] = {}
        """By partition: the offset after the last processed record, not committed yet."""
        self.committed_at = 0.0

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Every rebalance begins by giving up all partitions; the other members wait until this returns."""
        self.commands.report("revoked", revoked)
        async with self.hand:
            if self.commands.slow:
                await asyncio.sleep(self.commands.options.give_up)
            await self.commit()  # now or never: the next owner begins at the commit
        self.commands.report("released", revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """From now on it reads these partitions, from their committed offsets."""
        self.commands.report("assigned", assigned, owned=assigned)

    async def commit(self) -> None:
        """Commit the offsets of processed records; refused for a removed member: the new owner reads them
        again."""
        ours = {
            partition: self.done[partition] for partition in self.consumer.assignment() & self.done.keys()
        }
        self.done.clear()
        self.committed_at = monotonic()
        if ours:
            try:
                await self.consumer.commit(ours)
            except (CommitFailedError, IllegalStateError):
                self.commands.report("fault", detail="commit refused: the group has rebalanced without it")


async def process(records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
    """Process the records; heartbeats go on meanwhile, in a task of their own."""
    await asyncio.sleep(0.02)


async def get_stuck(commands: Commands) -> None:
    """Do not call getmany() for longer than max.poll.interval; heartbeats go on meanwhile."""
    commands.report("stuck")
    await asyncio.sleep(commands.options.stuck)
    commands.stuck = False
    commands.report("back")


async def leave(consumer: AIOKafkaConsumer, listener: Listener) -> None:
    """Send LeaveGroup, so the group need not wait for the session to end; a static member does not send
    it."""
    await listener.commit()
    await consumer.stop()


if __name__ == "__main__":
    follow_commands(Commands("consumer"), consume)
