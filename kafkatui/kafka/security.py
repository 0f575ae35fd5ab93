"""TLS and SASL: the settings as arguments of a connection."""

import asyncio
import ssl
import tempfile
from pathlib import Path
from typing import Any

from aiokafka.abc import AbstractTokenProvider

from kafkatui.config import Config, Sasl, Secret, Tls
from kafkatui.errors import ClusterError, UsageError


def connection_settings(config: Config) -> dict[str, Any]:
    """The arguments for a `kafkatui.kafka.patches.Connection`, or any client of aiokafka, from `config`.

    Raises `UsageError` for certificates and keys that cannot be used.
    """
    settings: dict[str, Any] = {"client_id": config.client_id, "security_protocol": config.security_protocol}
    if config.tls is not None:
        settings["ssl_context"] = ssl_context(config.tls)
    if config.sasl is not None:
        settings["sasl_mechanism"] = config.sasl.mechanism
        if config.sasl.mechanism == "OAUTHBEARER":
            settings["sasl_oauth_token_provider"] = Token(config.sasl)
        else:
            settings["sasl_plain_username"] = config.sasl.username
            settings["sasl_plain_password"] = config.sasl.password and config.sasl.password.reveal()
    return settings


class Token(AbstractTokenProvider):
    """Gives the OAUTHBEARER token from the settings, or from a file that is read at every login."""

    def __init__(self, sasl: Sasl) -> None:
        self._sasl = sasl

    async def token(self) -> str:
        if self._sasl.token is not None:
            return self._sasl.token.reveal()
        path = self._sasl.token_file
        if path is None:
            raise ClusterError("no OAUTHBEARER token is set")
        try:
            token = (await asyncio.to_thread(path.read_text, "utf-8")).strip()
        except OSError as error:
            raise ClusterError(f"reading the token in {path}: {error.strerror}") from error
        except ValueError:
            raise ClusterError(f"{path} holds no token: it is not text") from None
        if not token or not token.isprintable() or " " in token:
            raise ClusterError(f"{path} holds no token: a token is one word")
        return token


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """The TLS context that all connections share. Raises `UsageError`; its text is one line and holds no
    secret."""
    trusts_own = tls.authorities is not None or tls.authorities_file is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = tls.verify and tls.verify_hostname
    if not tls.verify:
        context.verify_mode = ssl.CERT_NONE
    try:
        if trusts_own:
            context.load_verify_locations(tls.authorities_file, cadata=_in_lines(tls.authorities))
        else:
            context.load_default_certs()
    except (OSError, ValueError):
        raise UsageError("ssl.truststore: the certificates to trust cannot be read; are they PEM?") from None
    if tls.certificate_file or tls.certificate:
        _load_own(context, tls)
    return context


def _load_own(context: ssl.SSLContext, tls: Tls) -> None:
    """Load the client's certificate and key. OpenSSL reads only files, so PEM text from the settings is
    written to private temporary files first."""
    try:
        with tempfile.TemporaryDirectory(prefix="kafkatui-") as name:
            certificate, key = tls.certificate_file, tls.key_file
            if certificate is None:
                certificate = _private(Path(name) / "certificate.pem", _in_lines(tls.certificate) or "")
            if key is None and tls.key is not None:
                key = _private(Path(name) / "key.pem", _in_lines(tls.key.reveal()) or "")
            _load_files(context, certificate, key, tls.key_password)
    except OSError as error:
        raise UsageError(
            f"ssl.keystore: cannot write the private file OpenSSL is to read: {error.strerror}; set TMPDIR"
        ) from None


def _load_files(
    context: ssl.SSLContext, certificate: Path, key: Path | None, key_password: Secret | None
) -> None:
    password = key_password.reveal() if key_password else ""
    try:
        # OpenSSL calls it only for an encrypted key; without it OpenSSL would ask at the terminal
        context.load_cert_chain(certificate, key, password=lambda: password)
    except ssl.SSLError as error:
        why = (error.reason or "not PEM").replace("_", " ").lower()
        hint = (
            "; is ssl.key.password right?"
            if "decrypt" in why or "password" in why or not error.reason
            else ""
        )
        raise UsageError(
            f"ssl.keystore: the client's certificate or key cannot be used: {why}{hint}"
        ) from None
    except (OSError, ValueError):
        raise UsageError("ssl.keystore: the client's certificate or key cannot be read") from None


def _private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def _in_lines(pem: str | None) -> str | None:
    """PEM text that a properties file has on one line, split into the lines OpenSSL needs; ``None``: no
    text."""
    if pem is None or "\n" in pem.strip():
        return pem
    for kind in ("CERTIFICATE", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"):
        begin, end = f"-----BEGIN {kind}-----", f"-----END {kind}-----"
        pem = pem.replace(begin, f"\n{begin}\n").replace(end, f"\n{end}\n")
    return (
        "\n".join(
            line.strip().replace(" ", "\n") if "-----" not in line else line
            for line in pem.splitlines()
            if line.strip()
        )
        + "\n"
    )
