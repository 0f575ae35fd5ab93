"""What of aiokafka and kio is reached into or changed; ``tests/unit/test_contract.py`` holds every such
name."""

import functools
import logging
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any, get_args

import aiokafka.client
from aiokafka.conn import AIOKafkaConnection


class Tally:
    """What asking has cost so far; only ever grows."""

    __slots__ = ("bytes", "requests")

    def __init__(self) -> None:
        self.requests = 0
        """Requests sent, those of connecting and of logging in too."""
        self.bytes = 0
        """Bytes of requests and of answers, before TLS."""


class Connection(AIOKafkaConnection):
    """aiokafka's connection to one broker, that counts what goes over it.

    Its `send()` takes anything with ``prepare(versions)``, ``build_request_header(…)``, ``encode()``,
    ``parse_response_header(…)`` and ``RESPONSE_TYPE``; `kafkatui.kafka.requests` makes use of that.
    """

    def __init__(self, host: str, port: int, *, tally: Tally, **settings: Any) -> None:
        AIOKafkaConnection.__init__(self, host, port, **settings)
        self._tally = tally

    @property
    def versions(self) -> dict[int, tuple[int, int]]:
        """Versions the broker speaks, by API key: (oldest, newest)."""
        return dict(self._versions)

    def send(self, request: Any, expect_response: bool = True) -> Any:
        self._tally.requests += 1
        return AIOKafkaConnection.send(self, request, expect_response)

    def connected(self) -> bool:
        return bool(AIOKafkaConnection.connected(self))

    def close(self, reason: Any = None, exc: BaseException | None = None) -> Any:
        return AIOKafkaConnection.close(self, reason, exc)

    async def connect(self) -> Any:
        return await AIOKafkaConnection.connect(self)

    def _handle_frame(self, resp: bytes) -> None:
        self._tally.bytes += len(resp) + 4
        AIOKafkaConnection._handle_frame(self, resp)


def guard_logs() -> None:
    """Keep aiokafka's DEBUG lines, which carry passwords and records, out of every log, whatever its
    level."""
    for name in ("aiokafka", "aiokafka.conn"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))


def forgive_unknown_errors(response: type) -> None:
    """Let kio decode the error codes in `response` as plain numbers.

    By itself it raises for one code it does not know, and the whole answer is lost. To be called before
    `kio.serial.entity_reader(response)`, which is where kio looks at the fields.
    """
    for field in fields(response):
        if field.metadata.get("kafka_type") == "error_code":
            field.metadata = MappingProxyType({**field.metadata, "kafka_type": "int16"})
        for inner in (field.type, *get_args(field.type)):
            if isinstance(inner, type) and is_dataclass(inner):
                forgive_unknown_errors(inner)


def forbid_topic_creation() -> None:
    """Let aiokafka's client ask for metadata without creating the topics it asks about; it has no option for
    it."""
    request = vars(aiokafka.client)["MetadataRequest"]
    if not isinstance(request, functools.partial):
        vars(aiokafka.client)["MetadataRequest"] = functools.partial(request, allow_auto_topic_creation=False)
