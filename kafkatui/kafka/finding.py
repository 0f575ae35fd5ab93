"""Finding a cluster at the configured addresses, and making sure that its brokers can be reached."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

from kafkatui.config import Address
from kafkatui.domain.cluster.releases import release_of
from kafkatui.errors import ClusterError
from kafkatui.kafka.brokers import AVOIDED, Brokers
from kafkatui.kafka.faults import NETWORK_FAULTS, UnsupportedError, error_text
from kafkatui.kafka.patches import Connection
from kafkatui.kafka.requests import Api, Build, Request, make

MOST_NAMED = 3
"""How many addresses one error text names."""

STAGGER = 0.25
"""Seconds between the starts of two tries at bootstrap addresses; the first address that answers is used."""


async def find_again(cluster: Brokers) -> bool:
    """Ask the configured addresses again, when no known broker answers. ``False``: none answered, or the last
    search ended less than `AVOIDED` / 2 seconds ago."""
    async with cluster.searching:
        if monotonic() - cluster.searched_at < AVOIDED / 2:
            return False
        try:
            return await find(cluster) is None
        finally:
            cluster.searched_at = monotonic()


async def find(cluster: Brokers) -> dict[Address, BaseException] | None:
    """Ask the bootstrap addresses for the brokers, each `STAGGER` seconds after the one before, until one
    answers. ``None``: one did; else why each address failed."""
    addresses = cluster.config.addresses
    tasks = {
        asyncio.create_task(_ask_address(cluster, address, STAGGER * number)): address
        for number, address in enumerate(addresses)
    }
    faults: dict[Address, BaseException] = {}
    try:
        pending = set(tasks)
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error is None:
                    return None
                if not isinstance(error, (*NETWORK_FAULTS, ClusterError)):
                    raise error
                faults[tasks[task]] = error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return {address: faults[address] for address in addresses}


async def _ask_address(cluster: Brokers, address: Address, delay: float) -> None:
    await asyncio.sleep(delay)
    connection = await cluster.open(address)
    kept = False
    try:
        answer = await _ask(cluster, connection, Api.METADATA, brokers_only, lowest=1)
        version = await _release(cluster, connection)
        cluster.learn_brokers(answer)
        cluster.version = version or cluster.version
        same = next((b for b in cluster.brokers.values() if (b.host, b.port) == address), None)
        if same is not None:
            cluster.keep_spare(same.node_id, connection)
            kept = True
        else:
            await _reach_one(cluster)
    finally:
        if not kept:
            connection.close()


async def _ask(cluster: Brokers, connection: Connection, api: Api, build: Build, *, lowest: int = 0) -> Any:
    request = Request(api, build, lowest)
    async with asyncio.timeout(cluster.config.request_timeout):
        return request.decode(await connection.send(request))


async def _release(cluster: Brokers, connection: Connection) -> str | None:
    try:
        answer = await _ask(cluster, connection, Api.API_VERSIONS, _client_software, lowest=3)
    except UnsupportedError:
        return None
    levels = {feature.name: feature.max_version_level for feature in answer.finalized_features}
    level = levels.get("metadata.version")
    return None if level is None else release_of(level)


async def _reach_one(cluster: Brokers) -> None:
    """Connect to one of the brokers at its advertised address; raises `AdvertisedError` where no broker can
    be reached."""
    tasks = {
        asyncio.create_task(cluster.open(Address(broker.host, broker.port))): broker
        for broker in cluster.brokers.values()
    }
    faults: dict[Address, str] = {}
    reached = False
    try:
        for_all = set(tasks)
        while for_all and not reached:
            done, for_all = await asyncio.wait(for_all, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                broker = tasks[task]
                error = task.exception()
                if error is None:
                    cluster.keep_spare(broker.node_id, task.result())
                    reached = True
                elif isinstance(error, (*NETWORK_FAULTS, ClusterError)):
                    faults[Address(broker.host, broker.port)] = error_text(error)
                else:
                    raise error
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Connection) and not cluster.spared(result):
                result.close()
    if not reached:
        raise AdvertisedError(faults)


class AdvertisedError(ClusterError):
    """A bootstrap address answered, but no broker can be reached at the address it advertises."""

    def __init__(self, faults: Mapping[Address, str]) -> None:
        self.faults = faults
        """By advertised address: why it cannot be reached."""
        named = ", ".join(str(address) for address in list(faults)[:MOST_NAMED]) or "no broker at all"
        if len(faults) > MOST_NAMED:
            named += f" and {len(faults) - MOST_NAMED:,} more"
        why = next(iter(faults.values()), "")
        super().__init__(
            f"answers, but advertises {named}, which cannot be reached from here"
            + (f": {why}" if why else "")
        )


def brokers_only(module: Any, version: int) -> Any:
    """Build a Metadata request that asks for the brokers and for no topic."""
    return make(
        module.MetadataRequest,
        topics=(),
        allow_auto_topic_creation=False,
        include_cluster_authorized_operations=False,
        include_topic_authorized_operations=False,
    )


def _client_software(module: Any, version: int) -> Any:
    return module.ApiVersionsRequest(client_software_name="kafkatui", client_software_version="1")
