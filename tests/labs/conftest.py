from collections.abc import AsyncIterator

import pytest_asyncio

from kafkatui.local.cluster import LocalCluster


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def solo() -> AsyncIterator[LocalCluster]:
    """One broker, for all labs of a module."""
    async with LocalCluster(1) as local:
        yield local
