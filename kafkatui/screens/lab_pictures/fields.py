"""The picture of a record: every field of the newest one, and of its batch, with who sets it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from textual.content import Content

from kafkatui.domain.text import printable
from kafkatui.labs.lesson import Lesson
from kafkatui.labs.observation import Observation
from kafkatui.screens.lab_pictures.tables import cells
from kafkatui.widgets import signs


def fields(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """The newest record of the first topic, field by field."""
    records = seen.records.get(next(iter(lesson.topics)), ())
    names = frame["fields"]
    if not records:
        return [Content.styled(names["none"], signs.MUTED)]
    record, ascii_only = records[-1], signs.ascii_only()

    def text(data: bytes | None) -> str:
        return (
            str(signs.UNSET) if data is None else printable(data.decode("utf-8", "replace"), ascii=ascii_only)
        )

    stamp = str(signs.UNKNOWN)
    if record.timestamp is not None:
        stamp = datetime.fromtimestamp(record.timestamp / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    rows = [
        ("topic/partition", f"{record.topic}/{record.partition}", "producer"),
        ("offset", str(record.offset), "leader"),
        ("key", text(record.key), "producer"),
        ("value", text(record.value), "producer"),
        *((f"header {printable(name)}", text(value), "producer") for name, value in record.headers),
        (record.timestamp_type or "timestamp", stamp, _clock(record.timestamp_type)),
    ]
    lines = [Content.styled(names["record"], "bold")]
    room = max(10, width - 20 - max(len(names[who]) for who in ("producer", "leader")))
    lines += [_row(name, value, names[who], room) for name, value, who in rows]
    if record.batch is not None:
        batch = record.batch
        lines.append(Content.styled(names["batch"], "bold"))
        facts = [
            ("base offset", str(batch.base_offset), "leader"),
            ("CRC-32C", f"{batch.crc:08x}", "producer"),
            ("codec", batch.codec, "producer"),
            ("records", str(batch.records or signs.UNKNOWN), "producer"),
            ("bytes", str(batch.size or signs.UNKNOWN), "producer"),
            ("leader epoch", str(signs.NONE if batch.leader_epoch is None else batch.leader_epoch), "leader"),
            ("producer id", str(signs.NONE if batch.producer_id is None else batch.producer_id), "leader"),
        ]
        lines += [_row(name, value, names[who], room) for name, value, who in facts]
    return lines


def _clock(kind: str | None) -> str:
    return "leader" if kind == "LogAppendTime" else "producer"


def _row(name: str, value: str, who: str, room: int) -> Content:
    """`room`: the cells that the value has."""
    return Content.assemble(cells((name, 18), (value, room)), " ", (who, signs.MUTED))
