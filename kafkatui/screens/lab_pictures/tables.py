"""Rows of a table in a picture."""

from kafkatui.widgets import signs

NAME = 14
"""Width of names, in cells."""


def cells(*columns: tuple[object, int]) -> str:
    """Texts in columns: a positive width is aligned to the left, a negative one to the right."""
    parts = []
    for text, width in columns:
        shown = str(text)[: abs(width)]
        parts.append(shown.ljust(width) if width > 0 else shown.rjust(-width))
    return " ".join(parts)


def figure(number: int | None) -> str:
    """A figure, or the sign of one that is not known."""
    return str(signs.UNKNOWN) if number is None else f"{number:,}"
