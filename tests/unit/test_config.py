"""Settings: their order, their known names, errors of one line, no secret in any text."""

import copy
import json
import logging
import pickle
import traceback
from pathlib import Path

import pytest
import trustme

from kafkatui.config import Address, Config, Sasl, Secret, load_config, parse_address, parse_bootstrap
from kafkatui.errors import UsageError
from kafkatui.kafka.security import connection_settings

PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


def load(*properties: str, **environ: str) -> Config:
    return load_config(None, None, properties, environ)


def test_defaults() -> None:
    config = load()
    assert config.bootstrap_servers == ("localhost:9092",)
    assert config.security_protocol == "PLAINTEXT"
    assert (config.client_id, config.request_timeout, config.read_only) == ("kafkatui", 5.0, False)
    assert config.tail_limit == 2 * 1024 * 1024


def test_the_stronger_setting_wins(tmp_path: Path) -> None:
    file = tmp_path / "client.properties"
    file.write_text("# mine\nbootstrap.servers = file:1\nclient.id : from-file\n")
    environ = {"KAFKATUI_BOOTSTRAP_SERVERS": "env:1"}
    assert load_config(None, None, (), environ).bootstrap_servers == ("env:1",)
    assert load_config(None, file, (), environ).bootstrap_servers == ("file:1",)
    x = ["bootstrap.servers=x:1", "client.id=from-x"]
    assert load_config(None, file, x, environ).bootstrap_servers == ("x:1",)
    config = load_config("b:1", file, x, environ)
    assert (config.bootstrap_servers, config.client_id) == (("b:1",), "from-x")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost", Address("localhost", 9092)),
        ("kafka-1.example.com:19092", Address("kafka-1.example.com", 19092)),
        ("127.0.0.1:1", Address("127.0.0.1", 1)),
        ("[::1]:9093", Address("::1", 9093)),
        ("[fe80::1%eth0]", Address("fe80::1%eth0", 9092)),
        ("SASL_SSL://broker:9094", Address("broker", 9094)),
        ("my_broker:9092", Address("my_broker", 9092)),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "text",
    ["", ":9092", "a:b", "a:0", "a:65536", "a:1:2", "::1", "http://a:80", "a b:1", "a:-1",
     "a..b:1", ".", ".a", "x" * 64 + ".org:1", "a\0b:1", "\0", "é" * 64, "a." * 200],
)  # fmt: skip
def test_no_addresses(text: str) -> None:
    with pytest.raises(UsageError, match="is no broker address"):
        parse_address(text)


def test_several_addresses_each_once() -> None:
    assert parse_bootstrap("a:1, b ,a:1,") == ("a:1", "b:9092")
    with pytest.raises(UsageError, match="names no broker"):
        parse_bootstrap(" , ")


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        (["security.protocol"], "-X takes key=value"),
        (["=x"], "-X takes key=value"),
        (["security.protocol=TLS"], "must be one of PLAINTEXT, SSL"),
        (["request.timeout.ms=5s"], "whole number of milliseconds"),
        (["request.timeout.ms=1"], "100 or more"),
        (["security.protocol=SASL_SSL"], "needs sasl.mechanism"),
        (["security.protocol=SASL_SSL", "sasl.mechanism=GSSAPI"], "Kerberos"),
        (["security.protocol=SASL_SSL", "sasl.mechanism=CRAM"], "must be one of PLAIN"),
        (["security.protocol=SASL_SSL", "sasl.mechanism=PLAIN"], "needs a user and a password"),
        (
            ["security.protocol=SASL_SSL", "sasl.mechanism=PLAIN", "sasl.username=u"],
            "needs a user and a password",
        ),
        (["security.protocol=SASL_SSL", "sasl.mechanism=OAUTHBEARER"], "takes a token that is there already"),
        (["security.protocol=SSL", "ssl.truststore.location=/nowhere.pem"], "no such file"),
        (["security.protocol=SSL", "ssl.endpoint.identification.algorithm=x"], "must be https, or empty"),
        (["security.protocol=SSL", "ssl.truststore.type=DER"], "must be one of PEM, JKS, PKCS12"),
        (["security.protocol=SSL", "ssl.keystore.key=k"], "go together"),
    ],
)
def test_wrong_settings_are_one_line(properties: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        load(*properties)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("mechanism", "jaas", "username", "password"),
    [
        ("PLAIN", f'{PLAIN} required username="alice" password="s3;cret";', "alice", "s3;cret"),
        ("plain", f"{PLAIN} required username=alice password='a \\' b';", "alice", "a ' b"),
        ("SCRAM-SHA-512", f'{SCRAM} required  username="a\\"b" password="c\\\\d" ;', 'a"b', "c\\d"),
        ("SCRAM-SHA-256", f'{SCRAM} required\n username="u"\n password="p";', "u", "p"),
    ],
)
def test_jaas(mechanism: str, jaas: str, username: str, password: str) -> None:
    config = load(
        "security.protocol=SASL_PLAINTEXT", f"sasl.mechanism={mechanism}", f"sasl.jaas.config={jaas}"
    )
    assert config.sasl is not None
    assert (config.sasl.mechanism, config.sasl.username) == (mechanism.upper(), username)
    assert config.sasl.password == Secret(password)
    assert config.security_protocol == "SASL_PLAINTEXT"


@pytest.mark.parametrize(
    ("jaas", "says"),
    [
        (f'{SCRAM} required username="u" password="p";', "needs PlainLoginModule"),
        (f'{PLAIN} username="u" password="hush";', "must read"),
        (f'{PLAIN} required username="u" password="hush', "must read"),
    ],
)
def test_jaas_that_does_not_fit(jaas: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        load("security.protocol=SASL_SSL", "sasl.mechanism=PLAIN", f"sasl.jaas.config={jaas}")
    assert "hush" not in str(caught.value)


def test_names_of_librdkafka() -> None:
    config = load(
        "security.protocol=sasl_ssl", "sasl.mechanisms=PLAIN", "sasl.username=u", "sasl.password=p",
        "enable.ssl.certificate.verification=false", "ssl.endpoint.identification.algorithm=none",
    )  # fmt: skip
    assert config.sasl is not None
    assert config.tls is not None
    assert not config.tls.verify
    assert not config.tls.verify_hostname


def test_an_empty_algorithm_checks_no_name() -> None:
    config = load("security.protocol=SSL", "ssl.endpoint.identification.algorithm=")
    assert config.tls is not None
    assert config.tls.verify
    assert not config.tls.verify_hostname


def test_tokens(tmp_path: Path) -> None:
    file = tmp_path / "a token"
    file.write_text("t0ken\n")
    base = ["security.protocol=SASL_SSL", "sasl.mechanism=OAUTHBEARER"]
    given = load(*base, "sasl.oauthbearer.token=t0ken")
    assert given.sasl is not None
    assert given.sasl.token == Secret("t0ken")
    read = load(*base, f"sasl.oauthbearer.token.endpoint.url=file://{str(file).replace(' ', '%20')}")
    assert read.sasl is not None
    assert read.sasl.token_file == file
    with pytest.raises(UsageError, match="takes a token that is there already"):
        load(*base, "sasl.oauthbearer.token.endpoint.url=https://login.example.com/token")


def test_ignored_settings_are_counted_and_located(tmp_path: Path) -> None:
    """An unknown name is not shown, as it may be a part of a secret; the known name it resembles is."""
    config = load("linger.ms=5", "sasl.pasword=hush", "client.id=me", "ssl.protocol=TLSv1.3")
    assert config.notices == (
        "-X number 2 is ignored; did you mean sasl.password?",
        "-X number 1, 4: 2 settings are not known here and ignored",
    )
    file = tmp_path / "client.properties"
    file.write_text("# mine\n\nacks=all\nsasl.\\\n  pasword hush\nclient.id=x\r\ngroup.id: g\n")
    assert load_config(None, file, (), {}).notices == (
        "client.properties: line 4 is ignored; did you mean sasl.password?",
        "client.properties: lines 3, 7: 2 settings are not known here and ignored",
    )


def test_a_key_pasted_into_the_file_is_shown_nowhere(tmp_path: Path) -> None:
    pem = trustme.CA().issue_cert("client@example.com").private_key_pem.bytes().decode()
    file = tmp_path / "client.properties"
    file.write_text(f"client.id=x\nssl.keystore.certificate.chain=c\nssl.keystore.key={pem}acks=all\n")
    count = len(pem.splitlines())
    config = load_config(None, file, (), {})
    assert config.notices == (
        f"client.properties: lines 4 to {count + 3}: {count} settings are not known here and ignored",
        r"a certificate or key of several lines needs \n\ at the end of each but the last",
    )
    with pytest.raises(UsageError, match="is the path of a file") as caught:
        load("ssl.key.location=" + pem.replace("\n", " "))
    assert pem.splitlines()[1] not in str(caught.value)


SECRET = "S3CRET-hush"


@pytest.mark.parametrize(
    "properties",
    [
        [f"sasl.password {SECRET}"],
        [f"sasl.password:{SECRET}"],
        [f"={SECRET}"],
        [SECRET],
        [f"security.protocol=SASL_SSL sasl.password={SECRET}"],
        [f"request.timeout.ms=5000 sasl.password={SECRET}"],
        [f"ssl.ca.location=ca.pem sasl.password={SECRET}"],
        [f"bootstrap.servers=ann:{SECRET}@kafka:9092"],
        [f"bootstrap.servers=kafka:9092 sasl.password={SECRET}"],
        ["security.protocol=SASL_SSL", f"sasl.mechanism=PLAIN sasl.password={SECRET}"],
        ["security.protocol=SASL_SSL", "sasl.mechanism=PLAIN", f"sasl.jaas.config={SECRET} required;"],
        [
            "security.protocol=SASL_SSL",
            "sasl.mechanism=PLAIN",
            f"sasl.jaas.config=username=a password={SECRET}",
        ],
        ["security.protocol=SASL_SSL", "sasl.mechanism=PLAIN", f"sasl.password={SECRET}"],
        [f"enable.ssl.certificate.verification=false {SECRET}"],
    ],
)
def test_no_mistake_repeats_a_secret(properties: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        load(*properties)
    assert SECRET.upper() not in str(caught.value).upper()


def test_a_secret_by_x_is_warned_about_once() -> None:
    login = ["security.protocol=SASL_SSL", "sasl.mechanism=PLAIN", "sasl.username=u"]
    (warning,) = load(*login, "sasl.password=hush", "ssl.key.password=hush").notices
    assert "every user of this machine can read" in warning
    assert "--command-config" in warning
    assert "KAFKATUI_SASL_PASSWORD" in warning
    assert "hush" not in warning
    jaas = f'sasl.jaas.config={PLAIN} required username="u" password="hush";'
    assert len(load(*login, jaas).notices) == 1
    assert load(*login, KAFKATUI_SASL_PASSWORD="hush").notices == ()


def test_every_setting_may_come_from_the_environment(tmp_path: Path) -> None:
    environ = {
        "KAFKATUI_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKATUI_SASL_MECHANISM": "PLAIN",
        "KAFKATUI_SASL_USERNAME": "ann",
        "KAFKATUI_SASL_PASSWORD": "hush",
        "KAFKATUI_CLIENT_ID": "env",
    }
    config = load(**environ)
    assert config.sasl == Sasl("PLAIN", "ann", Secret("hush"))
    assert config.client_id == "env"
    file = tmp_path / "client.properties"
    file.write_text("client.id=file\nsasl.mechanisms=SCRAM-SHA-256\nssl.endpoint.identification.algorithm=\n")
    config = load_config(
        None, file, (), {**environ, "KAFKATUI_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM": "https"}
    )
    assert config.client_id == "file"
    assert config.sasl is not None
    assert config.sasl.mechanism == "SCRAM-SHA-256"
    assert config.tls is not None
    assert not config.tls.verify_hostname


@pytest.mark.parametrize("name", ["x" * 5000, "~nobody-of-that-name/ca.pem"])
def test_a_path_that_cannot_be_looked_at_is_one_line(name: str) -> None:
    with pytest.raises(UsageError, match=r"^ssl.ca.location") as caught:
        load(f"ssl.ca.location={name}")
    assert "\n" not in str(caught.value)


def test_a_file_that_holds_no_settings(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        load_config(None, tmp_path / "missing", (), {})
    with pytest.raises(UsageError, match="directory"):
        load_config(None, tmp_path, (), {})
    (tmp_path / "bad").write_text("sasl.password=hush\\uZZZZ\n")
    with pytest.raises(UsageError, match="is no properties file") as caught:
        load_config(None, tmp_path / "bad", (), {})
    assert "hush" not in "".join(traceback.format_exception(caught.value))


def test_a_java_key_store_says_how_to_convert_it(tmp_path: Path) -> None:
    jks, p12 = tmp_path / "t.jks", tmp_path / "t.p12"
    jks.write_bytes(b"\xfe\xed\xfe\xed\0\0\0\2")
    p12.write_bytes(b"\x30\x82\x01\x01")
    with pytest.raises(UsageError, match="keytool -importkeystore"):
        load("security.protocol=SSL", f"ssl.truststore.location={jks}")
    with pytest.raises(UsageError, match="openssl pkcs12 -in"):
        load("security.protocol=SSL", f"ssl.keystore.location={p12}")


def one_line(pem: bytes) -> str:
    return pem.decode().strip().replace("\n", " ")


def test_pem_in_the_settings_themselves() -> None:
    ca = trustme.CA()
    own = ca.issue_cert("client@example.com")
    chain = b"".join(blob.bytes() for blob in own.cert_chain_pems)
    config = load(
        "security.protocol=SSL",
        f"ssl.truststore.certificates={one_line(ca.cert_pem.bytes())}",
        f"ssl.keystore.certificate.chain={one_line(chain)}",
        f"ssl.keystore.key={one_line(own.private_key_pem.bytes())}",
    )
    context = connection_settings(config)["ssl_context"]
    assert len(context.get_ca_certs()) == 1
    assert context.check_hostname


def test_a_private_file_that_cannot_be_written_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    own = trustme.CA().issue_cert("client@example.com")
    config = load(
        "security.protocol=SSL",
        f"ssl.keystore.certificate.chain={one_line(own.cert_chain_pems[0].bytes())}",
        f"ssl.keystore.key={one_line(own.private_key_pem.bytes())}",
    )
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    with pytest.raises(UsageError, match="No such file or directory; set TMPDIR"):
        connection_settings(config)


def test_pem_in_files(tmp_path: Path) -> None:
    ca = trustme.CA()
    own = ca.issue_cert("client@example.com")
    trust, store = tmp_path / "ca.pem", tmp_path / "own.pem"
    ca.cert_pem.write_to_path(str(trust))
    own.private_key_and_cert_chain_pem.write_to_path(str(store))
    for names in (
        ("ssl.truststore.location", "ssl.keystore.location"),
        ("ssl.ca.location", "ssl.certificate.location"),
    ):
        config = load("security.protocol=SSL", f"{names[0]}={trust}", f"{names[1]}={store}")
        assert connection_settings(config)["ssl_context"].get_ca_certs()


def test_certificates_that_cannot_be_used_are_one_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    for name in ("ssl.truststore.location", "ssl.keystore.location"):
        config = load("security.protocol=SSL", f"{name}={bad}")
        with pytest.raises(UsageError, match=name.rpartition(".")[0]) as caught:
            connection_settings(config)
        assert "\n" not in str(caught.value)


def test_secrets_are_in_no_text_log_or_traceback(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret("hush")
    config = load(
        "security.protocol=SASL_SSL", "sasl.mechanism=PLAIN", "sasl.username=u", "sasl.password=hush"
    )
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").debug("%s %r", config, secret)
    try:
        raise RuntimeError(config, secret)
    except RuntimeError as error:
        said = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    seen = [caplog.text, said, repr(config), str(secret), f"{secret:>10}", f"{secret!r}", repr([secret])]
    assert not [text for text in seen if "hush" in text]
    for leak in (pickle.dumps, copy.copy, json.dumps):
        with pytest.raises(TypeError):
            leak(secret)
    assert secret.reveal() == "hush"
