"""What all tests share: which Kafka the tests with the marker ``kafka`` get, and who runs which test."""

from pathlib import Path

import pytest

WORKERS = 2
"""Processes that share the tests; `-n 0` runs them all in this one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kafka",
        default="auto",
        metavar="local|container|VERSION|HOST:PORT",
        help="the Kafka of the integration tests: this machine's own (the demo's cluster), the same of "
        "another release (3.9.1), a container of apache/kafka, or one that runs; by default a container if "
        "an engine answers, else local",
    )
    parser.addoption(
        "--save-observations",
        action="store_true",
        help="write what the labs in tests/labs saw to tests/unit/lab_observations",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "smoke: the few tests that also run on the container image")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Files and single tests run in this process: a second one would start longer than they take."""
    files = [Path(argument.partition("::")[0]).is_file() for argument in config.args]
    return 0 if all(files) else WORKERS


@pytest.hookimpl(tryfirst=True)  # before each worker reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A module of integration tests stays in one worker: its tests share clusters that take seconds to start.

    These modules come first: they take longest, and one that came last would keep a worker waiting.
    """
    for item in items:
        if item.path.parent.name != "ui":
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: item.path.parent.name != "integration")
