"""The picture of replicas: partitions × brokers."""

from collections.abc import Mapping
from typing import Any

from textual.content import Content

from kafkatui.labs.lesson import Lesson
from kafkatui.labs.observation import Observation, SeenPartition
from kafkatui.screens.lab_pictures.tables import NAME, cells
from kafkatui.widgets import signs


def grid(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """Each partition × each broker: leads, in sync, behind; dead and frozen brokers; records that can be
    read.
    """
    nodes = sorted({node for logs in seen.topics.values() for log in logs for node in log.replicas})
    heads = [f"{node}{_state_of(node, seen)}" for node in nodes]
    names = frame["columns"]
    lines = [
        Content.styled(
            cells((names["broker"], NAME), *((head, -4) for head in heads), ("ISR", -5), (names["end"], -7)),
            signs.MUTED,
        )
    ]
    for topic, logs in seen.topics.items():
        for number, log in enumerate(logs):
            marks = [(_replica(node, log, seen), -4) for node in nodes]
            end = signs.UNKNOWN if log.end is None else log.end
            row = cells((f"{topic}/{number}", NAME), *marks, (len(log.isr), -5), (end, -7))
            lines.append(Content.styled(row, signs.ERROR if log.leader is None else ""))
    legend = (
        f"{signs.LEADS} {names['leads']}  {signs.IN_SYNC} {names['in_sync']}  "
        f"{signs.LAGS} {names['behind']}  {signs.DEAD} {names['dead']}  {signs.HELD_STILL} {names['frozen']}"
    )
    acked = sum(event.kind == "acked" for event in seen.events)
    failed = sum(event.kind == "failed" for event in seen.events)
    ledger = f"{names['acked']} {acked}   {names['failed']} {failed}"
    return [*lines, Content(""), Content(ledger), Content.styled(legend, signs.MUTED)]


def _state_of(node: int, seen: Observation) -> str:
    if node not in seen.brokers:
        return str(signs.DEAD)
    return str(signs.HELD_STILL) if node in seen.frozen else ""


def _replica(node: int, log: SeenPartition, seen: Observation) -> str:
    if node not in log.replicas:
        return str(signs.NOT_OWNED)
    if node not in seen.brokers:
        return str(signs.DEAD)
    if node == log.leader:
        return str(signs.LEADS)
    return str(signs.IN_SYNC if node in log.isr else signs.LAGS)
