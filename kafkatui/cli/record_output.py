"""Records as they are written: NDJSON for a program, or a line for a person."""

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from kafkatui.domain import figures
from kafkatui.domain.records.records import Record

MOST_SHOWN = 2_000
"""Characters of a value that a line for a person has; NDJSON has all."""


def ndjson(records: Iterable[Record]) -> list[str]:
    """A JSON object for each record, in ASCII; `docs/record.schema.json` describes it."""
    return [_dumped(_object(record)) for record in records]


def _dumped(value: object) -> str:
    # DEL is printable JSON, and not printable on a terminal: what writes lines would replace it
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("\x7f", "\\u007f")


def _object(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "time": _utc(record.timestamp),
        "timestamp": record.timestamp,
        "timestamp_type": record.timestamp_type,
    }
    found |= _octets("key", record.key)
    found |= _octets("value", record.value)
    found["headers"] = [{"name": _whole(name)} | _octets("value", value) for name, value in record.headers]
    return found


def _whole(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _octets(name: str, data: bytes | None) -> dict[str, str | None]:
    """The field `name` with the text; of bytes that are not UTF-8 the field ``name_base64``."""
    if data is None:
        return {name: None}
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(data).decode()}


def _utc(timestamp: int | None) -> str | None:
    """ISO 8601; ``None``: there is no timestamp, or no calendar has it."""
    try:
        at = None if timestamp is None else datetime.fromtimestamp(timestamp / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return None if at is None else at.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def lines(records: Iterable[Record]) -> list[str]:
    """A line for each record: its time, partition, offset, key and value."""
    return [
        f"{figures.date_and_time(record.timestamp)}  {record.partition}:{record.offset}  "
        f"{_shown(record.key, record.key_size)}  {_shown(record.value, record.value_size)}{_headers(record)}"
        for record in records
    ]


def _headers(record: Record) -> str:
    if not record.headers:
        return ""
    shown = (f"{name}={_shown(value, len(value or b''))}" for name, value in record.headers)
    return "  [" + ", ".join(shown) + "]"


def _shown(data: bytes | None, size: int) -> str:
    """The text of some bytes; bytes that are not UTF-8 are escaped where they are shown."""
    if data is None:
        return "null"
    text = data[: 4 * MOST_SHOWN].decode("utf-8", "surrogateescape")
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}… ({figures.size(size)})"
