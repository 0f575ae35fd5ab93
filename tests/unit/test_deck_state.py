"""The state of the deck, and the settings its processes get."""

from pathlib import Path

import pytest

from kafkatui.config import load_config
from kafkatui.deck import DeckConsumer, DeckState
from kafkatui.kafka.secured import properties_of


@pytest.mark.parametrize(
    ("consumer", "words"),
    [
        (DeckConsumer("c1"), ""),
        (DeckConsumer("c1", frozen=True), "frozen"),
        (DeckConsumer("c1", slow=True, stuck=True), "stuck, slow"),
        (DeckConsumer("c1", leaving=True, alive=False), "leaving"),
        (DeckConsumer("c1", alive=False, frozen=True), "crashed"),
    ],
)
def test_the_unusual_state_of_a_consumer(consumer: DeckConsumer, words: str) -> None:
    assert consumer.words == words
    assert DeckState((consumer, DeckConsumer("c2"))).words == ({"c1": words} if words else {})


PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"security.protocol": "SSL", "ssl.ca.pem": PEM, "enable.ssl.certificate.verification": "false"},
        {"security.protocol": "SSL", "ssl.endpoint.identification.algorithm": ""},
        {
            "security.protocol": "SSL",
            "ssl.keystore.certificate.chain": PEM,
            "ssl.keystore.key": "key",
            "ssl.key.password": 'hush,=" hush',
        },
        {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "bob",
            "sasl.password": 'hush,=" hush',
        },
        {
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "OAUTHBEARER",
            "sasl.oauthbearer.token": "a.b.",
        },
    ],
)
def test_a_process_of_the_deck_connects_as_kafkatui_does(settings: dict[str, str]) -> None:
    config = load_config(properties=[f"{name}={value}" for name, value in settings.items()], environ={})
    handed_on = [f"{name}={value}" for name, value in properties_of(config).items()]
    assert load_config(properties=handed_on, environ={}) == config


def test_files_are_handed_on_by_name(tmp_path: Path) -> None:
    files = {}
    for name, kind in (("ssl.ca.location", "ca"), ("ssl.certificate.location", "own")):
        files[name] = tmp_path / f"{kind}.pem"
        files[name].write_text(PEM)
    (tmp_path / "token").write_text("a.b.")
    settings = [
        "security.protocol=SASL_SSL",
        "sasl.mechanism=OAUTHBEARER",
        f"sasl.oauthbearer.token.endpoint.url=file://{tmp_path}/token",
        *(f"{name}={file}" for name, file in files.items()),
    ]
    config = load_config(properties=settings, environ={})
    handed_on = [f"{name}={value}" for name, value in properties_of(config).items()]
    assert load_config(properties=handed_on, environ={}) == config
