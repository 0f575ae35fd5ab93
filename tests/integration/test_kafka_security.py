"""Logging in to a secured Kafka, one broker with many listeners; and the texts where none can be reached."""

import asyncio
import base64
import hashlib
import json
import logging
import os
import re
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic, time
from typing import Any

import pytest
import pytest_asyncio
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kafkatui.config import load_config
from kafkatui.errors import ClusterError, UsageError
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.diagnosis import Attempt, ConnectError
from kafkatui.kafka.groups import read_group_list
from kafkatui.kafka.requests import Api
from kafkatui.kafka.topics import read_metadata
from kafkatui.local import LocalCluster
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import connected, write
from tests.patience import PATIENCE

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]

HUSH = 'hush,=" hush'
"""A password with every character that needs quoting."""

LOGIN_MODULES = "org.apache.kafka.common.security"
MECHANISMS = {"SCRAM-SHA-256": (1, hashlib.sha256), "SCRAM-SHA-512": (2, hashlib.sha512)}


class Secured:
    """A broker with a listener for each way to log in, and the files and names its clients need."""

    def __init__(self, cluster: LocalCluster, directory: Path) -> None:
        self.cluster = cluster
        self.trust = f"ssl.truststore.location={directory / 'ca.pem'}"
        self.own = f"ssl.keystore.location={directory / 'client.pem'}"
        self.encrypted = f"ssl.keystore.location={directory / 'encrypted.pem'}"
        self.strange = f"ssl.keystore.location={directory / 'strange.pem'}"

    def at(self, listener: str) -> str:
        return self.cluster.servers(listener)


def store(cert: trustme.LeafCert, path: Path, password: str | None = None) -> None:
    """Write key and chain into one PEM file; the key as PKCS#8, the only form Kafka reads."""
    key = load_pem_private_key(cert.private_key_pem.bytes(), None)
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    path.write_bytes(pem + b"".join(blob.bytes() for blob in cert.cert_chain_pems))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Secured]:
    directory = tmp_path_factory.mktemp("tls")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(directory / "ca.pem"))
    store(ca.issue_cert("127.0.0.1"), directory / "server.pem")
    store(ca.issue_cert("client@example.com"), directory / "client.pem")
    store(ca.issue_cert("client@example.com"), directory / "encrypted.pem", HUSH)
    store(trustme.CA().issue_cert("client@example.com"), directory / "strange.pem")
    properties = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(directory / "server.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(directory / "ca.pem"),
        "listener.name.mtls.ssl.client.auth": "required",
    }
    offered = {"login": [*MECHANISMS, "PLAIN", "OAUTHBEARER"], "open": ["SCRAM-SHA-256", "PLAIN"]}
    for listener, mechanisms in offered.items():
        jaas = f"listener.name.{listener}.{{}}.sasl.jaas.config".format
        properties |= {
            f"listener.name.{listener}.sasl.enabled.mechanisms": ",".join(mechanisms),
            jaas("scram-sha-256"): f"{LOGIN_MODULES}.scram.ScramLoginModule required;",
            jaas("scram-sha-512"): f"{LOGIN_MODULES}.scram.ScramLoginModule required;",
            jaas("plain"): f'{LOGIN_MODULES}.plain.PlainLoginModule required user_alice="hush";',
            jaas("oauthbearer"): f"{LOGIN_MODULES}.oauthbearer.OAuthBearerLoginModule required "
            'unsecuredLoginStringClaim_sub="broker";',
        }
    listeners = {
        "TLS": "SSL", "MTLS": "SSL", "LOGIN": "SASL_SSL", "OPEN": "SASL_PLAINTEXT", "ASTRAY": "PLAINTEXT",
    }  # fmt: skip
    async with LocalCluster(
        properties=properties, extra_listeners=listeners, advertised={"ASTRAY": "kafka.invalid:9092"}
    ) as cluster:
        await create_users(cluster.bootstrap_servers)
        yield Secured(cluster, directory)


async def create_users(bootstrap_servers: str) -> None:
    """Create SCRAM credentials of bob, as ``kafka-configs --alter --add-config SCRAM-…`` does."""

    async with connected(bootstrap_servers) as cluster, cluster.asker("users") as asker:
        for number, algorithm in MECHANISMS.values():  # one request may change a user once
            salted = hashlib.pbkdf2_hmac(algorithm().name, HUSH.encode(), b"salt", 4096)

            def build(module: Any, version: int, number: int = number, salted: bytes = salted) -> Any:
                credential = module.ScramCredentialUpsertion(
                    name="bob", mechanism=number, iterations=4096, salt=b"salt", salted_password=salted
                )
                return module.AlterUserScramCredentialsRequest(deletions=(), upsertions=(credential,))

            answer = await asker.ask(None, Api.ALTER_USER_SCRAM_CREDENTIALS, build)
            assert [result.error_code for result in answer.results] == [0]


def token(age: int = 0) -> str:
    """A token without a signature, which this broker accepts; made `age` seconds ago, for ten minutes."""
    now = int(time()) - age
    parts = ({"alg": "none"}, {"sub": "carol", "iat": now, "exp": now + 600})
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join(encoded) + "."


SCRAM = f'{LOGIN_MODULES}.scram.ScramLoginModule required username="bob" password="hush,=\\" hush";'


async def test_tls(secured: Secured) -> None:
    async with connected(secured.at("TLS"), "security.protocol=SSL", secured.trust) as cluster:
        assert cluster.brokers[1].port == secured.cluster.ports["TLS"]


@pytest.mark.parametrize("encrypted", [False, True])
async def test_mutual_tls(secured: Secured, encrypted: bool) -> None:
    own = [secured.encrypted, f"ssl.key.password={HUSH}"] if encrypted else [secured.own]
    async with connected(secured.at("MTLS"), "security.protocol=SSL", secured.trust, *own) as cluster:
        await use(cluster)


@pytest.mark.parametrize("mechanism", list(MECHANISMS))
async def test_scram(secured: Secured, mechanism: str) -> None:
    login = ["security.protocol=SASL_SSL", f"sasl.mechanism={mechanism}", f"sasl.jaas.config={SCRAM}"]
    async with connected(secured.at("LOGIN"), secured.trust, *login) as cluster:
        await use(cluster)


async def test_plain(secured: Secured) -> None:
    login = [
        "security.protocol=SASL_PLAINTEXT",
        "sasl.mechanism=PLAIN",
        "sasl.username=alice",
        "sasl.password=hush",
    ]
    async with connected(secured.at("OPEN"), *login) as cluster:
        await use(cluster)


async def test_tokens(secured: Secured, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(token() + "\n")
    for name in (f"sasl.oauthbearer.token={token()}", f"sasl.oauthbearer.token.endpoint.url=file://{file}"):
        login = ["security.protocol=SASL_SSL", "sasl.mechanism=OAUTHBEARER", name]
        async with connected(secured.at("LOGIN"), secured.trust, *login) as cluster:
            await use(cluster)


async def use(cluster: Cluster) -> None:
    """Ask over several connections, and write with aiokafka's own client."""
    async with cluster.asker("a") as one, cluster.asker("b") as other:
        await read_metadata(one)
        await read_group_list(other)
    admin, topic = Admin(cluster), f"t-{os.urandom(4).hex()}"
    await admin.create_topics([topic], partitions=1)
    await write(admin, topic, {0: [b"x"]})
    await admin.delete_topics([topic])


async def attempts(bootstrap_servers: str, *properties: str) -> tuple[Attempt, ...]:
    """The attempts after a failed connection; checks that they come soon and hold no password."""
    began = monotonic()
    async with Cluster(
        load_config(bootstrap_servers, None, ["request.timeout.ms=2000", *properties], {})
    ) as cluster:
        with pytest.raises(ConnectError) as caught:
            await cluster.connect()
    assert monotonic() - began < 8 * PATIENCE
    assert "hush" not in "".join(traceback.format_exception(caught.value))
    assert "\n" not in str(caught.value)
    return caught.value.attempts


ALICE = ("sasl.mechanism=PLAIN", "sasl.username=alice", "sasl.password=hush")
PLAIN = (*ALICE[:2], "sasl.password=hush wrong")


@pytest.mark.parametrize(
    ("listener", "properties", "outcome", "advice"),
    [
        ("TLS", [], "this port speaks TLS", "security.protocol=SSL"),
        ("MTLS", [], "this port speaks TLS", "security.protocol=SSL"),
        ("LOGIN", ["security.protocol=SASL_PLAINTEXT", *PLAIN], "speaks TLS", "security.protocol=SASL_SSL"),
        ("PLAINTEXT", ["security.protocol=SSL"], "does not speak TLS", "security.protocol=PLAINTEXT"),
        ("OPEN", ["security.protocol=SSL"], "does not speak TLS", "security.protocol=SASL_PLAINTEXT"),
        ("OPEN", [], "wants a login: .*SCRAM-SHA-256", "security.protocol=SASL_PLAINTEXT"),
        ("LOGIN", ["security.protocol=SSL", "TRUST"], "wants a login: .*PLAIN", "SASL_SSL"),
        ("OPEN", ["security.protocol=SASL_PLAINTEXT", *PLAIN], "login is refused", "password"),
        ("PLAINTEXT", ["security.protocol=SASL_PLAINTEXT", *PLAIN], "takes no login", "PLAINTEXT"),
        (
            "OPEN",
            ["security.protocol=SASL_PLAINTEXT", "sasl.mechanism=SCRAM-SHA-512", *PLAIN[1:]],
            "does not offer SCRAM-SHA-512, but .*SCRAM-SHA-256",
            "set sasl.mechanism=",
        ),
        ("TLS", ["security.protocol=SSL"], "certificate is not trusted", "ssl.truststore.location"),
        ("MTLS", ["security.protocol=SSL", "TRUST"], "wants a certificate", "ssl.keystore.location"),
        ("MTLS", ["security.protocol=SSL", "TRUST", "STRANGE"], "does not accept this client's", "signed"),
        ("ASTRAY", [], "advertises kafka.invalid:9092, which cannot be reached", "advertised"),
    ],
)  # fmt: skip
async def test_causes_in_words(
    secured: Secured, listener: str, properties: list[str], outcome: str, advice: str
) -> None:
    known = {"TRUST": secured.trust, "STRANGE": secured.strange}
    (attempt,) = await attempts(secured.at(listener), *(known.get(item, item) for item in properties))
    assert attempt.address == secured.at(listener)
    assert_like(attempt, outcome, advice)


async def test_a_token_that_has_expired(secured: Secured) -> None:
    login = ["security.protocol=SASL_SSL", "sasl.mechanism=OAUTHBEARER", secured.trust]
    (attempt,) = await attempts(secured.at("LOGIN"), *login, f"sasl.oauthbearer.token={token(age=3600)}")
    assert_like(attempt, r"the OAUTHBEARER token expired at 2\d{3}-.* UTC", "get another token")


async def test_a_certificate_for_another_name(secured: Secured) -> None:
    port = secured.cluster.ports["TLS"]
    found = await attempts(f"localhost:{port}", "security.protocol=SSL", secured.trust)
    (attempt,) = (attempt for attempt in found if attempt.address == f"127.0.0.1:{port}")
    assert_like(attempt, "not for localhost", "ssl.endpoint.identification.algorithm")


def assert_like(attempt: Attempt, outcome: str, advice: str) -> None:
    assert re.search(outcome, attempt.outcome), attempt
    assert attempt.advice is not None
    assert advice in attempt.advice


async def test_nothing_there() -> None:
    port = free_port()
    found = await attempts(f"127.0.0.1:{port},nowhere.invalid:1")
    assert [attempt.address for attempt in found] == [f"127.0.0.1:{port}", "nowhere.invalid:1"]
    assert "nothing listens there" in found[0].outcome
    assert "does not resolve" in found[1].outcome


@asynccontextmanager
async def answering(with_what: bytes | None) -> AsyncIterator[int]:
    """A port that answers everything with these bytes; ``None``: with nothing."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        if with_what is not None:
            writer.write(with_what)
        else:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "is a web server, not Kafka"),
        (b"220 mail.example.com ESMTP\r\n", "not as Kafka does"),
        (b"", "takes connections and closes them"),
        (None, "does not answer"),
    ],
)
async def test_something_else_is_there(answer: bytes | None, outcome: str) -> None:
    async with answering(answer) as port:
        (attempt,) = await attempts(f"127.0.0.1:{port}")
    assert outcome in attempt.outcome


async def test_the_first_address_that_answers_is_enough(secured: Secured) -> None:
    async with answering(None) as port:
        began = monotonic()
        servers = f"127.0.0.1:{port},127.0.0.1:{free_port()},{secured.at('PLAINTEXT')}"
        async with connected(servers, "request.timeout.ms=60000") as cluster:
            assert cluster.brokers
        assert monotonic() - began < 30


async def test_a_frozen_broker_holds_up_nobody_at_the_end(secured: Secured) -> None:
    """Requests to it time out with an error, everything closes at once; once thawed, the broker answers
    again."""
    async with (
        connected(secured.at("PLAINTEXT"), "request.timeout.ms=1000") as cluster,
        connected(secured.at("PLAINTEXT"), "request.timeout.ms=60000") as patient,
    ):
        asker, other = cluster.asker("a"), patient.asker("a")
        await read_metadata(asker)
        await read_metadata(other)
        await secured.cluster.freeze(1)
        try:
            assert "no answer in time" in await eventually(lambda: fault_of(read_metadata(asker)), 5)
            asking = asyncio.create_task(read_metadata(other))
            await asyncio.sleep(0.1)
            async with asyncio.timeout(30):
                patient.close()
                await asyncio.gather(asking, return_exceptions=True)
        finally:
            await secured.cluster.thaw(1)
    async with connected(secured.at("PLAINTEXT")) as cluster, cluster.asker("a") as asker:
        await eventually(lambda: read_metadata(asker))


async def fault_of(asking: Awaitable[object]) -> str | None:
    try:
        await asking
    except ClusterError as error:
        return str(error)
    return None


async def test_no_log_carries_a_password(secured: Secured, caplog: pytest.LogCaptureFixture) -> None:
    login = [
        "security.protocol=SASL_PLAINTEXT",
        "sasl.mechanism=PLAIN",
        "sasl.username=alice",
        "sasl.password=hush",
    ]
    with caplog.at_level(logging.DEBUG):
        async with connected(secured.at("OPEN"), *login) as cluster:
            await use(cluster)
        await attempts(secured.at("OPEN"), *login[:1], *PLAIN)
    assert "hush" not in caplog.text


async def test_a_key_with_a_wrong_password_is_one_line(secured: Secured) -> None:
    config = load_config(
        "localhost", None, ["security.protocol=SSL", secured.encrypted, "ssl.key.password=hush wrong"], {}
    )
    with pytest.raises(UsageError, match=r"ssl\.key\.password") as caught:
        Cluster(config)
    assert "hush" not in "".join(traceback.format_exception(caught.value))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
