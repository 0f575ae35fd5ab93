"""Times as people write them: ``2026-11-27T14:00``, ``14:00``, ``yesterday``, ``2h ago``."""

import re
from datetime import datetime, time, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """A time as exact as it was written: ``2026-11-27`` is a whole day. Milliseconds since the epoch."""

    first: int
    """The first millisecond of it."""
    last: int
    """The last millisecond of it."""


_AGO = re.compile(r"(\d{1,6}(?:\.\d{1,3})?) ?(ms|s|m|min|h|d|w)(?: ago)?", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?", re.ASCII)
_DAYS = {"today": 0, "yesterday": -1}
_DATED = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d{1,2}:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)


def span_of(text: str, now: datetime) -> Span | None:
    """The time that `text` says, seen from `now` (with a time zone, which is used where `text` names none).
    ``None``: it says no time.
    """
    text = text.strip()
    if text == "now":
        return _span(now, timedelta(milliseconds=1))
    if ago := _AGO.fullmatch(text):
        try:
            return _span(now - timedelta(seconds=float(ago[1]) * _UNITS[ago[2]]), timedelta(milliseconds=1))
        except (OverflowError, ValueError):
            return None
    day, _, clock = text.partition(" ")
    try:
        if day in _DAYS:
            return _on(now + timedelta(days=_DAYS[day]), clock.strip() or None)
        if _CLOCK.fullmatch(text):
            return _on(now, text)
        if dated := _DATED.fullmatch(text):
            date = datetime.strptime(dated[1], "%Y-%m-%d").replace(tzinfo=now.tzinfo)
            if dated[3]:
                date = date.replace(tzinfo=datetime.strptime(dated[3], "%z").tzinfo)
            return _on(date, dated[2])
    except (OverflowError, ValueError):  # there is no such day or hour
        return None
    return None


def _on(day: datetime, clock: str | None) -> Span | None:
    """The time of day `clock` on this day; ``None``: the whole day."""
    midnight = datetime.combine(day.date(), time(), day.tzinfo)
    if clock is None:
        return _span(midnight, timedelta(days=1))
    found = _CLOCK.fullmatch(clock)
    if found is None:
        return None
    hour, minute, second, part = found.groups()
    at = time(int(hour), int(minute), int(second or 0), int((part or "0").ljust(3, "0")) * 1000)
    exact = timedelta(minutes=1) if second is None else timedelta(seconds=1)
    return _span(datetime.combine(day.date(), at, day.tzinfo), timedelta(milliseconds=1) if part else exact)


def _span(first: datetime, lasts: timedelta) -> Span:
    begin = round(first.timestamp() * 1000)
    return Span(begin, begin + round(lasts / timedelta(milliseconds=1)) - 1)
