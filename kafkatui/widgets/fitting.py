"""Texts that are too long for their place, and lists that are."""

from textual.content import Content

from kafkatui.domain.text import whole_figures
from kafkatui.widgets import signs


def shortened(text: Content, cells: int) -> Content:
    """`text` in at most so many cells: where it is longer, its beginning and an ellipsis, no part of a
    figure.
    """
    if text.cell_length <= cells:
        return text
    ellipsis = str(signs.ELLIPSIS)
    if cells <= len(ellipsis):
        return Content(ellipsis[: max(0, cells)])
    return text[: whole_figures(text.plain, cells - len(ellipsis))] + ellipsis


def out_of_sight(above: int, below: int, *, short: bool = False) -> str:
    """``19 more below``, ``3 above, 19 below``, in `short` ``↑3 ↓19``; empty where all rows are seen."""
    pairs = ((above, "above", signs.ASCENDING), (below, "below", signs.DESCENDING))
    if short:
        return " ".join(f"{sign}{count:,}" for count, _, sign in pairs if count)
    said = [f"{count:,} {word}" for count, word, _ in pairs if count]
    return ", ".join(said) if len(said) != 1 else said[0].replace(" ", " more ")
