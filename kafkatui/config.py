"""The settings of one run as one frozen value, from flags, the environment, and properties named as in
``client.properties``.

It opens no connection; it reads only the command-config file, and checks that the files named in it exist.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from kafkatui.errors import UsageError
from kafkatui.settings import PEM, Settings, shown
from kafkatui.settings import Secret as Secret

DEFAULT_BOOTSTRAP = "localhost:9092"
DEFAULT_PORT = 9092
DEFAULT_TAIL_LIMIT = 2 * 1024 * 1024

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")


MOST_IN_HOST = 256
"""A host's name has fewer characters than this."""


class Address(NamedTuple):
    """The host and port of a broker."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Tls:
    """The settings of TLS. Certificates and keys are PEM only."""

    authorities_file: Path | None = None
    """A file of certificates to trust; ``None`` without `authorities`: those the machine trusts."""
    authorities: str | None = None
    """The certificates to trust as PEM text in the settings; ``None``: not given so."""
    certificate_file: Path | None = None
    """A file of the client's own certificate and its chain, for mutual TLS; it may hold the key too.
    ``None``: not given so."""
    certificate: str | None = None
    key_file: Path | None = None
    key: Secret | None = None
    key_password: Secret | None = None
    verify: bool = True
    """Whether the broker's certificate is checked at all."""
    verify_hostname: bool = True
    """Whether the broker's certificate must be for the host name that is connected to."""


@dataclass(frozen=True, slots=True)
class Sasl:
    """The settings of a login."""

    mechanism: str
    username: str | None = None
    password: Secret | None = None
    token: Secret | None = None
    """The token of OAUTHBEARER; ``None``: it is in `token_file`, or the mechanism is another."""
    token_file: Path | None = None
    """A file with the token of OAUTHBEARER, read at every login; ``None``: there is none."""


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of one run: from flags, environment and files."""

    bootstrap_servers: tuple[str, ...] = (DEFAULT_BOOTSTRAP,)
    """``host:port``, in the order given."""
    tls: Tls | None = None
    """``None``: connections without TLS."""
    sasl: Sasl | None = None
    """``None``: connections without a login."""
    client_id: str = "kafkatui"
    request_timeout: float = 5.0
    """Seconds within which a connection must be made, and a broker must answer."""
    read_only: bool = False
    tail_limit: int = DEFAULT_TAIL_LIMIT
    """Bytes a second the tail may download; the counting of records may download as many again."""
    log: Path | None = None
    notices: tuple[str, ...] = field(default=(), compare=False)
    """Warnings about ignored settings, and about secrets that other users can read; each is one line without
    a secret."""

    @property
    def security_protocol(self) -> str:
        """Kafka's name for this use of TLS and SASL, e.g. ``SASL_SSL``."""
        return ("SASL_" if self.sasl else "") + ("SSL" if self.tls else "PLAINTEXT")

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The bootstrap servers as host and port."""
        return tuple(parse_address(server) for server in self.bootstrap_servers)


def load_config(
    bootstrap: str | None = None,
    command_config: Path | None = None,
    properties: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    *,
    read_only: bool = False,
    tail_limit: int = DEFAULT_TAIL_LIMIT,
    log: Path | None = None,
) -> Config:
    """The settings of a run. A later source overrides an earlier one: defaults, environment,
    `command_config`, `properties` (-X), `bootstrap` (-b).

    Raises `UsageError`; its text is one line without a secret.
    """
    if tail_limit <= 0:
        raise UsageError("--tail-limit must be more than 0 bytes per second")
    take = Settings(command_config, properties, environ)
    servers = take.text("bootstrap.servers")
    protocol = take.choice("security.protocol", PROTOCOLS) or "PLAINTEXT"
    sasl, tls = _sasl(take, protocol), _tls(take, protocol)
    return Config(
        bootstrap_servers=parse_bootstrap(bootstrap or servers or DEFAULT_BOOTSTRAP),
        tls=tls,
        sasl=sasl,
        client_id=take.text("client.id") or "kafkatui",
        request_timeout=take.milliseconds("request.timeout.ms", 5_000) / 1000,
        read_only=read_only,
        tail_limit=tail_limit,
        log=log,
        notices=take.notices,
    )


def parse_bootstrap(servers: str) -> tuple[str, ...]:
    """Split ``a:9092,b:9092`` into ``host:port``, without duplicates. Raises `UsageError`."""
    found = tuple(dict.fromkeys(str(parse_address(item)) for item in servers.split(",") if item.strip()))
    if not found:
        raise UsageError("bootstrap.servers names no broker; write host:port[,host:port]")
    return found


def parse_address(text: str) -> Address:
    """The address in ``host:port``, ``host`` or ``[::1]:9092``; a listener's ``PLAINTEXT://`` before it is
    ignored. Raises `UsageError`."""
    text = text.strip()
    scheme, _, rest = text.rpartition("://")
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%\w]+)\]|([\w.-]+))(?::(\d{1,5}))?", rest)
    if match is None or scheme.lower() in {"http", "https", "kafka"}:
        raise UsageError(f"{_address(text)} is no broker address; write host:port, e.g. localhost:9092")
    port = int(match[3] or DEFAULT_PORT)
    if not 0 < port < 65536:
        raise UsageError(f"{_address(text)} is no broker address: a port is between 1 and 65535")
    host = match[1] or match[2]
    if fault := host_fault(host):
        raise UsageError(f"{_address(text)} is no broker address: {fault}")
    return Address(host, port)


def host_fault(host: str) -> str | None:
    """Why `host` cannot be the name of a host, so that looking it up is useless; ``None``: it can be one.

    `socket.getaddrinfo` raises an exception for such a name that is no `OSError`.
    """
    if "\0" in host or not 0 < len(host) < MOST_IN_HOST:
        return f"a host has 1 to {MOST_IN_HOST - 1} characters, and none of them is NUL"
    try:
        host.encode("idna")
    except UnicodeError:
        return "in the name of a host there are 1 to 63 characters between two dots"
    return None


def _address(text: str) -> str:
    """The written address for an error text; left out where it may hold a secret, as ``user:password@host``
    does."""
    return repr(text) if not text or shown(text) else "what was given"


def _tls(take: Settings, protocol: str) -> Tls | None:
    trust_type = take.choice("ssl.truststore.type", ("PEM", "JKS", "PKCS12"))
    key_type = take.choice("ssl.keystore.type", ("PEM", "JKS", "PKCS12"))
    authorities_file = _pem(take, trust_type, "ssl.truststore.location", "ssl.ca.location")
    certificate_file = _pem(take, key_type, "ssl.keystore.location", "ssl.certificate.location")
    take.secret("ssl.truststore.password")  # accepted and not used: a PEM file of certificates has none
    algorithm = take.text("ssl.endpoint.identification.algorithm")
    if algorithm is not None and algorithm.lower() not in {"https", "none"}:
        raise UsageError("ssl.endpoint.identification.algorithm: must be https, or empty to check no name")
    key_file = take.file("ssl.key.location")
    tls = Tls(
        authorities_file=authorities_file,
        authorities=take.text("ssl.truststore.certificates", "ssl.ca.pem"),
        certificate_file=certificate_file,
        certificate=take.text("ssl.keystore.certificate.chain", "ssl.certificate.pem"),
        key_file=key_file and key_file[1],
        key=take.secret("ssl.keystore.key", "ssl.key.pem"),
        key_password=take.secret("ssl.key.password", "ssl.keystore.password"),
        verify=take.flag("enable.ssl.certificate.verification", default=True),
        verify_hostname=not (
            take.empty("ssl.endpoint.identification.algorithm") or (algorithm or "").lower() == "none"
        ),
    )
    if (
        (tls.certificate is None) != (tls.key is None)
        and tls.key_file is None
        and tls.certificate_file is None
    ):
        raise UsageError("ssl.keystore.certificate.chain and ssl.keystore.key go together")
    return tls if protocol.endswith("SSL") else None


def _pem(take: Settings, kind: str | None, store: str, plain: str) -> Path | None:
    """The PEM file set by Kafka's name `store` or librdkafka's name `plain`; ``None``: none is set. For a
    Java key store it raises `UsageError`, which says how to make a PEM file of it."""
    found = take.file(store, plain)
    if found is None:
        return None
    name, path = found
    with path.open("rb") as file:
        head = file.read(65536)
    if PEM.encode() in head:
        return path
    if kind == "JKS" or head.startswith((b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")):
        advice = (
            f"keytool -importkeystore -srckeystore {path} -destkeystore store.p12 -deststoretype PKCS12, "
            "then openssl pkcs12 -in store.p12 -nodes -out store.pem"
        )
    else:
        advice = f"openssl pkcs12 -in {path} -nodes -out store.pem"
    raise UsageError(f"{name}={path}: kafkatui reads PEM; make it by: {advice}; and set {name}=store.pem")


def _sasl(take: Settings, protocol: str) -> Sasl | None:
    mechanism = take.text("sasl.mechanism", "sasl.mechanisms")
    module, options = _jaas(take.secret("sasl.jaas.config"))
    username = take.text("sasl.username") or options.get("username")
    password = take.secret("sasl.password") or _secret(options.get("password"))
    token = take.secret("sasl.oauthbearer.token")
    token_url = take.text("sasl.oauthbearer.token.endpoint.url")
    if not protocol.startswith("SASL"):
        return None
    if mechanism is None:
        raise UsageError(f"security.protocol={protocol} needs sasl.mechanism: one of {', '.join(MECHANISMS)}")
    mechanism = mechanism.upper()
    if mechanism == "GSSAPI":
        raise UsageError("sasl.mechanism=GSSAPI: kafkatui does not speak Kerberos")
    if mechanism not in MECHANISMS:
        raise UsageError(f"sasl.mechanism{shown(mechanism)}: must be one of {', '.join(MECHANISMS)}")
    fitting = {"PLAIN": "Plain", "OAUTHBEARER": "OAuthBearer"}.get(mechanism, "Scram") + "LoginModule"
    if module is not None and module.rpartition(".")[2] != fitting:
        raise UsageError(
            f"sasl.jaas.config names another login module; sasl.mechanism={mechanism} needs {fitting}"
        )
    if mechanism == "OAUTHBEARER":
        return Sasl(mechanism, token=token, token_file=None if token else _token_file(token_url))
    if not username or password is None:
        raise UsageError(
            f"sasl.mechanism={mechanism} needs a user and a password: "
            "sasl.username and sasl.password, or sasl.jaas.config"
        )
    return Sasl(mechanism, username, password)


def _token_file(url: str | None) -> Path:
    parts = urlsplit(url or "")
    if parts.scheme != "file":
        raise UsageError(
            "sasl.mechanism=OAUTHBEARER takes a token that is there already: sasl.oauthbearer.token, "
            "or sasl.oauthbearer.token.endpoint.url=file:///path"
        )
    path = Path(unquote(parts.path))
    try:
        if path.is_file():
            return path
    except OSError:  # the name is too long
        pass
    raise UsageError(f"sasl.oauthbearer.token.endpoint.url: no such file: {path}")


_JAAS_OPTION = re.compile(r"""([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s;"']+))""")


def _jaas(secret: Secret | None) -> tuple[str | None, dict[str, str]]:
    """The login module's class and the options in ``module required name="value" …;``."""
    if secret is None:
        return None, {}
    text = secret.reveal()
    module, flag, options = (*text.split(None, 2), "", "", "")[:3]
    left = _JAAS_OPTION.sub("", options).strip()
    if flag.rstrip(";") not in {"required", "requisite", "sufficient", "optional"} or left not in {";", ""}:
        raise UsageError('sasl.jaas.config: must read …LoginModule required username="…" password="…";')
    unescape: Callable[[str], str] = lambda value: re.sub(r"\\(.)", r"\1", value)  # noqa: E731  (one place, one line)
    return module, {
        match[1]: unescape(next(part for part in match.groups()[1:] if part is not None))
        for match in _JAAS_OPTION.finditer(options)
    }


def _secret(value: str | None) -> Secret | None:
    return None if value is None else Secret(value)
