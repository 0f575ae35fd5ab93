"""The texts for a wrong login or certificate, and for another cluster that answers."""

import base64
import datetime
import json
import ssl
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
import trustme

from kafkatui.config import load_config
from kafkatui.errors import ClusterError
from kafkatui.kafka.brokers import OtherClusterError
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.diagnosis import Attempt, ConnectError
from kafkatui.kafka.finding import find
from kafkatui.kafka.topics import read_metadata
from tests import lying_server as server
from tests.lying_server import LyingServer, lying

PLAIN = ("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", "sasl.username=a", "sasl.password=b")
TOKEN = ("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=OAUTHBEARER")


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long time limits, so that a busy machine does not change the outcome."""
    monkeypatch.setattr("kafkatui.kafka.diagnosis.PATIENCE", 60.0)


async def attempt_at(liar: LyingServer, properties: Sequence[str]) -> Attempt:
    settings = ["request.timeout.ms=60000", *properties]
    async with Cluster(load_config(f"127.0.0.1:{liar.port}", None, settings, {})) as cluster:
        with pytest.raises(ConnectError) as caught:
            await cluster.connect()
    (attempt,) = caught.value.attempts
    return attempt


def offering(code: int, *mechanisms: str) -> dict[int, server.Answer]:
    return {server.HANDSHAKE: lambda *_: struct.pack(">h", code) + server.array(map(server.text, mechanisms))}


@pytest.mark.parametrize("code", [0, 33])
async def test_a_mechanism_that_is_not_offered(code: int) -> None:
    async with lying(offering(code, "GSSAPI", "SCRAM-SHA-512")) as liar:
        attempt = await attempt_at(liar, PLAIN)
    assert attempt.outcome == "does not offer PLAIN, but GSSAPI, SCRAM-SHA-512"
    assert attempt.advice == "set sasl.mechanism=SCRAM-SHA-512"


async def test_a_mechanism_that_kafkatui_does_not_know() -> None:
    async with lying(offering(33, "GSSAPI")) as liar:
        attempt = await attempt_at(liar, PLAIN)
    assert attempt.outcome == "does not offer PLAIN, but GSSAPI"
    assert attempt.advice is not None
    assert attempt.advice.startswith("kafkatui knows PLAIN, ")


async def test_another_error_of_the_handshake_is_named() -> None:
    async with lying(offering(15)) as liar:
        attempt = await attempt_at(liar, PLAIN)
    assert attempt.outcome == "is Kafka, but: GroupCoordinatorNotAvailableError"


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (1_000, "the OAUTHBEARER token expired at 1970-01-01 00:16:40 UTC"),
        (2**39, "the OAUTHBEARER token is refused (invalid_token)"),
    ],
)
async def test_a_token_that_is_refused(end: int, outcome: str) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": end}).encode()).decode().rstrip("=")
    answer = b'{"status":"invalid_token"}'
    lies = offering(0, "OAUTHBEARER") | {
        server.AUTHENTICATE: lambda *_: struct.pack(">hhi", 0, -1, len(answer)) + answer
    }
    async with lying(lies) as liar:
        attempt = await attempt_at(liar, [*TOKEN, f"sasl.oauthbearer.token=e30.{claims}.c2ln"])
    assert attempt.outcome == outcome
    assert attempt.advice == "get another token: sasl.oauthbearer.token, or the file it is read from"


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\xff\xfe\0", "it is not text"), (b"", "a token is one word"), (b"a\nb", "a token is one word"),
     (b"a\x01b", "a token is one word")],
)  # fmt: skip
async def test_a_file_that_holds_no_token(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    async with lying(offering(0, "OAUTHBEARER")) as liar:
        attempt = await attempt_at(liar, [*TOKEN, f"sasl.oauthbearer.token.endpoint.url=file://{file}"])
    assert attempt.outcome == f"{file} holds no token: {why}"


async def test_a_certificate_that_has_expired(tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1", not_after=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)).configure_cert(
        context
    )
    trusting = ["security.protocol=SSL", f"ssl.truststore.location={tmp_path / 'ca.pem'}"]
    async with lying(tls=context) as liar:
        attempt = await attempt_at(liar, trusting)
    assert attempt.outcome == "its certificate has expired"
    assert attempt.advice == "the certificate must be renewed, or the clock of this machine is wrong"


async def test_another_cluster_at_the_same_address() -> None:
    name = "first"

    def metadata(liar: LyingServer, _: bytes) -> bytes:
        return server.metadata(server.array([liar.itself()]), server.array([]), name)

    heard: list[str] = []
    async with lying({server.METADATA: metadata}) as liar:
        config = load_config(f"127.0.0.1:{liar.port}", None, (), {})
        async with Cluster(config) as cluster:
            cluster.on_other_cluster = heard.append
            await cluster.connect()
            asker = cluster.asker("test")
            await read_metadata(asker)
            name = "second"
            for _ in range(2):
                with pytest.raises(
                    ClusterError, match="another cluster answers there: its id is second, and was first"
                ):
                    await read_metadata(asker)
            assert isinstance(await find_fault(cluster), OtherClusterError)
            assert cluster.cluster_id == "first"
    assert heard == ["second"]


async def find_fault(cluster: Cluster) -> BaseException | None:
    faults = await find(cluster)
    return None if faults is None else next(iter(faults.values()))
