"""The begin of a search: which offsets of which partitions are read, and about how many bytes they are."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from time import monotonic

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.partitions import Topic
from kafkatui.errors import ClusterError, UsageError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.fetch import fetch
from kafkatui.kafka.raw_batches import UNREADABLE, raw_batches
from kafkatui.kafka.topics import NO_LEADER, read_metadata
from kafkatui.search.grammar import parse
from kafkatui.search.matching import Filter, everything, filter_of
from kafkatui.search.needles import Payload
from kafkatui.search.news import Missed, Plan, Wanted
from kafkatui.search.scan import EACH, Part
from kafkatui.search.starts import parse_start, resolve

SAMPLED = 20
"""How many partitions are sampled."""
SAMPLE = 256 * 1024
"""The most bytes of one sample, but for one batch that is larger."""
LEAST_SAMPLE = 0.05
"""Seconds: shorter samples say nothing about the speed."""


async def topic_of(asker: Asker, name: str) -> Topic:
    """The topic. Raises `ClusterError` where there is none, or it may not be read."""
    _, (topic,), *_ = await read_metadata(asker, [name])
    if topic.error is not None and topic.error.kind is FaultKind.GONE:
        raise ClusterError(f"there is no topic {name}", FaultKind.GONE)
    if topic.error is not None:
        raise ClusterError(f"topic {name}: {topic.error}", topic.error.kind)
    return topic


async def parts_of(asker: Asker, topic: Topic, wanted: Wanted) -> tuple[list[Part], list[Missed], int]:
    """The partitions to read, those that cannot be, and how many the filter leaves out. Raises `UsageError`,
    `ClusterError`."""
    now = datetime.fromtimestamp(wanted.now).astimezone()
    node = None if wanted.filter is None else parse(wanted.filter, now)
    numbers = [partition.number for partition in topic.partitions]
    if wanted.partitions is not None:
        if missing := sorted(set(wanted.partitions) - set(numbers)):
            raise UsageError(f"{topic.name} has no partition {missing[0]}: it has {len(numbers)}, from 0")
        numbers = sorted(set(wanted.partitions))
    filters: dict[int, Filter] = {}
    for number in numbers:
        if (found := everything() if node is None else filter_of(node, number)) is not None:
            filters[number] = found
    bounds = await resolve(asker, topic.name, list(filters), parse_start(wanted.start, now))
    leaders = {partition.number: partition.leader for partition in topic.partitions}
    parts, missed = [], []
    for number, one in filters.items():
        place = bounds[number]
        if place.fault is not None:
            missed.append(Missed(number, 0, None, str(place.fault or NO_LEADER)))
            continue
        first = max(place.first, one.first or 0)
        end = place.end if one.last is None else min(place.end, one.last + 1)
        part = Part(
            number, one, min(first, place.end), max(end, min(first, place.end)), leader=leaders[number]
        )
        part.done = part.done and not wanted.follow
        parts.append(part)
    return parts, missed, len(numbers) - len(filters)


async def plan_of(asker: Asker, topic: Topic, parts: Sequence[Part], left_out: int, wanted: Wanted) -> Plan:
    """What is going to be read. Bytes and seconds are estimated by a sample from the middle of some
    partitions; a sample that fails counts as not known."""
    ranges = tuple((part.number, part.first, part.end) for part in parts if part.end > part.first)
    by_leader: dict[int, list[Part]] = {}
    some = [part for part in parts if part.end > part.first]
    for part in some[:: max(1, len(some) // SAMPLED)]:
        if part.leader is not None:
            by_leader.setdefault(part.leader, []).append(part)
    samples = await asyncio.gather(
        *(_sample(asker, node_id, topic.name, few, wanted) for node_id, few in by_leader.items())
    )
    octets, offsets = sum(one[0] for one in samples), sum(one[1] for one in samples)
    seconds = max((one[2] for one in samples), default=0.0)
    plan = Plan(ranges, left_out, None, None)
    if not plan.offsets:
        return Plan(ranges, left_out, 0, 0.0)
    if not offsets:
        return plan
    total = octets * plan.offsets // offsets
    lasts = total / octets * seconds if seconds > LEAST_SAMPLE else None
    if wanted.rate:
        lasts = max(lasts or 0.0, total / wanted.rate)
    return Plan(ranges, left_out, total, lasts)


async def _sample(
    asker: Asker, node_id: int, topic: str, parts: Sequence[Part], wanted: Wanted
) -> tuple[int, int, float]:
    """Bytes, offsets, and how many seconds it took to fetch and to test them."""
    places = [(topic, part.number, (part.first + part.end) // 2) for part in parts]
    began = monotonic()
    try:
        answers = await fetch(
            asker, node_id, places, wait=0.0, size=min(len(parts) * SAMPLE, EACH * 8), each=SAMPLE
        )
    except ClusterError:
        return 0, 0, 0.0
    octets = offsets = 0
    filters = {part.number: part.filter for part in parts}
    for answer in answers:
        wants = filters[answer.partition]
        for batch in raw_batches(answer.data):
            octets += len(batch.data)
            offsets += batch.last_offset - batch.base_offset + 1
            if batch.is_control or wants.has_regex:
                continue
            try:
                payload = batch.payload()
                if payload is None or wants.check is None or wants.check(Payload(payload)):
                    for raw in batch.raw_records(payload):
                        wants.test(raw)
            except UNREADABLE:
                continue  # the search itself tells of it
    return octets, offsets, monotonic() - began
