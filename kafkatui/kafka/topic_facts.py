"""Questions about one topic: its settings with their documentation, and transactions that are open in it."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import replace
from html import unescape
from typing import Any

from kafkatui.domain.cluster.partitions import Topic
from kafkatui.domain.cluster.topic_facts import OpenTransaction, Setting
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.faults import error_prefix, fault_of
from kafkatui.kafka.requests import Api, make
from kafkatui.kafka.topics import TOPIC_RESOURCE

TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
OF_THE_TOPIC = 1
"""Kafka's number for a setting that is set for the topic itself."""


async def read_settings(asker: Asker, topic: str) -> tuple[Setting, ...]:
    """All settings of a topic by name, with Kafka's documentation of each.

    Raises `ClusterError`: a denied one without DESCRIBE_CONFIGS on the topic. Source: DescribeConfigs.
    """

    def build(module: Any, version: int) -> Any:
        resource = module.DescribeConfigsResource(
            resource_type=TOPIC_RESOURCE, resource_name=topic, configuration_keys=None
        )
        return make(
            module.DescribeConfigsRequest,
            resources=(resource,),
            include_synonyms=False,
            include_documentation=True,
        )

    with error_prefix("reading the settings"):
        answer = await asker.ask(None, Api.DESCRIBE_CONFIGS, build)
        for result in answer.results:
            if result.resource_name != topic:
                continue
            if result.error_code:
                fault = fault_of(result.error_code)
                raise ClusterError(fault.text, fault.kind)
            return tuple(sorted(map(_setting, result.configs), key=lambda one: one.name))
        raise ClusterError("DescribeConfigs tells nothing of it")


def plain(documentation: str) -> str:
    """Kafka's documentation of a setting without its HTML."""
    return unescape(TAG.sub("", documentation))


def _setting(item: Any) -> Setting:
    source = getattr(item, "config_source", None)
    override = source == OF_THE_TOPIC if source is not None else not item.is_default
    secret = bool(item.is_sensitive)
    return Setting(
        item.name,
        None if secret else item.value,
        override,
        plain(getattr(item, "documentation", None) or "") or None,
        secret,
    )


async def read_open_transactions(asker: Asker, topic: Topic) -> tuple[OpenTransaction, ...]:
    """The transactions that are open in a topic, in order of partition.

    Raises `ClusterError`: a denied one without READ on the topic, an unsupported one before Kafka 2.8.
    Sources: DescribeProducers, ListTransactions.
    """
    by_leader: dict[int, list[int]] = {}
    for partition in topic.partitions:
        if partition.leader is not None:
            by_leader.setdefault(partition.leader, []).append(partition.number)
    found = await asyncio.gather(
        *(_open_on(asker, node, topic.name, numbers) for node, numbers in by_leader.items())
    )
    transactions = [one for several in found for one in several]
    if transactions:
        names = await _transactional_ids(asker, {one.producer_id for one in transactions})
        transactions = [replace(one, transactional_id=names.get(one.producer_id)) for one in transactions]
    return tuple(sorted(transactions, key=lambda one: (one.partition, one.start_offset)))


async def _open_on(asker: Asker, node_id: int, topic: str, numbers: Iterable[int]) -> list[OpenTransaction]:
    def build(module: Any, version: int) -> Any:
        wanted = module.TopicRequest(name=topic, partition_indexes=tuple(numbers))
        return module.DescribeProducersRequest(topics=(wanted,))

    answer = await asker.ask(node_id, Api.DESCRIBE_PRODUCERS, build)
    found = []
    for answered in answer.topics:
        for item in answered.partitions if answered.name == topic else ():
            if item.error_code:
                fault = fault_of(item.error_code)
                raise ClusterError(fault.text, fault.kind)
            found += [
                OpenTransaction(
                    int(item.partition_index),
                    int(producer.producer_id),
                    int(producer.current_txn_start_offset),
                    int(producer.last_timestamp) if producer.last_timestamp >= 0 else None,
                )
                for producer in item.active_producers
                if producer.current_txn_start_offset >= 0
            ]
    return found


async def _transactional_ids(asker: Asker, producers: set[int]) -> dict[int, str]:
    """By producer id, its transactional id; missing: this user may not see it, or its coordinator does not
    answer.
    """

    def build(module: Any, version: int) -> Any:
        return make(
            module.ListTransactionsRequest, state_filters=(), producer_id_filters=tuple(sorted(producers))
        )

    async def ask(node_id: int) -> dict[int, str]:
        try:
            answer = await asker.ask(node_id, Api.LIST_TRANSACTIONS, build)
        except ClusterError:
            return {}
        return {int(one.producer_id): one.transactional_id for one in answer.transaction_states}

    found = await asyncio.gather(*map(ask, asker.cluster.brokers))
    return {producer: name for several in found for producer, name in several.items()}
