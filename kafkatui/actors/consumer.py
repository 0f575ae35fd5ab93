"""A consumer as one writes it with aiokafka: a member of a group that commits by itself what it has done."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError

from kafkatui.actors.desk import Desk, attend, connection

ASSIGNORS = {
    "range": RangePartitionAssignor,
    "roundrobin": RoundRobinPartitionAssignor,
    "sticky": StickyPartitionAssignor,
}

Offsets = dict[TopicPartition, int]
"""By partition: the next offset to read, after what is done."""


async def consume(desk: Desk) -> None:
    """Be a member of the group: read, process, commit, for ever."""
    consumer, done = introduce(desk), Offsets()
    consumer.subscribe(desk.options.topics, listener=Listener(consumer, done, desk))
    desk.tell("started")
    try:
        await consumer.start()
        while True:
            batches = await consumer.getmany(timeout_ms=200, max_records=500)
            for partition, records in batches.items():
                await process(records)
                done[partition] = records[-1].offset + 1
            if desk.stuck:
                await get_stuck(desk)
            await commit(consumer, done, desk)
    finally:
        await leave(consumer)


def introduce(desk: Desk) -> AIOKafkaConsumer:
    """A consumer, and all that the group coordinator will know of it."""
    options = desk.options
    return AIOKafkaConsumer(
        bootstrap_servers=options.bootstrap_servers,
        client_id=options.client_id,
        group_id=options.group_id,
        group_instance_id=options.instance_id,  # static membership: it keeps its seat while it is away
        partition_assignment_strategy=[assignor(options.assignor)],
        session_timeout_ms=int(1000 * options.session),  # without a heartbeat for so long: out
        heartbeat_interval_ms=int(1000 * options.heartbeat),
        max_poll_interval_ms=int(1000 * options.max_poll),  # without getmany() for so long: it leaves
        rebalance_timeout_ms=int(1000 * options.max_poll),  # the others wait so long for it to join again
        auto_offset_reset="earliest",  # where nothing is committed
        enable_auto_commit=False,  # else what was handed out counts as done
        metadata_max_age_ms=1000,  # new partitions are seen within a second
        **connection(options.bootstrap_servers, desk.properties),
    )


def assignor(name: str | None) -> type:
    """The one who deals the partitions, if this member is made the group's leader."""
    kind = ASSIGNORS[name or "range"]
    return type(kind.__name__, (kind,), {})  # sticky keeps its memory on the class: a new member has none


class Listener(ConsumerRebalanceListener):
    """Is told what the group decides. Every rebalance begins by giving up everything."""

    def __init__(self, consumer: AIOKafkaConsumer, done: Offsets, desk: Desk) -> None:
        self.consumer = consumer
        self.done = done
        self.desk = desk

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """The last chance to commit: all others wait until this returns."""
        self.desk.tell("revoked", revoked)
        if self.desk.slow:
            await asyncio.sleep(self.desk.options.give_up)
        await commit(self.consumer, self.done, self.desk)
        self.desk.tell("released", revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """From here on it reads these, from where they are committed."""
        self.done.clear()
        self.desk.tell("assigned", assigned, owned=assigned)


async def process(records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
    """Do the work; heartbeats go on meanwhile, in a task of their own."""
    await asyncio.sleep(0.05)


async def get_stuck(desk: Desk) -> None:
    """Take too long: no getmany() for longer than max.poll.interval, however well the heart beats."""
    desk.tell("stuck")
    await asyncio.sleep(desk.options.stuck)
    desk.stuck = False
    desk.tell("back")


async def commit(consumer: AIOKafkaConsumer, done: Offsets, desk: Desk) -> None:
    """Note in Kafka what is done; what is another's by now, that one does once more."""
    ours = {partition: done[partition] for partition in consumer.assignment() & done.keys()}
    done.clear()
    if not ours:
        return
    try:
        await consumer.commit(ours)
    except (CommitFailedError, IllegalStateError):
        desk.tell("fault", detail="commit refused: the group has rebalanced without it")


async def leave(consumer: AIOKafkaConsumer) -> None:
    """Send LeaveGroup, so that the others need not wait for the session to end; a static member does not."""
    await consumer.stop()


if __name__ == "__main__":
    attend(Desk("consumer"), consume)
