"""Finding the coordinator of each group, and asking each coordinator about many groups in one request."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.faults import NOT_COORDINATOR, UnsupportedError, fault_of
from kafkatui.kafka.requests import Api, make

T = TypeVar("T")

GROUP = 0
MANY = 4
"""The first version of FindCoordinator that takes several groups (Kafka 3.0)."""
GROUPS_A_REQUEST = 200
"""How many groups one request names, as the size of an answer is limited, see `kafkatui.kafka.bounds`."""

NOT_ANSWERED = Fault(FaultKind.UNKNOWN, "its coordinator left it out of its answer")
NOT_NAMED = Fault(FaultKind.UNKNOWN, "no coordinator was named")

AskOne = Callable[[int, Sequence[str]], Awaitable[None]]
"""Asks one broker for some groups."""

Answers = tuple[dict[str, T], list[str]]
"""A coordinator's answers by group id, and the ids of the groups it does not coordinate."""


async def ask_coordinators(
    asker: Asker,
    group_ids: Iterable[str],
    ask: Callable[[int, Sequence[str]], Awaitable[Answers[T]]],
    faulty: Callable[[str, Fault], T],
) -> dict[str, T]:
    """Call `ask(node_id, groups)` for every coordinator at the same time, with at most `GROUPS_A_REQUEST`
    groups in each call, one call after the other; groups that moved are looked up and asked about once more.

    A group without an answer gets `faulty(group_id, why)`: a coordinator that is silent affects only its own
    groups.
    """
    found: dict[str, T] = {}
    todo = list(dict.fromkeys(group_ids))
    for last in (False, True):
        by_node, faults = await _coordinators(asker, todo)
        found.update((group_id, faulty(group_id, why)) for group_id, why in faults.items())
        moved: list[str] = []

        async def one(node_id: int, part: Sequence[str], moved: list[str] = moved, last: bool = last) -> None:
            try:
                answers, not_here = await ask(node_id, part)
            except ClusterError as error:
                found.update((group_id, faulty(group_id, error.fault)) for group_id in part)
                if not isinstance(error, UnsupportedError):
                    _drop(asker, part)
                return
            asked = frozenset(part)  # groups that were not asked about are left out
            not_here = [group_id for group_id in not_here if group_id in asked]
            found.update((group_id, answer) for group_id, answer in answers.items() if group_id in asked)
            unanswered = asked - answers.keys() - set(not_here)
            found.update((group_id, faulty(group_id, NOT_ANSWERED)) for group_id in unanswered)
            _drop(asker, not_here)
            moved.extend(not_here)
            if last:
                found.update((group_id, faulty(group_id, fault_of(NOT_COORDINATOR))) for group_id in not_here)

        async def in_turns(node_id: int, ids: Sequence[str], ask_one: AskOne = one) -> None:
            for start in range(0, len(ids), GROUPS_A_REQUEST):
                await ask_one(node_id, ids[start : start + GROUPS_A_REQUEST])

        await asyncio.gather(*(in_turns(node_id, ids) for node_id, ids in by_node.items()))
        todo = moved
        if not todo:
            break
    return found


def _drop(asker: Asker, group_ids: Iterable[str]) -> None:
    for group_id in group_ids:
        asker.cluster.coordinators.pop(group_id, None)


async def _coordinators(
    asker: Asker, group_ids: Sequence[str]
) -> tuple[dict[int, list[str]], dict[str, Fault]]:
    """Groups by coordinator, and why some have none. Only groups that are there may be asked about: on a
    cluster
    that never had one, looking up a coordinator makes ``__consumer_offsets``."""
    known = asker.cluster.coordinators
    faults: dict[str, Fault] = {}
    unknown = [group_id for group_id in group_ids if known.get(group_id) not in asker.cluster.brokers]
    if unknown:
        try:
            faults = await _find(asker, unknown)
        except ClusterError as error:
            faults = dict.fromkeys(unknown, error.fault.within("finding its coordinator"))
    by_node: dict[int, list[str]] = {}
    for group_id in group_ids:
        if group_id not in faults:
            by_node.setdefault(known[group_id], []).append(group_id)
    return by_node, faults


async def _find(asker: Asker, group_ids: Sequence[str]) -> dict[str, Fault]:
    """Store the coordinators of `group_ids` in `Brokers.coordinators`; return a fault for each group without
    one."""
    try:
        answers = await _find_many(asker, group_ids)
    except UnsupportedError:
        answers = {group_id: await _find_one(asker, group_id) for group_id in group_ids}
    faults: dict[str, Fault] = {}
    for group_id in group_ids:
        answer = answers.get(group_id)
        if answer is None or answer.error_code:
            faults[group_id] = fault_of(answer.error_code, answer.error_message) if answer else NOT_NAMED
        else:
            asker.cluster.coordinators[group_id] = int(answer.node_id)
    return faults


async def _find_many(asker: Asker, group_ids: Sequence[str]) -> dict[str, Any]:
    def build(module: Any, version: int) -> Any:
        return module.FindCoordinatorRequest(key_type=GROUP, coordinator_keys=tuple(group_ids))

    answer = await asker.ask(None, Api.FIND_COORDINATOR, build, lowest=MANY)
    return {item.key: item for item in answer.coordinators}


async def _find_one(asker: Asker, group_id: str) -> Any:
    def build(module: Any, version: int) -> Any:
        return make(module.FindCoordinatorRequest, key=group_id, key_type=GROUP)

    return await asker.ask(None, Api.FIND_COORDINATOR, build)
