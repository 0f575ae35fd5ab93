"""The connection's settings for processes that kafkatui starts on a secured cluster."""

from kafkatui.config import Config, Secret


def properties_of(config: Config) -> dict[str, str]:
    """The connection's settings by names that client.properties and librdkafka share; empty: plaintext.

    They hold secrets: they are sent through a pipe, never put into arguments, the environment or a file.
    """
    settings: dict[str, object] = {}
    if config.tls is not None:
        tls = config.tls
        settings |= {
            "ssl.ca.location": tls.authorities_file,
            "ssl.ca.pem": tls.authorities,
            "ssl.certificate.location": tls.certificate_file,
            "ssl.certificate.pem": tls.certificate,
            "ssl.key.location": tls.key_file,
            "ssl.key.pem": tls.key,
            "ssl.key.password": tls.key_password,
            "enable.ssl.certificate.verification": str(tls.verify).lower(),
            "ssl.endpoint.identification.algorithm": "https" if tls.verify_hostname else "none",
        }
    if config.sasl is not None:
        sasl = config.sasl
        settings |= {
            "sasl.mechanism": sasl.mechanism,
            "sasl.username": sasl.username,
            "sasl.password": sasl.password,
            "sasl.oauthbearer.token": sasl.token,
            "sasl.oauthbearer.token.endpoint.url": sasl.token_file and sasl.token_file.resolve().as_uri(),
        }
    if not settings:
        return {}
    settings["security.protocol"] = config.security_protocol
    return {
        name: value.reveal() if isinstance(value, Secret) else str(value)
        for name, value in settings.items()
        if value is not None
    }
