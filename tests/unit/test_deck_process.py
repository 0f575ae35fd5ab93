"""The lines of a deck's process, and the reports made of them."""

import json
from pathlib import Path

from kafkatui.deck.process import DeckProcess
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.deck.deeds import Report, ReportKind
from kafkatui.local.processes import Keeper, Process


def line(kind: str, owned: list[list[object]], detail: str = "") -> str:
    return json.dumps({"kind": kind, "at": 1.5, "partitions": owned, "owned": owned, "detail": detail})


async def test_reports_are_read_and_other_lines_are_ignored(tmp_path: Path) -> None:
    process = Process("c1", 4711, Keeper(tmp_path))
    reports: list[Report] = []
    ended: list[DeckProcess] = []
    performer = DeckProcess("c1", "g", process, reports.append, ended.append)
    for text in (
        *("", "null", "[]", "42", '{"kind": "sung"}', '{"kind": "assigned", "at": "soon"}'),
        line("started", []),
        line("assigned", [["t", 1]]),
        line("stuck", []),
    ):
        process.add_line(text)
    process.add_line(None)
    assert performer.alive
    process.code = 1
    process.ended.set()
    await performer.ended()
    one = (TopicPartition("t", 1),)
    assert reports == [
        Report(ReportKind.STARTED, 1.5, "g", "c1"),
        Report(ReportKind.ASSIGNED, 1.5, "g", "c1", one, one),
        Report(ReportKind.STUCK, 1.5, "g", "c1"),
    ]
    assert (performer.owned, performer.stuck, performer.alive) == (one, True, False)
    assert ended == [performer]
