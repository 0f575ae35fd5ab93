"""Opens decks. On a cluster that kafkatui started, the deck's processes run under the cluster's keeper, on
other clusters under a keeper of their own."""

import uuid
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial

from kafkatui.deck import ledger
from kafkatui.deck.deck import Deck
from kafkatui.deck.ledger import Leftover
from kafkatui.domain.deck.deeds import Deed, Report
from kafkatui.kafka.connection import Cluster
from kafkatui.local.cluster import LocalCluster
from kafkatui.local.places import clusters_directory
from kafkatui.local.processes import Keeper
from kafkatui.local.sweep import sweep

NAME = "kafkatui-deck"
"""The name of the deck's topic and group, or its beginning."""
PARTITIONS = 6


class DeckFactory:
    """Opens decks on the cluster on the screen."""

    def __init__(
        self, cluster: Cluster, owned: AsyncExitStack, *, cluster_name: str, local: LocalCluster | None = None
    ) -> None:
        """`owned` closes everything a deck opens; `local`: the cluster if kafkatui started it, else
        ``None``."""
        self.cluster_name = cluster_name
        self.name = NAME if local is not None else f"{NAME}-{uuid.uuid4().hex[:4]}"
        """The name of the deck's topic and group."""
        self._cluster = cluster
        self._owned = owned
        self._local = local

    @property
    def ours(self) -> bool:
        """Whether kafkatui started the cluster: then the user is not asked first, and nothing has to be
        removed."""
        return self._local is not None

    @property
    def brokers(self) -> int:
        """How many brokers the keys may kill."""
        return 0 if self._local is None else self._local.brokers

    async def open(self, on_news: Callable[[Deed | Report], None]) -> Deck:
        """Open a deck; `on_news` is called with its deeds and with the reports of its consumers. Raises
        `KafkaTuiError`."""
        if self._local is not None:
            deck = Deck(self._cluster, self._local.spawn, on_news, local=self._local)
        else:
            sweep(clusters_directory())
            keeper = Keeper(clusters_directory() / uuid.uuid4().hex[:12])
            self._owned.push_async_callback(keeper.close)
            await keeper.start()
            spawn = partial(keeper.spawn, worker=True)
            deck = Deck(self._cluster, spawn, on_news, group=self.name, topics={self.name: PARTITIONS})
        self._owned.push_async_callback(deck.close)
        return deck

    def left_behind(self) -> Sequence[Leftover]:
        """The topics and groups that earlier kafkatui processes left on this cluster."""
        return ledger.left_behind(self._cluster.cluster_id)

    async def clear(self, leftover: Leftover) -> None:
        """Remove `leftover` from the cluster. Raises `ClusterError`."""
        await ledger.remove(self._cluster, leftover)
