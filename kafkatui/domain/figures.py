"""How numbers are written: with a comma between thousands, or with three or four figures and a letter where
the column is too narrow.

``None`` is always written ``?``: a number that is not known is never shown as 0. A lower bound has ``≥``
before it, an upper bound ``≤``. Each function says how many cells its texts need, so that no figure is ever
cut. The column aligns the texts, not this module.
"""

from datetime import date, datetime

UNKNOWN = "?"
MINUS = "−"
AT_MOST, AT_LEAST = "≤", "≥"
BEYOND = ">99Y"
"""A count or rate that is too large for the letters."""

COUNT_WIDTH = 4
"""So many cells hold every `count` that is not negative."""
RATE_WIDTH = 5
"""So many cells hold every `rate` that is not negative."""
SIZE_WIDTH = 8
"""So many cells hold every `size`."""
MOMENT_WIDTH = 12
"""So many cells hold every `moment`."""
AGE_WIDTH = 7
"""So many cells hold every `age`."""

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
    """A whole number in full if `width` cells hold it, else shorter: ``12.35M``, ``12.4M`` or ``12M``.

    `COUNT_WIDTH` cells (one more for negative numbers) are always enough.
    """
    if number is None:
        return UNKNOWN
    full = f"{number:,}".replace("-", MINUS)
    if len(full) <= width or -1000 < number < 1000:
        return full
    sign = MINUS if number < 0 else ""
    shown = (sign + _scaled(abs(number), figures) for figures in (4, 3, 2))
    return next((text for text in shown if len(text) <= width), sign + _scaled(abs(number), 2))


def counted(number: int, noun: str) -> str:
    """A number and its noun: ``1 group``, ``2 groups``."""
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def at_least(number: int | None, width: int = 9, *, complete: bool, ascii: bool = False) -> str:  # noqa: A002
    """A `count` with ``≥`` (in `ascii` ``>=``) before it, unless it is `complete`: then it is exact.

    An incomplete count of 0 is ``?``, for "at least 0" says nothing.
    """
    if complete:
        return count(number, width)
    return _bounded(">=" if ascii else AT_LEAST, number, width) if number else UNKNOWN


def at_most(number: int | None, width: int = 9, *, exact: bool, ascii: bool = False) -> str:  # noqa: A002
    """A `count` with ``≤`` (in `ascii` ``<=``) before it, unless it is `exact`; 0 is always exact."""
    if exact or not number:
        return count(number, width)
    return _bounded("<=" if ascii else AT_MOST, number, width)


def _bounded(sign: str, number: int, width: int) -> str:
    return sign + count(number, width - len(sign))


def signed(number: int | None, width: int = 10) -> str:
    """A change: `count` with ``+`` or ``−`` before it; ``0`` for no change."""
    if number is None or number == 0:
        return count(number)
    return count(number, width) if number < 0 else "+" + count(number, width - 1)


def rate(per_second: float | None) -> str:
    """A rate with at most three figures: ``0.4``, ``20.0``, ``204``, ``1.20K``; without its unit."""
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
    """A length of time: ``0.4s``, ``41s``, ``3 min``, ``2 h``, ``5 d``, at most ``>9999 d``; rounded down
    from 10 s on.
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
    """A time in the local time zone, in at most `MOMENT_WIDTH` cells.

    ``14:22:08.101`` today, ``Nov 21 14:22`` on another day, ``2025-11-21`` in another year, ``year 55,840``
    for a time that no calendar has.

    `timestamp` in milliseconds since the epoch (a producer may send any number), `now` in seconds since then.
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
    """A time without its milliseconds: ``14:22:08`` today, on other days as `moment` writes it.

    `at` and `now` in seconds since the epoch.
    """
    return moment(int(at * 1000), now).partition(".")[0]


def date_and_time(timestamp: int | None) -> str:
    """``2026-11-22 14:22:08.101`` in the local time zone; `timestamp` in milliseconds since the epoch.

    A time that no calendar has (a producer may send any number) is written as that number and its year.
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
    """The time in the local time zone, of milliseconds since the epoch; ``None``: before year 1 or after
    9999.
    """
    try:
        return datetime.fromtimestamp(timestamp // 1000).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def _year(timestamp: int) -> int:
    """The year of a time that no calendar has, of milliseconds since the epoch. It counts years of average
    length from 2000 on, so it may be wrong by one.
    """
    return 2000 + (timestamp - 946_684_800_000) // 31_556_952_000


def _scaled(number: float, figures: int) -> str:
    """A number of 1000 or more with a letter and so many figures, more where the whole part needs more."""
    for unit, letter in reversed(_LETTERS):
        shown = number / unit
        for place in (1, 2, 3):
            decimals = max(0, figures - place)
            if shown < 10**place - 0.5 * 10**-decimals:
                return f"{shown:.{decimals}f}{letter}"
    return BEYOND
