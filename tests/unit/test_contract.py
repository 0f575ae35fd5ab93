"""Every private name of aiokafka and kio that kafkatui uses, which a new release may change.

A release that breaks one of them fails here first, with a clear error. See `kafkatui.kafka.patches`.
"""

import functools
import importlib.metadata
import inspect
import io
import logging
import struct
from dataclasses import fields, is_dataclass
from typing import get_args

import aiokafka.client
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import BrokerMetadata
from kio.index import load_payload_module, load_response_schema
from kio.schema.errors import ErrorCode
from kio.serial import entity_reader
from kio.static.constants import EntityType

from kafkatui.kafka import patches
from kafkatui.kafka.requests import NEWEST, Api, Request, choose_version


def test_the_versions_these_names_were_checked_with() -> None:
    assert importlib.metadata.version("aiokafka").startswith("0.14.")
    assert importlib.metadata.version("kio").startswith("0.6.")


def test_a_connection_takes_these_arguments() -> None:
    taken = inspect.signature(AIOKafkaConnection.__init__).parameters
    assert {
        "host", "port", "client_id", "request_timeout_ms", "ssl_context", "security_protocol",
        "sasl_mechanism",
        "sasl_plain_username", "sasl_plain_password",
        "sasl_oauth_token_provider",
    } <= taken.keys()  # fmt: skip
    assert list(inspect.signature(AIOKafkaConnection.send).parameters) == [
        "self",
        "request",
        "expect_response",
    ]
    assert list(inspect.signature(AIOKafkaConnection._handle_frame).parameters) == ["self", "resp"]
    assert list(inspect.signature(AIOKafkaConnection.close).parameters) == ["self", "reason", "exc"]


def test_send_uses_only_methods_that_our_requests_have() -> None:
    sent = inspect.getsource(AIOKafkaConnection.send)
    assert "request.prepare(self._versions)" in sent
    assert "request_struct.build_request_header(" in sent
    assert "header.encode() + request_struct.encode()" in sent
    read = inspect.getsource(AIOKafkaConnection._handle_frame)
    assert "request.parse_response_header(resp)" in read
    assert "request.RESPONSE_TYPE" in read
    assert "resp_type.decode(resp)" in read


async def test_a_client_asks_the_brokers_it_knows() -> None:
    client = AIOKafkaClient()
    assert list(inspect.signature(client._metadata_update).parameters) == ["cluster_metadata", "topics"]
    assert "for b in self.cluster.brokers()" in inspect.getsource(AIOKafkaClient._metadata_update)
    client.cluster._brokers = {1: BrokerMetadata(1, "127.0.0.1", 1, None)}
    assert [broker.nodeId for broker in client.cluster.brokers()] == [1]
    assert "self.client = AIOKafkaClient(" in inspect.getsource(AIOKafkaProducer.__init__)
    assert "self._client = AIOKafkaClient(" in inspect.getsource(AIOKafkaConsumer.__init__)


async def test_versions_are_kept_by_api_key() -> None:
    connection = patches.Connection("localhost", 1, tally=patches.Tally())
    assert connection.versions == {}
    assert "versions[api_key] = (min_version, max_version)" in inspect.getsource(
        AIOKafkaConnection._do_version_lookup
    )


def test_metadata_may_be_asked_for_without_creating_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(aiokafka.client), "MetadataRequest", MetadataRequest)
    patches.forbid_topic_creation()
    patches.forbid_topic_creation()
    patched = vars(aiokafka.client)["MetadataRequest"]
    assert isinstance(patched, functools.partial)
    assert patched.func is MetadataRequest
    request = patched(["a"])
    assert request.prepare({3: (0, 5)}).allow_auto_topic_creation is False


def test_logs_never_hold_debug_lines_of_aiokafka(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        patches.guard_logs()
        logging.getLogger("aiokafka.conn").debug("password")
        logging.getLogger("aiokafka.client").info("password")
    assert "password" not in caplog.text


def test_an_error_code_kio_does_not_know_is_a_number() -> None:
    assert 999 not in [int(code) for code in ErrorCode]
    schema = load_response_schema(Api.LIST_GROUPS, 4)
    patches.forgive_unknown_errors(schema)
    data = struct.pack(">ih", 0, 999) + b"\1\0"  # throttle time, error code, no groups, no tags
    answer, _ = entity_reader(schema)(data, 0)
    assert getattr(answer, "error_code") == 999  # noqa: B009  (kio types it as its enum)


@pytest.mark.parametrize("api", list(Api))
def test_no_error_code_is_left_that_makes_an_answer_unreadable(api: Api) -> None:
    newest = NEWEST.get(api, 99)
    schema = load_response_schema(api, choose_version(api, {api: (0, newest)}))
    patches.forgive_unknown_errors(schema)
    assert "error_code" not in {
        field.metadata.get("kafka_type") for kind in _all_kinds(schema) for field in fields(kind)
    }


def _all_kinds(kind: type) -> list[type]:
    inner = [
        found
        for field in fields(kind)
        for found in (field.type, *get_args(field.type))
        if isinstance(found, type) and is_dataclass(found)
    ]
    return [kind, *(found for one in inner for found in _all_kinds(one))]


def test_requests_are_written_as_kafka_reads_them() -> None:
    def build(module: object, version: int) -> object:
        kind = load_payload_module(Api.LIST_GROUPS, version, EntityType.request).ListGroupsRequest
        return kind(states_filter=("Stable",))

    request = Request(Api.LIST_GROUPS, build).prepare({Api.LIST_GROUPS: (0, 4)})
    header = request.build_request_header(correlation_id=7, client_id="me").encode()
    assert header == struct.pack(">hhih", 16, 4, 7, 2) + b"me\0"
    assert request.encode() == b"\2\7Stable\0"
    buffer = io.BytesIO(struct.pack(">i", 7) + b"\0rest")
    assert request.parse_response_header(buffer).correlation_id == 7
    assert Request.RESPONSE_TYPE.decode(buffer) == b"rest"


def test_memory_records_has_the_methods_that_unpacking_uses() -> None:
    records = MemoryRecords(b"")
    assert records.has_next() is False
    assert records.next_batch() is None
