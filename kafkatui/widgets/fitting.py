"""Shortens a text to the cells there are, and says how many rows of a list are out of sight."""

from textual.content import Content

from kafkatui.domain.text import whole_figures, whole_words
from kafkatui.widgets import signs


def shortened(text: Content, cells: int) -> Content:
    """`text` in at most `cells` cells. A longer text is cut and ends with an ellipsis: never within a figure,
    and between words where that is possible.
    """
    if text.cell_length <= cells:
        return text
    ellipsis = str(signs.ELLIPSIS)
    if cells <= len(ellipsis):
        return Content(ellipsis[: max(0, cells)])
    room = cells - len(ellipsis)
    words = text.plain[: whole_words(text.plain, whole_figures(text.plain, room))]
    before, _, last = words.rpartition(" ")
    if last[:1].isdigit() or last[:1] in "+-−~<>≤≥":
        words = before  # a figure before an ellipsis would look as if it were cut
    kept = words.rstrip(" ·-,:+")
    return text[: len(kept)] + ellipsis


def out_of_sight(above: int, below: int, *, short: bool = False) -> str:
    """How many rows are hidden: ``19 more below``, ``3 above, 19 below``; if `short`, ``↑3 ↓19``. Empty: all
    rows are visible.
    """
    pairs = ((above, "above", signs.ASCENDING), (below, "below", signs.DESCENDING))
    if short:
        return " ".join(f"{sign}{count:,}" for count, _, sign in pairs if count)
    said = [f"{count:,} {word}" for count, word, _ in pairs if count]
    return ", ".join(said) if len(said) != 1 else said[0].replace(" ", " more ")
