"""Every private part of aiokafka and kio that kafkatui uses or changes; ``tests/unit/test_contract.py``
checks each such name."""

import asyncio
import functools
import logging
import struct
import weakref
from collections.abc import Awaitable, Sequence
from dataclasses import fields, is_dataclass
from time import time
from types import MappingProxyType
from typing import Any, get_args

import aiokafka.client
from aiokafka.conn import AIOKafkaConnection, OAuthAuthenticator, ScramAuthenticator
from aiokafka.errors import SaslAuthenticationFailed, UnsupportedSaslMechanismError
from aiokafka.protocol.admin import SaslHandShakeRequest

from kafkatui.kafka.bounds import (
    LARGEST_FRAMES,
    MOST_BEFORE_LOGIN,
    MOST_ROUNDS,
    SMALL,
    NonsenseError,
)
from kafkatui.kafka.tokens import token_refused

NO_SUCH_MECHANISM = 33
"""Kafka's error code UNSUPPORTED_SASL_MECHANISM: the broker does not offer this way to log in."""
MOST_MECHANISMS = 16
"""How many SASL mechanisms an error text names."""


class Tally:
    """Counts of requests and bytes so far, over all connections of a cluster."""

    __slots__ = ("bytes", "requests")

    def __init__(self) -> None:
        self.requests = 0
        """Requests sent, those of connecting and of logging in too."""
        self.bytes = 0
        """Bytes of requests and of answers, before TLS."""


class FrameError(NonsenseError, ConnectionError):
    """The bytes that arrived are not an answer of Kafka; the connection is closed."""


NO_ANSWER = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    struct.error,
)
"""The exceptions aiokafka raises where an answer or a step of a login makes no sense."""


class Room:
    """Limits the bytes of large answers that arrive at the same time, over all connections."""

    def __init__(self, size: int = LARGEST_FRAMES) -> None:
        self._free = size
        self._given = asyncio.Event()

    async def take(self, size: int) -> None:
        """Wait until there is room for `size` bytes."""
        while self._free < size:
            self._given.clear()
            await self._given.wait()
        self._free -= size

    def give(self, size: int) -> None:
        """Give back `size` bytes: that answer is not held any more."""
        self._free += size
        self._given.set()


class _Scram(ScramAuthenticator):
    """Hashes the password as often as the broker asks for, but at most `MOST_ROUNDS` times."""

    def create_salted_password(self, salt: bytes, iterations: int) -> None:
        if not 0 < iterations <= MOST_ROUNDS:
            raise NonsenseError(
                f"the login failed: the broker wants {iterations:,} rounds of SCRAM,"
                f" kafkatui makes {MOST_ROUNDS:,} at most"
            )
        ScramAuthenticator.create_salted_password(self, salt, iterations)


class MechanismError(UnsupportedSaslMechanismError):
    """The broker does not offer the configured SASL mechanism; `offered`: the mechanisms it offers."""

    def __init__(self, wanted: str, offered: Sequence[str]) -> None:
        self.offered = tuple(offered)
        super().__init__(f"does not offer {wanted}, but {', '.join(offered) or 'no login at all'}")


class TokenRefusedError(SaslAuthenticationFailed):
    """The broker refuses the OAUTHBEARER token; the text says why, if the answer or the token shows it."""


class _OAuth(OAuthAuthenticator):
    """Raises `TokenRefusedError` for a refused token. The broker answers it with the reason, and aiokafka
    takes any answer for success.

    Source: RFC 7628, 3.2.3.
    """

    async def step(self, payload: bytes | None) -> Any:
        if not payload:
            return await OAuthAuthenticator.step(self, payload)
        token = await self._sasl_oauth_token_provider.token()
        raise TokenRefusedError(token_refused(token, payload, time()))


class Connection(AIOKafkaConnection):
    """aiokafka's connection to one broker, which counts requests and bytes and limits the size of answers.

    Its `send()` takes any object with ``prepare(versions)``, ``build_request_header(…)``, ``encode()``,
    ``parse_response_header(…)`` and ``RESPONSE_TYPE``: the requests of `kafkatui.kafka.requests`.
    """

    def __init__(
        self, host: str, port: int, *, tally: Tally, room: Room | None = None, **settings: Any
    ) -> None:
        AIOKafkaConnection.__init__(self, host, port, **settings)
        self._tally = tally
        self._room = room or Room()

    @property
    def versions(self) -> dict[int, tuple[int, int]]:
        """Versions the broker speaks, by API key: (oldest, newest)."""
        return dict(self._versions)

    @property
    def used_at(self) -> float:
        """When the last answer came, before the first one when the connection was made; monotonic seconds."""
        return float(self._last_action)

    @property
    def busy(self) -> bool:
        """Whether a request over this connection still waits for its answer."""
        return bool(self._requests)

    def send(self, request: Any, expect_response: bool = True) -> Any:
        self._tally.requests += 1
        answer = AIOKafkaConnection.send(self, request, expect_response)
        return self._checked_handshake(answer) if isinstance(request, SaslHandShakeRequest) else answer

    async def _checked_handshake(self, handshake: Awaitable[Any]) -> Any:
        """The answer to the SASL handshake. Raises `MechanismError` where the broker does not offer the
        configured mechanism."""
        answer = await handshake
        offered = [str(name) for name in answer.enabled_mechanisms or ()][:MOST_MECHANISMS]
        if answer.error_code == NO_SUCH_MECHANISM or not (
            answer.error_code or self._sasl_mechanism in offered
        ):
            raise MechanismError(str(self._sasl_mechanism), offered)
        return answer

    def connected(self) -> bool:
        return bool(AIOKafkaConnection.connected(self))

    def close(self, reason: Any = None, exc: BaseException | None = None) -> Any:
        return AIOKafkaConnection.close(self, reason, exc)

    async def connect(self) -> Any:
        return await AIOKafkaConnection.connect(self)

    def authenticator_scram(self) -> ScramAuthenticator:
        make: Any = _Scram
        made: ScramAuthenticator = make(
            loop=self._loop,
            sasl_plain_password=self._sasl_plain_password,
            sasl_plain_username=self._sasl_plain_username,
            sasl_mechanism=self._sasl_mechanism,
        )
        return made

    def authenticator_oauth(self) -> OAuthAuthenticator:
        make: Any = _OAuth
        made: OAuthAuthenticator = make(sasl_oauth_token_provider=self._sasl_oauth_token_provider)
        return made

    def _handle_frame(self, resp: bytes) -> None:
        self._tally.bytes += len(resp) + 4
        try:
            AIOKafkaConnection._handle_frame(self, resp)
        except NonsenseError as error:
            raise FrameError(str(error)) from error
        except NO_ANSWER as error:
            raise FrameError("its answer makes no sense") from error

    def _most(self) -> int:
        """The most bytes the next answer may have. Raises `FrameError` where no answer is waited for."""
        if not self._requests:
            raise FrameError("it answers what nobody asked")
        return int(getattr(self._requests[0][1], "most", MOST_BEFORE_LOGIN))

    @staticmethod
    async def _read(self_ref: "weakref.ref[Connection]") -> None:
        """aiokafka's loop that reads all answers, with limits. As in aiokafka it holds only a weak reference,
        so that an unused connection can be freed."""
        connection = self_ref()
        if connection is None:
            return
        reader, room = connection._reader, connection._room
        while reader is not None:
            del connection
            (size,) = struct.unpack(">i", await reader.readexactly(4))
            if (connection := self_ref()) is None:
                return
            most = connection._most()
            del connection
            if not 0 <= size <= most:
                raise FrameError(f"it announces an answer of {size:,} bytes, kafkatui takes {most:,} at most")
            taken = size if size > SMALL else 0
            if taken:
                await room.take(taken)
            try:
                frame = await reader.readexactly(size)
                if (connection := self_ref()) is None:
                    return
                connection._handle_frame(frame)
                del frame
            finally:
                if taken:
                    room.give(taken)


def guard_logs() -> None:
    """Keep aiokafka's DEBUG lines out of every log, whatever the log's level: they contain passwords and
    records."""
    for name in ("aiokafka", "aiokafka.conn"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))


def forgive_unknown_errors(response: type) -> None:
    """Make kio decode the error codes in `response` as plain numbers.

    Without this, kio raises for a code it does not know, and the whole answer is lost. Call it before
    `kio.serial.entity_reader(response)`, where kio reads the fields of the class.
    """
    for field in fields(response):
        if field.metadata.get("kafka_type") == "error_code":
            field.metadata = MappingProxyType({**field.metadata, "kafka_type": "int16"})
        for inner in (field.type, *get_args(field.type)):
            if isinstance(inner, type) and is_dataclass(inner):
                forgive_unknown_errors(inner)


def forbid_topic_creation() -> None:
    """Make aiokafka's client ask for metadata without creating the topics it asks about; it has no option for
    that."""
    request = vars(aiokafka.client)["MetadataRequest"]
    if not isinstance(request, functools.partial):
        vars(aiokafka.client)["MetadataRequest"] = functools.partial(request, allow_auto_topic_creation=False)
