"""The page of brokers: the list, the grid of replicas, its keys."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from kafkatui.domain.cluster.brokers import BrokerDisk, ClusterBrokers, Quorum
from kafkatui.domain.cluster.partitions import Broker, ClusterTopics, Partition, Topic
from kafkatui.domain.cluster.reading import Reading
from kafkatui.screens.brokers import BrokersScreen
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import Streams
from tests.faults import coded
from tests.ui.monitor_app import MonitorApp
from tests.ui.shop_data import EVIL, NOW, shop
from tests.ui.streams import prepared
from tests.ui.waiting import until

Snap = Callable[..., bool]
BROKERS = ClusterBrokers(
    Quorum(2, {1: 900, 2: 912}, frozenset({1, 2, 3})),
    disks={1: BrokerDisk(41_000_000_000)},
    disk_faults={2: coded("CLUSTER_AUTHORIZATION_FAILED")},
)


def topics(*alive: int) -> ClusterTopics:
    """The shop's topics on three brokers, of which these are alive."""
    found = tuple(Broker(node, "10.0.0.7" if node < 3 else EVIL, 9092, f"rack-{node}") for node in alive)
    return replace(shop(NOW - 1, 0.0), brokers=found)


def streams(*alive: int, more: ClusterBrokers | None = BROKERS) -> Streams:
    async def brokers(_: object, pace: Pace) -> AsyncGenerator[Reading[ClusterBrokers]]:
        if more is not None:
            yield Reading(more, taken_at=NOW)
        await asyncio.Event().wait()

    found = prepared(topics=[Reading(topics(*alive), taken_at=NOW)])
    return replace(found, brokers=brokers)


async def opened(pilot: Pilot[None], *, knows: bool = True) -> BrokersScreen:
    monitor = pilot.app.screen
    assert isinstance(monitor, MonitorScreen)
    await until(pilot, lambda: monitor.view.topics.value is not None)
    await pilot.press("6")
    await until(pilot, lambda: isinstance(pilot.app.screen, BrokersScreen))
    screen = pilot.app.screen
    assert isinstance(screen, BrokersScreen)
    await until(pilot, lambda: screen.focused is not None and bool(screen.brokers.listed.keys))
    if knows:
        await until(pilot, lambda: monitor.view.brokers_reading.value is not None)
    await pilot.pause()
    return screen


async def show(pilot: Pilot[None]) -> None:
    await opened(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)], ids=str)
def test_a_broker_is_gone(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(MonitorApp(streams(1, 2)), terminal_size=size, run_before=show)


def test_all_are_up_in_ascii(snap_compare: Snap) -> None:
    app = MonitorApp(streams(1, 2, 3), ascii_only=True)
    assert snap_compare(app, terminal_size=(100, 30), run_before=show)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_a_reassignment_and_refused_writes(snap_compare: Snap, size: tuple[int, int]) -> None:
    found = (
        Partition(0, 1, 0, (3, 1, 2), (1, 2), adding=(3,), removing=(2,)),
        Partition(1, 2, 0, (1, 2), (2,)),
    )
    value = replace(topics(1, 2, 3), topics=(Topic("orders", found),), min_isr={"orders": 2})
    sizes = {1: 200_000_000, 2: 200_000_000, 3: 82_000_000}
    disks = {node: BrokerDisk(octets, None, {("orders", 0): octets}) for node, octets in sizes.items()}
    made = streams(1, 2, 3, more=replace(BROKERS, disks=disks, disk_faults={}))
    app = MonitorApp(replace(made, topics=prepared(topics=[Reading(value, taken_at=NOW)]).topics))
    assert snap_compare(app, terminal_size=size, run_before=show)


async def test_i_shows_the_partitions_of_the_selected_topic_and_back() -> None:
    async with MonitorApp(streams(1, 2, 3)).run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        assert len(screen.replicas.lines.keys) == 3, "those in trouble"
        screen.places.model.select("clicks", None)
        await pilot.press("i")
        await pilot.pause()
        assert len(screen.replicas.lines.keys) == 12
        await pilot.press("i")
        await pilot.pause()
        assert len(screen.replicas.lines.keys) == 3
        await pilot.press("tab", "down")
        assert screen.replicas.lines.has_focus
        await pilot.press("1")
        await pilot.pause()
        assert isinstance(pilot.app.screen, MonitorScreen)


async def test_before_the_brokers_answer_nothing_is_made_up() -> None:
    async with MonitorApp(streams(1, 2, 3, more=None)).run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, knows=False)
        cells = [str(cell) for cell in screen.brokers._cells("1")]
        assert cells.count("…") == 2


def fifty(broken: int) -> Streams:
    """Fifty brokers and 400 partitions, of which so many are not fully in sync."""
    nodes = range(1, 51)
    found = tuple(
        Partition(
            number,
            one := number % 50 + 1,
            0,
            (one, number % 49 + 2, (number + 7) % 50 + 1),
            (one, (number + 7) % 50 + 1)
            if number < broken
            else (one, number % 49 + 2, (number + 7) % 50 + 1),
        )
        for number in range(400)
    )
    brokers = tuple(Broker(node, f"10.0.0.{node}", 9092, f"rack-{node % 3}") for node in nodes)
    value = replace(shop(NOW - 1, 0.0), brokers=brokers, topics=(Topic("orders", found),), logs={})
    made = streams(more=BROKERS)
    return replace(made, topics=prepared(topics=[Reading(value, taken_at=NOW)]).topics)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=str)
def test_fifty_brokers(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(MonitorApp(fifty(5)), terminal_size=size, run_before=show)


async def test_of_fifty_brokers_only_partitions_in_trouble_are_listed_until_i_is_pressed() -> None:
    async with MonitorApp(fifty(5)).run_test(size=(200, 60)) as pilot:
        screen = await opened(pilot)
        assert len(screen.brokers.listed.keys) == 50
        assert len(screen.replicas.lines.keys) == 5
        await pilot.press("i")
        await pilot.pause()
        assert len(screen.replicas.lines.keys) == 400
