"""Every request that changes a cluster is sent from here; ``--read-only`` is enforced here."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaProducer

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.groups import GroupKind
from kafkatui.domain.cluster.members import by_topic
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import ClusterError, ReadOnlyError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.brokers import Brokers
from kafkatui.kafka.coordinators import Answers, ask_coordinators
from kafkatui.kafka.faults import (
    GROUP_ID_NOT_FOUND,
    NETWORK_FAULTS,
    NO_COORDINATOR,
    NOT_CONTROLLER,
    UNKNOWN_MEMBER_ID,
    error_prefix,
    error_text,
    fault_of,
    kind_of,
)
from kafkatui.kafka.finding import brokers_only
from kafkatui.kafka.patches import forbid_topic_creation
from kafkatui.kafka.requests import Api, Build, make
from kafkatui.kafka.topics import read_metadata

CLOSING = 1.5
"""Seconds a producer gets to send the records it still holds: while a broker hangs, its `stop()` never
returns."""
SOON = 0.05
"""Seconds between two questions whether the brokers know a new topic."""
MANY_LEAVE = 3
"""The first version of LeaveGroup that removes several members (Kafka 2.4)."""
TOPIC, SET = 2, 0
"""The kind of a resource, and the kind of a change, in IncrementalAlterConfigs."""
LEAVING = -1
"""The epoch a member of a KIP-848 group sends in its heartbeat to leave the group."""
GONE = frozenset({UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND})
"""Error codes after which there is no member left to remove."""


class Admin:
    """Changes a cluster, over connections of its own. Every method raises `ReadOnlyError` when kafkatui was
    started with ``--read-only``."""

    def __init__(self, cluster: Brokers) -> None:
        self._cluster = cluster
        self._asker = Asker(cluster, "admin")

    @property
    def read_only(self) -> bool:
        """Whether kafkatui was started with ``--read-only``: every change is refused."""
        return self._cluster.config.read_only

    async def create_topics(
        self,
        names: Sequence[str],
        *,
        partitions: int,
        replicas: int = -1,
        configs: Mapping[str, str] | None = None,
        brokers: Sequence[Sequence[int]] = (),
    ) -> None:
        """Create the topics `names`, all with the same settings; `replicas` -1: the broker's default;
        `brokers`: by partition the node ids of its replicas, the preferred leader first, in place of
        `partitions` and `replicas`.

        Returns once a broker knows the topics; some partitions may have no leader yet. Raises `ClusterError`,
        which names the topics that failed.
        """
        self._refuse_if_read_only(f"creating {_listed(names)}")

        def build(module: Any, version: int) -> Any:
            settings = tuple(
                module.CreatableTopicConfig(name=name, value=value) for name, value in (configs or {}).items()
            )
            return make(
                module.CreateTopicsRequest,
                topics=tuple(
                    module.CreatableTopic(
                        name=name,
                        num_partitions=-1 if brokers else partitions,
                        replication_factor=-1 if brokers else replicas,
                        assignments=tuple(
                            module.CreatableReplicaAssignment(partition_index=number, broker_ids=tuple(nodes))
                            for number, nodes in enumerate(brokers)
                        ),
                        configs=settings,
                    )
                    for name in names
                ),
                timeout=self._timeout(),
                validate_only=False,
            )

        with error_prefix(f"creating {_listed(names)}"):
            await self._change(Api.CREATE_TOPICS, build, "topics")
            await self._wait_until_known(names)

    async def delete_topics(self, names: Sequence[str]) -> None:
        """Delete topics and their records. Raises `ClusterError`, which names the topics that failed."""
        self._refuse_if_read_only(f"deleting {_listed(names)}")

        def build(module: Any, version: int) -> Any:
            state = getattr(module, "DeleteTopicState", None)
            return make(
                module.DeleteTopicsRequest,
                topics=tuple(state(name=name, topic_id=None) for name in names) if state else (),
                topic_names=tuple(names),
                timeout=self._timeout(),
            )

        with error_prefix(f"deleting {_listed(names)}"):
            await self._change(Api.DELETE_TOPICS, build, "responses")

    async def create_partitions(self, topic: str, total: int) -> None:
        """Add partitions to `topic` until it has `total`. Raises `ClusterError`, also where it already has
        `total` or more.
        """
        self._refuse_if_read_only(f"adding partitions to {topic}")

        def build(module: Any, version: int) -> Any:
            return module.CreatePartitionsRequest(
                topics=(module.CreatePartitionsTopic(name=topic, count=total, assignments=None),),
                timeout=self._timeout(),
                validate_only=False,
            )

        with error_prefix(f"adding partitions to {topic}"):
            await self._change(Api.CREATE_PARTITIONS, build, "results")

    async def set_topic_configs(self, topic: str, configs: Mapping[str, str]) -> None:
        """Set some configs of a topic; its other overrides stay. Raises `ClusterError`."""
        what = f"changing {topic}"
        self._refuse_if_read_only(what)

        def build(module: Any, version: int) -> Any:
            changes = tuple(
                module.AlterableConfig(name=name, config_operation=SET, value=value)
                for name, value in configs.items()
            )
            resource = module.AlterConfigsResource(resource_type=TOPIC, resource_name=topic, configs=changes)
            return module.IncrementalAlterConfigsRequest(resources=(resource,), validate_only=False)

        with error_prefix(what):
            answer = await self._asker.ask(self._one_broker(), Api.INCREMENTAL_ALTER_CONFIGS, build)
            _raise(
                [fault_of(one.error_code, one.error_message) for one in answer.responses if one.error_code]
            )

    async def delete_groups(self, group_ids: Sequence[str]) -> None:
        """Delete groups that have no members, with their commits; a group that does not exist is no fault.

        Raises `ClusterError`, which names the groups that failed: ``NON_EMPTY_GROUP`` while one has members.
        """
        self._refuse_if_read_only(f"deleting {_listed(group_ids)}")

        async def ask(node_id: int, part: Sequence[str]) -> Answers[Fault | None]:
            def build(module: Any, version: int) -> Any:
                return module.DeleteGroupsRequest(groups_names=tuple(part))

            answer = await self._asker.ask(node_id, Api.DELETE_GROUPS, build)
            codes = {result.group_id: result.error_code for result in answer.results}
            moved = [group_id for group_id, code in codes.items() if code in NO_COORDINATOR]
            return {
                group_id: None if code in (0, GROUP_ID_NOT_FOUND) else fault_of(code)
                for group_id, code in codes.items()
                if group_id not in moved
            }, moved

        await self._change_groups(f"deleting {_listed(group_ids)}", group_ids, ask)

    async def commit_offsets(self, group_id: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Set the committed offsets of a group that has no members: "reset" of ``kafka-consumer-groups``.

        Raises `ClusterError`: ``UNKNOWN_MEMBER_ID`` while the group has members.
        """
        what = f"moving {group_id}"
        self._refuse_if_read_only(what)

        async def ask(node_id: int, part: Sequence[str]) -> Answers[Fault | None]:
            def build(module: Any, version: int) -> Any:
                topics = tuple(
                    module.OffsetCommitRequestTopic(
                        name=topic,
                        partitions=tuple(
                            make(
                                module.OffsetCommitRequestPartition,
                                partition_index=number,
                                committed_offset=offsets[TopicPartition(topic, number)],
                                committed_metadata="",
                            )
                            for number in numbers
                        ),
                    )
                    for topic, numbers in by_topic(sorted(offsets)).items()
                )
                return make(
                    module.OffsetCommitRequest,
                    group_id=group_id,
                    generation_id_or_member_epoch=-1,  # no member commits
                    member_id="",
                    topics=topics,
                )

            answer = await self._asker.ask(node_id, Api.OFFSET_COMMIT, build, lowest=2)
            codes = {item.error_code for topic in answer.topics for item in topic.partitions}
            if NO_COORDINATOR & codes:
                return {}, [group_id]
            faults = [fault_of(code) for code in codes if code]
            return {group_id: faults[0] if faults else None}, []

        await self._change_groups(what, [group_id], ask)

    async def delete_records(self, topic: str, before: Mapping[int, int]) -> None:
        """Delete the records of a topic before an offset, by partition: its log start offset moves there.
        Raises `ClusterError`.
        """
        what = f"deleting records of {topic}"
        self._refuse_if_read_only(what)
        with error_prefix(what):
            _, (known,), *_ = await read_metadata(self._asker, [topic])
            for partition in known.partitions:
                if partition.number not in before:
                    continue

                def build(module: Any, version: int, number: int = partition.number) -> Any:
                    place = module.DeleteRecordsPartition(partition_index=number, offset=before[number])
                    return module.DeleteRecordsRequest(
                        topics=(module.DeleteRecordsTopic(name=topic, partitions=(place,)),),
                        timeout=self._timeout(),
                    )

                answer = await self._asker.ask(partition.leader, Api.DELETE_RECORDS, build)
                codes = [item.error_code for one in answer.topics for item in one.partitions]
                _raise([fault_of(code) for code in codes if code])

    async def remove_members(
        self, group_id: str, member_ids: Sequence[str], kind: GroupKind = GroupKind.CLASSIC
    ) -> None:
        """Remove members from a group as if they had left it; a member that already left is no fault.

        Raises `ClusterError`. Source: LeaveGroup, as the Java admin client's removeMembersFromConsumerGroup
        sends it; for a KIP-848 group one ConsumerGroupHeartbeat for each member, with the epoch -1.
        """
        what = f"removing members from {group_id}"
        self._refuse_if_read_only(what)
        if not member_ids:
            return

        async def ask(node_id: int, part: Sequence[str]) -> Answers[Fault | None]:
            if kind is GroupKind.CONSUMER:
                codes = [
                    await self._heartbeat_of_leaving(node_id, group_id, member_id) for member_id in member_ids
                ]
            else:
                codes = await self._leave_group(node_id, group_id, member_ids)
            if NO_COORDINATOR & set(codes):
                return {}, [group_id]
            faults = [fault_of(code) for code in codes if code and code not in GONE]
            return {group_id: faults[0] if faults else None}, []

        await self._change_groups(what, [group_id], ask)

    async def _leave_group(self, node_id: int, group_id: str, member_ids: Sequence[str]) -> list[int]:
        def build(module: Any, version: int) -> Any:
            members = tuple(
                make(module.MemberIdentity, member_id=member_id, reason="removed by kafkatui")
                for member_id in member_ids
            )
            return module.LeaveGroupRequest(group_id=group_id, members=members)

        answer = await self._asker.ask(node_id, Api.LEAVE_GROUP, build, lowest=MANY_LEAVE)
        return [answer.error_code, *(member.error_code for member in answer.members)]

    async def _heartbeat_of_leaving(self, node_id: int, group_id: str, member_id: str) -> int:
        def build(module: Any, version: int) -> Any:
            return module.ConsumerGroupHeartbeatRequest(
                group_id=group_id, member_id=member_id, member_epoch=LEAVING, topic_partitions=None
            )

        answer = await self._asker.ask(node_id, Api.CONSUMER_GROUP_HEARTBEAT, build)
        return int(answer.error_code)

    @asynccontextmanager
    async def producer(self, **settings: Any) -> AsyncGenerator[AIOKafkaProducer]:
        """A started producer of aiokafka; `settings` are its arguments. It is stopped within `CLOSING`
        seconds at the end of the block.

        Sending to a topic that does not exist does not create it. Raises `ClusterError` where the producer
        cannot start.
        """
        self._refuse_if_read_only("producing")
        forbid_topic_creation()
        config = self._cluster.config
        servers = [f"{broker.host}:{broker.port}" for broker in self._cluster.brokers_to_ask()]
        producer = AIOKafkaProducer(
            bootstrap_servers=servers or list(config.bootstrap_servers),
            request_timeout_ms=int(config.request_timeout * 1000),
            **self._cluster.settings,
            **settings,
        )
        try:
            try:
                async with asyncio.timeout(config.request_timeout):
                    await producer.start()
            except NETWORK_FAULTS as error:
                raise ClusterError(f"starting a producer: {error_text(error)}", kind_of(error)) from error
            yield producer
        finally:
            with suppress(*NETWORK_FAULTS):
                async with asyncio.timeout(CLOSING):
                    await producer.stop()

    async def _change(self, api: Api, build: Build, items: str) -> None:
        """Send a change of topics to one broker, and raise what failed; `items`: the answer's list of
        results.

        A broker passes the change on to the controller; one of an old cluster answers NOT_CONTROLLER, then
        the controller itself is asked.
        """
        results = getattr(await self._asker.ask(self._one_broker(), api, build), items)
        if any(item.error_code == NOT_CONTROLLER for item in results):
            metadata = await self._asker.ask(None, Api.METADATA, brokers_only, lowest=1)
            results = getattr(await self._asker.ask(int(metadata.controller_id), api, build), items)
        _raise(
            [
                fault_of(item.error_code, getattr(item, "error_message", None)).within(item.name)
                for item in results
                if item.error_code
            ]
        )

    async def _wait_until_known(self, names: Sequence[str]) -> None:
        """Wait until a broker knows the new topics `names`: it learns of them from the controller, mostly at
        once. Gives up after the request timeout."""
        end = monotonic() + self._cluster.config.request_timeout
        while monotonic() < end:
            _, topics, *_ = await read_metadata(self._asker, names)
            if not any(topic.error is not None and topic.error.kind is FaultKind.GONE for topic in topics):
                return
            await asyncio.sleep(SOON)

    async def _change_groups(
        self,
        what: str,
        group_ids: Sequence[str],
        ask: Callable[[int, Sequence[str]], Awaitable[Answers[Fault | None]]],
    ) -> None:
        """Ask the coordinators of groups to change them, and raise the faults. `ask` gives by group why it
        failed, ``None``: it did not."""
        with error_prefix(what):
            faults = await ask_coordinators(self._asker, group_ids, ask, lambda group_id, why: why)
            _raise([fault.within(group_id) for group_id, fault in faults.items() if fault is not None])

    def _one_broker(self) -> int:
        """The node id of the broker to send a change to. No second broker is tried: the change may have been
        made although its answer did not come."""
        brokers = self._cluster.brokers_to_ask()
        if not brokers:
            raise ClusterError("no broker is known", FaultKind.UNREACHABLE)
        return brokers[0].node_id

    def _refuse_if_read_only(self, what: str) -> None:
        if self.read_only:
            raise ReadOnlyError(f"{what}: kafkatui was started with --read-only")

    def _timeout(self) -> timedelta:
        """The time the broker itself may take: less than kafkatui waits for its answer."""
        return timedelta(seconds=self._cluster.config.request_timeout * 0.8)


def _raise(faults: Sequence[Fault]) -> None:
    """Raise `faults` as one `ClusterError`; do nothing where there are none."""
    if faults:
        kinds = {fault.kind for fault in faults}
        kind = faults[0].kind if len(kinds) == 1 else FaultKind.UNKNOWN
        raise ClusterError("; ".join(fault.text for fault in faults), kind)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
