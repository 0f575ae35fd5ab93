"""How numbers are written: thousands by comma, three or four figures and a letter where the column is too
narrow.

``None`` is always ``?``: what is not known is never drawn as 0. A count that may lack some has ``≥`` before
it, one that may be less ``≤``. No figure is ever cut: each of these texts fits where its width is held.
The texts are aligned by their column, not here.
"""

from datetime import date, datetime

UNKNOWN = "?"
MINUS = "−"
AT_MOST, AT_LEAST = "≤", "≥"
BEYOND = ">99Y"
"""A count or rate for which there is no letter."""

COUNT_WIDTH = 4
"""Cells that hold every `count` of what cannot be negative."""
RATE_WIDTH = 5
"""Cells that hold every `rate` of what cannot be negative."""
SIZE_WIDTH = 8
"""Cells that hold every `size`."""
MOMENT_WIDTH = 12
"""Cells that hold every `moment`."""
AGE_WIDTH = 7
"""Cells that hold every `age`."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LETTERS = (
    (1e24, "Y"),
    (1e21, "Z"),
    (1e18, "E"),
    (1e15, "P"),
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "K"),
)
_SIZES = ((1e18, "EB"), (1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "KB"))


def count(number: int | None, width: int = 9) -> str:
    """A whole number in full as long as `width` cells hold it, else ``12.35M``, ``12.4M`` or ``12M``.

    `COUNT_WIDTH` cells (one more for negative numbers) always suffice.
    """
    if number is None:
        return UNKNOWN
    full = f"{number:,}".replace("-", MINUS)
    if len(full) <= width or -1000 < number < 1000:
        return full
    sign = MINUS if number < 0 else ""
    shown = (sign + _scaled(abs(number), figures) for figures in (4, 3, 2))
    return next((text for text in shown if len(text) <= width), sign + _scaled(abs(number), 2))


def at_least(number: int | None, width: int = 9, *, complete: bool, ascii: bool = False) -> str:  # noqa: A002
    """A `count` of what is known, with ``≥`` (``>=``) before it where some may be missing.

    None known of an unknown number is ``?``, for "at least 0" says nothing. `complete`: all were told, so
    that it is exact.
    """
    if complete:
        return count(number, width)
    return _bounded(">=" if ascii else AT_LEAST, number, width) if number else UNKNOWN


def at_most(number: int | None, width: int = 9, *, exact: bool, ascii: bool = False) -> str:  # noqa: A002
    """A `count`, with ``≤`` (``<=``) before it where that is only an upper bound; 0 is exact in any case."""
    if exact or not number:
        return count(number, width)
    return _bounded("<=" if ascii else AT_MOST, number, width)


def _bounded(sign: str, number: int, width: int) -> str:
    return sign + count(number, width - len(sign))


def signed(number: int | None, width: int = 10) -> str:
    """A change: `count` with its sign always written, ``0`` for none."""
    if number is None or number == 0:
        return count(number)
    return count(number, width) if number < 0 else "+" + count(number, width - 1)


def rate(per_second: float | None) -> str:
    """A rate with three figures, ``0.4 20.0 204 1.20K``; the unit stands in the head of the column."""
    if per_second is None:
        return UNKNOWN
    sign = MINUS if per_second < 0 else ""
    per_second = abs(per_second)
    if per_second == 0:
        return "0"
    if per_second < 0.05:
        return sign + "<0.1"
    if per_second < 99.95:
        return f"{sign}{per_second:.1f}"
    if per_second < 999.5:
        return f"{sign}{per_second:.0f}"
    return sign + _scaled(per_second, 3)


def size(octets: int | None) -> str:
    """Bytes in powers of 1000: ``412 B``, ``41.0 KB``, ``1.2 GB``."""
    if octets is None:
        return UNKNOWN
    if octets < 1000:
        return f"{octets} B"
    for unit, name in reversed(_SIZES):
        if (shown := round(octets / unit, 1)) < 1000:
            return f"{shown:.1f} {name}"
    return f">999 {_SIZES[0][1]}"


def age(seconds: float | None) -> str:
    """How long ago, or how long: ``0.4s``, ``41s``, ``3 min``, ``2 h``, ``5 d``, at most ``>9999 d``; never
    rounded up to the next unit.
    """
    if seconds is None:
        return UNKNOWN
    seconds = max(seconds, 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    if seconds < 60:
        return f"{int(seconds)}s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 48 * 3600:
        return f"{int(seconds // 3600)} h"
    days = seconds // 86400
    return f"{int(days)} d" if days <= 9999 else ">9999 d"


def moment(timestamp: int | None, now: float) -> str:
    """When that was, in the local time zone, in at most `MOMENT_WIDTH` cells.

    ``14:22:08.101`` today, ``Nov 21 14:22`` on another day, ``2025-11-21`` in another year, ``year 55,840``
    where the calendar has none.

    `timestamp` in milliseconds since the epoch (a producer may send any number), `now` in seconds.
    """
    if timestamp is None:
        return UNKNOWN
    local, today = _local(timestamp), day(now)
    if local is None or today is None:
        return f"year {count(_year(timestamp), 7)}"
    if local.date() == today:
        return f"{local:%H:%M:%S}.{timestamp % 1000:03}"
    if local.year == today.year:
        return f"{_MONTHS[local.month - 1]} {local.day:2} {local:%H:%M}"
    return local.date().isoformat()


def time_of_day(at: float, now: float) -> str:
    """When something happened that was seen to the second: ``14:22:08`` today, else as `moment` says it.

    `at` and `now` in seconds since the epoch.
    """
    return moment(int(at * 1000), now).partition(".")[0]


def date_and_time(timestamp: int | None) -> str:
    """``2026-11-22 14:22:08.101`` in the local time zone, of milliseconds since the epoch.

    A time that no calendar has (a producer may send any number) is given as that number and its year.
    """
    if timestamp is None:
        return UNKNOWN
    local = _local(timestamp)
    if local is None:
        return f"{timestamp} ms, year {_year(timestamp):,}".replace("year -", f"year {MINUS}")
    return f"{local.date().isoformat()} {local:%H:%M:%S}.{timestamp % 1000:03}"


def day(seconds: float) -> date | None:
    """The local day of a time in seconds since the epoch; ``None``: no calendar has it."""
    local = _local(int(seconds * 1000))
    return None if local is None else local.date()


def _local(timestamp: int) -> datetime | None:
    """In the local time zone; ``None``: before year 1 or after 9999."""
    try:
        return datetime.fromtimestamp(timestamp // 1000).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def _year(timestamp: int) -> int:
    """About, where the calendar ends: 400 years of the calendar are exactly so long, from 2000 on."""
    return 2000 + (timestamp - 946_684_800_000) // 31_556_952_000


def _scaled(number: float, figures: int) -> str:
    """A number from 1000 up with a letter and so many figures, or its three before the point."""
    for unit, letter in reversed(_LETTERS):
        shown = number / unit
        for place in (1, 2, 3):
            decimals = max(0, figures - place)
            if shown < 10**place - 0.5 * 10**-decimals:
                return f"{shown:.{decimals}f}{letter}"
    return BEYOND
