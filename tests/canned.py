"""A broker of canned groups: real bytes of ListGroups, DescribeGroups and OffsetFetch, without a socket."""

import asyncio
import io
import struct
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from kio.index import load_payload_module
from kio.schema.errors import ErrorCode
from kio.serial import entity_writer
from kio.static.constants import EntityType

from kafkatui.config import load_config
from kafkatui.domain.cluster.partitions import Broker
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.requests import Api

VERSIONS = {Api.LIST_GROUPS: 5, Api.DESCRIBE_GROUPS: 6, Api.OFFSET_FETCH: 9}


class CannedConnection:
    """Answers each request from `groups`; counts what is asked and what is decoded."""

    def __init__(self, groups: dict[str, tuple[int, ...]]) -> None:
        self.groups = groups
        """By group: what its one member has committed of ``orders``, by partition."""
        self.throttle = timedelta()
        self.asked: list[Api] = []
        self.decoded: list[Api] = []
        self.most_waiting = 0
        """How many requests waited for their answers at the same time, at most."""
        self._waiting = 0

    async def send(self, request: Any) -> bytes:
        """What `kafkatui.kafka.patches.Connection` does."""
        request.prepare({int(api): (version, version) for api, version in VERSIONS.items()})
        request.encode()
        decode, api = request.decode, request.api
        self.asked.append(api)

        def counted(data: bytes) -> Any:
            self.decoded.append(api)
            return decode(data)

        request.decode = counted
        self._waiting += 1
        self.most_waiting = max(self.most_waiting, self._waiting)
        await asyncio.sleep(0)
        self._waiting -= 1
        return self._answer(api, request._payload)

    def _answer(self, api: Api, asked: Any) -> bytes:
        module: Any = load_payload_module(api, VERSIONS[api], EntityType.response)
        match api:
            case Api.LIST_GROUPS:
                answer = module.ListGroupsResponse(
                    throttle_time=self.throttle,
                    error_code=ErrorCode.none,
                    groups=tuple(
                        module.ListedGroup(
                            group_id=name,
                            protocol_type="consumer",
                            group_state="Stable",
                            group_type="classic",
                        )
                        for name in self.groups
                    ),
                )
            case Api.DESCRIBE_GROUPS:
                answer = module.DescribeGroupsResponse(
                    throttle_time=self.throttle,
                    groups=tuple(self._described(module, name) for name in asked.groups),
                )
            case _:
                answer = module.OffsetFetchResponse(
                    throttle_time=self.throttle,
                    groups=tuple(self._committed(module, group.group_id) for group in asked.groups),
                )
        buffer = io.BytesIO()
        entity_writer(type(answer))(buffer, answer)
        return buffer.getvalue()

    def _listed(self, module: Any, name: str) -> Any:
        return module.ListedGroup(
            group_id=name, protocol_type="consumer", group_state="Stable", group_type="classic"
        )

    def _described(self, module: Any, name: str) -> Any:
        numbers = range(len(self.groups[name]))
        subscription = struct.pack(">hih6si", 1, 1, 6, b"orders", -1)
        assignment = struct.pack(">hih6si", 1, 1, 6, b"orders", len(numbers))
        assignment += b"".join(struct.pack(">i", number) for number in numbers) + struct.pack(">i", -1)
        member = module.DescribedGroupMember(
            member_id=f"{name}-1",
            group_instance_id=None,
            client_id="c1",
            client_host="/10.0.0.7",
            member_metadata=subscription,
            member_assignment=assignment,
        )
        return module.DescribedGroup(
            error_code=ErrorCode.none,
            error_message=None,
            group_id=name,
            group_state="Stable",
            protocol_type="consumer",
            protocol_data="range",
            members=(member,),
            authorized_operations=-(2**31),
        )

    def _committed(self, module: Any, name: str) -> Any:
        partitions = tuple(
            module.OffsetFetchResponsePartitions(
                partition_index=number,
                committed_offset=offset,
                committed_leader_epoch=-1,
                metadata="",
                error_code=ErrorCode.none,
            )
            for number, offset in enumerate(self.groups[name])
        )
        topic = module.OffsetFetchResponseTopics(name="orders", partitions=partitions)
        return module.OffsetFetchResponseGroup(group_id=name, topics=(topic,), error_code=ErrorCode.none)


class CannedAsker(Asker):
    """Asks a `CannedConnection`."""

    def __init__(self, groups: dict[str, tuple[int, ...]], brokers: Sequence[int] = (1,)) -> None:
        cluster = Cluster(load_config("127.0.0.1:1", None, (), {}))
        cluster.brokers = {node: Broker(node, "127.0.0.1", 9092) for node in brokers}
        super().__init__(cluster, "canned")
        self.canned = CannedConnection(groups)

    async def _connection(self, broker: Broker) -> tuple[Any, bool]:
        return self.canned, True
