"""What all tests share: which Kafka the tests with the marker ``kafka`` get."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kafka",
        default="auto",
        metavar="local|container|HOST:PORT",
        help="the Kafka of the integration tests: this machine's own (the demo's cluster), a container of "
        "apache/kafka, or one that runs; by default a container where an engine answers, else local",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "smoke: the few tests that also run on the container image")
