"""Finding out why no Kafka can be used at an address, and what the user can do about it."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from aiokafka.errors import IllegalSaslStateError, SaslAuthenticationFailed

from kafkatui.config import MECHANISMS, Address, Config
from kafkatui.errors import ClusterError
from kafkatui.kafka.faults import CERTIFICATE_TIMES, error_text
from kafkatui.kafka.finding import MOST_NAMED, AdvertisedError
from kafkatui.kafka.patches import FrameError, MechanismError, TokenRefusedError
from kafkatui.kafka.security import ssl_context

PATIENCE = 2.0
"""Seconds each trial connection may take."""

NO_SUCH_MECHANISM = 33
HOSTNAME_MISMATCH = (62, 64)
"""OpenSSL's verify codes: the certificate is for another name, or another IP address."""

# ApiVersions 0 and SaslHandshake 1, correlation ids 1 and 2, client id "kafkatui", mechanism "?"
_CLIENT = struct.pack(">h", 8) + b"kafkatui"
_API_VERSIONS = struct.pack(">hhi", 18, 0, 1) + _CLIENT
_HANDSHAKE = struct.pack(">hhi", 17, 1, 2) + _CLIENT + struct.pack(">h", 1) + b"?"

_CERTIFICATE_ALERTS = (
    "CERTIFICATE_REQUIRED",
    "BAD_CERTIFICATE",
    "CERTIFICATE_UNKNOWN",
    "UNKNOWN_CA",
    "HANDSHAKE_FAILURE",
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One address that was tried."""

    address: str
    """The IP address and port: ``[::1]:9092``; the configured name where it does not resolve."""
    outcome: str
    """Why Kafka cannot be used there, for people."""
    advice: str | None = None
    """What the user can do about it; ``None``: only look whether Kafka runs there."""


class ConnectError(ClusterError):
    """No Kafka was found; `attempts` holds every address that was tried, and why it failed."""

    def __init__(self, config: Config, attempts: tuple[Attempt, ...]) -> None:
        self.attempts = attempts
        reasons = dict.fromkeys(attempt.outcome for attempt in attempts)
        super().__init__(f"no Kafka at {', '.join(config.bootstrap_servers)}: {'; '.join(reasons)}")


async def diagnose(config: Config, address: Address, error: BaseException) -> tuple[Attempt, ...]:
    """Why connecting to `address` ended in `error`: one attempt for each IP address of that name. Takes a few
    seconds at most."""
    if isinstance(error, AdvertisedError):
        return (Attempt(str(address), str(error), _about_advertised(error)),)
    try:
        async with asyncio.timeout(PATIENCE):
            found = await asyncio.get_running_loop().getaddrinfo(*address, type=socket.SOCK_STREAM)
    except OSError as fault:
        return (Attempt(str(address), error_text(fault), "check the spelling, or the DNS of this machine"),)
    places = list(
        dict.fromkeys(Address(where[0], where[1]) for *_, where in found if isinstance(where[0], str))
    )
    refusals = await asyncio.gather(*(_refusal(place) for place in places))
    attempts = []
    for place, refusal in zip(places, refusals, strict=True):
        if refusal is None:
            outcome, advice = await _explain(config, address, place, error)
            attempts.append(Attempt(str(place), outcome, advice))
        else:
            attempts.append(Attempt(str(place), refusal))
    return tuple(attempts)


def _about_advertised(error: AdvertisedError) -> str:
    names = list(dict.fromkeys(address.host for address in error.faults))
    listed = ", ".join(names[:MOST_NAMED]) + (" and the others" if len(names) > MOST_NAMED else "")
    return f"set advertised.listeners of the broker to an address reached from here, or make {listed} one"


async def _refusal(place: Address) -> str | None:
    """Why no connection can be opened to `place`; ``None``: one can."""
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(*place)
    except (OSError, TimeoutError) as error:
        return error_text(error)
    writer.close()
    return None


async def _explain(
    config: Config, address: Address, place: Address, error: BaseException
) -> tuple[str, str | None]:
    """What is wrong with a server that takes connections at `place`, and an advice: from `error` if that is
    enough, else from what it answers to trial requests."""
    for fault in _causes(error):
        explanation = _by_error(config, address, fault)
        if explanation is not None:
            return explanation
    if config.tls is not None:
        context = ssl_context(config.tls)
        if is_kafka(await _exchange(place, _API_VERSIONS, context, address.host)):
            mechanisms = await _mechanisms(place, context, address.host)
            return _explain_kafka(config, mechanisms, "SASL_SSL", error)
    first = await _exchange(place, _API_VERSIONS)
    if first.startswith(b"HTTP/"):
        return "answers, but is a web server, not Kafka", "give the port of a Kafka listener"
    if first[:2] == b"\x15\x03" or (not first and await _speaks_tls(place)):
        if config.tls is None:
            protocol = "SASL_SSL" if config.sasl else "SSL"
            return "this port speaks TLS", f"add -X security.protocol={protocol}"
        return f"TLS fails: {error_text(error)}", None
    if is_kafka(first):
        mechanisms = await _mechanisms(place)
        if config.tls is not None:
            protocol = "SASL_PLAINTEXT" if mechanisms else "PLAINTEXT"
            return "this port does not speak TLS", f"set -X security.protocol={protocol}, or give a TLS port"
        return _explain_kafka(config, mechanisms, "SASL_PLAINTEXT", error)
    if first:
        return "answers, but not as Kafka does", "give the port of a Kafka listener"
    if not any(isinstance(fault, TimeoutError) for fault in _causes(error)):
        return "takes connections and closes them", "is it a Kafka listener, and does it let this address in?"
    return "takes connections, but does not answer", "is that Kafka? A broker that hangs looks like this, too"


def _explain_kafka(
    config: Config, mechanisms: tuple[str, ...], protocol: str, error: BaseException
) -> tuple[str, str | None]:
    """Outcome and advice where Kafka answers; `mechanisms`: the SASL mechanisms it offers, empty: it wants no
    login."""
    if mechanisms and config.sasl is None:
        return (
            f"wants a login: {', '.join(mechanisms)}",
            f"write security.protocol={protocol}, sasl.mechanism={mechanisms[0]}, user and password "
            "into a file for --command-config",
        )
    return f"is Kafka, but: {error_text(error)}", None


def is_kafka(answer: bytes) -> bool:
    """Whether `answer` has the form of Kafka's answer to a request with correlation id 1."""
    return answer[4:8] == b"\0\0\0\1"


def _by_error(config: Config, address: Address, error: BaseException) -> tuple[str, str | None] | None:
    """Outcome and advice from `error` alone; ``None``: `error` does not show what is wrong."""
    match error:
        case ssl.SSLCertVerificationError():
            if error.verify_code in HOSTNAME_MISMATCH:
                return (
                    f"its certificate is not for {address.host}",
                    "connect by a name that is in it, or set ssl.endpoint.identification.algorithm=",
                )
            if error.verify_code in CERTIFICATE_TIMES:
                return error_text(
                    error
                ), "the certificate must be renewed, or the clock of this machine is wrong"
            return error_text(error), "set ssl.truststore.location to a PEM file of the certificates to trust"
        case ssl.SSLError() if any(
            alert in (getattr(error, "reason", None) or "") for alert in _CERTIFICATE_ALERTS
        ):
            own = config.tls is not None and bool(config.tls.certificate or config.tls.certificate_file)
            if own:
                return (
                    "does not accept this client's certificate",
                    "is ssl.keystore.location signed by one it trusts?",
                )
            return (
                "wants a certificate of this client (mutual TLS)",
                "set ssl.keystore.location to a PEM file of certificate and key",
            )
        case MechanismError():
            known = next((name for name in MECHANISMS if name in error.offered), None)
            none = f"kafkatui knows {', '.join(MECHANISMS)}, of which none is offered"
            return error_text(error), f"set sasl.mechanism={known}" if known else none
        case TokenRefusedError():
            return error_text(error), "get another token: sasl.oauthbearer.token, or the file it is read from"
        case SaslAuthenticationFailed():
            return "the login is refused", "check user, password and sasl.mechanism"
        case IllegalSaslStateError():
            protocol = "SSL" if config.tls else "PLAINTEXT"
            return "this port takes no login", f"set -X security.protocol={protocol}"
        case ClusterError() if not isinstance(error, FrameError):  # after one, ask whether it is Kafka at all
            return str(error), None
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error`, then the errors that caused it, the nearest first."""
    step: BaseException | None = error
    for _ in range(8):
        if step is None:
            return
        yield step
        step = step.__cause__ or step.__context__


async def _exchange(
    place: Address, payload: bytes, context: ssl.SSLContext | None = None, host: str | None = None
) -> bytes:
    """The first bytes of the answer to one Kafka request; empty: no answer within `PATIENCE` seconds."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(*place, ssl=context, server_hostname=host)
            try:
                writer.write(struct.pack(">i", len(payload)) + payload)
                return await reader.read(4096)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""


async def _mechanisms(
    place: Address, context: ssl.SSLContext | None = None, host: str | None = None
) -> tuple[str, ...]:
    """The SASL mechanisms offered at `place`; empty: no login is wanted there, or the answer makes no
    sense."""
    answer = await _exchange(place, _HANDSHAKE, context, host)
    try:
        code, count = struct.unpack_from(">hi", answer, 8)
        if code != NO_SUCH_MECHANISM:
            return ()
        found, position = [], 14
        for _ in range(min(count, 16)):
            size = struct.unpack_from(">h", answer, position)[0]
            found.append(answer[position + 2 : position + 2 + size].decode("ascii", "replace"))
            position += 2 + size
    except struct.error:
        return ()
    return tuple(found)


async def _speaks_tls(place: Address) -> bool:
    """Whether the server at `place` answers a TLS handshake. No certificate is checked, no request is
    sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(*place, ssl=context)
    except ssl.SSLError as error:
        return "ALERT" in (getattr(error, "reason", None) or "")
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
