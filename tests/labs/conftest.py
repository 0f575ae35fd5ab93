from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from kafkatui.local.cluster import LocalCluster


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def solo() -> AsyncIterator[LocalCluster]:
    """One broker, for all labs of a module."""
    async with LocalCluster(1) as local:
        yield local


@pytest.fixture
def saves(request: pytest.FixtureRequest) -> bool:
    """Whether the observations of a run are written as files for the unit tests."""
    return bool(request.config.getoption("--save-observations"))
