"""Text from outside, made harmless for a terminal and cut to a number of cells.

This is a security boundary: what a cluster or a broker says (names, keys, values, headers, error texts)
reaches a widget only through `printable`. How many cells a text takes comes from `rich.cells`, the table that
Textual draws with.
"""

import unicodedata

from rich.cells import cell_len, chop_cells

COMBINING_RUN = 3
"""How many combining marks one letter may have (Vietnamese needs two, pointed Hebrew three); every further
mark is shown as a character of its own.
"""

ASCII_TWINS = str.maketrans(
    {
        **dict.fromkeys("─━▁▔▂╌┄", "-"),
        **dict.fromkeys("│┃▏▎▍▌▐▕", "|"),
        **dict.fromkeys("╭╮╰╯┌┐└┘┏┓┗┛├┤┬┴┼", "+"),
        **dict.fromkeys("█▇▆▅▄▃▀▊▉▋", "#"),
        "…": ".",
        "·": "-",
        "−": "-",
        "–": "-",
        "“": '"',
        "”": '"',
        "≤": "<",
        "≥": ">",
    }
)
"""For each character that kafkatui draws itself, an ASCII character of the same width to draw instead."""

_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_OTHER_SPACE = "\N{OPEN BOX}"
_FILLERS = frozenset(map(chr, (0x115F, 0x1160, 0x3164, 0xFFA0, 0x1D159, 0x2800)))
"""Letters and symbols that are drawn as a blank."""
_INVISIBLE_MARKS = frozenset(
    map(
        chr,
        (0x034F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),
    )
)
"""Combining marks that are invisible: joiners and variation selectors."""


def printable(text: str | bytes, *, ascii: bool = False) -> str:  # noqa: A002  the word people know for it
    """`text` with every character that could be invisible, or act on the terminal, replaced by a visible one.

    Controls (C0, DEL, C1), bidi controls, line and paragraph separators, zero-width and other invisible
    characters, tags, unpaired surrogates, private and unassigned characters and bytes that are not UTF-8 each
    become one visible cell: ``␀``-pictures for C0 and DEL, ``␣`` for spaces other than U+0020, else ``�``.
    With ``ascii`` every character beyond ASCII becomes ``\\x9b``, ``\\u202e``, ``\\U000e0041``: on a terminal
    that is not set to UTF-8 the bytes of an ordinary letter may be a C1 control. Markup of Textual is not
    changed: give the result to ``Content``, which takes it literally.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if text.isascii():
        if text.isprintable():
            return text
        return "".join([c if " " <= c <= "~" else _escaped(c) if ascii else _picture(c) for c in text])
    if ascii:
        return "".join([c if " " <= c <= "~" else _escaped(c) for c in text])
    shown: list[str] = []
    run = COMBINING_RUN  # a mark with no letter before it is shown as a character of its own
    for character in text:
        if not character.isprintable():
            shown.append(_picture(character))
            run = COMBINING_RUN
        elif character in _FILLERS or character in _INVISIBLE_MARKS:
            shown.append(_UNKNOWN)
            run = COMBINING_RUN
        elif _combines(character):
            shown.append(character if run < COMBINING_RUN else _UNKNOWN)
            run += 1
        else:
            shown.append(character)
            run = COMBINING_RUN if character == " " else 0
    return "".join(shown)


def visible_name(name: str) -> str:
    """A name as it stands in a sentence: in quotes if it is empty or all blanks, which Kafka allows for
    groups, client ids and headers, for without quotes nothing would be seen.
    """
    return name if name.strip(" ") else f'"{name}"'


def printable_name(name: str, *, ascii: bool = False) -> str:  # noqa: A002
    """A name made `printable`, and visible by `visible_name`: every widget draws names by this."""
    return printable(visible_name(name), ascii=ascii)


def cell_count(text: str) -> int:
    """How many cells a printable text takes."""
    return cell_len(text)


def clip_end(text: str, cells: int, *, ellipsis: str = "…") -> str:
    """The beginning of `text` in at most `cells` cells, with an ellipsis where something was cut."""
    if len(text) <= cells * (COMBINING_RUN + 1) and cell_len(text) <= cells:
        return text
    if cells <= len(ellipsis):
        return ellipsis[: max(cells, 0)]
    return _head(text, cells - len(ellipsis)) + ellipsis


def clip_middle(text: str, cells: int, *, ellipsis: str = "…") -> str:
    """`text` in at most `cells` cells, its middle cut out: a third of the cells is for the beginning, the
    rest for the end, in which long names differ most.
    """
    if len(text) <= cells * (COMBINING_RUN + 1) and cell_len(text) <= cells:
        return text
    if cells <= len(ellipsis):
        return ellipsis[: max(cells, 0)]
    left = cells - len(ellipsis)
    head = _head(text, left // 3)
    return head + ellipsis + _tail(text, left - cell_len(head))


def whole_words(text: str, at: int) -> int:
    """The place, `at` or before it, where to cut `text` so that it ends with a whole word, without a sign
    after it. `at` itself if this would leave less than half of the text before `at`.
    """
    if at >= len(text):
        return len(text)
    place = at if text[at] == " " else text.rfind(" ", 0, at)
    words = text[: max(place, 0)].rstrip(" ·-,;:│|")
    return len(words) if len(words) >= at // 2 else at


_OF_FIGURES = frozenset("0123456789,.+-−~<>≤≥")


def whole_figures(text: str, cells: int) -> int:
    """How many characters of `text`, which is longer than `cells`, fit in so many cells so that they do not
    end in the middle of a number: the part of a number would look like another number.
    """
    fits = len(_head(text, cells))
    while fits and text[fits - 1] in _OF_FIGURES:
        fits -= 1
    return fits


def _picture(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    return _OTHER_SPACE if unicodedata.category(character) == "Zs" else _UNKNOWN


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as surrogateescape carries it
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _combines(character: str) -> bool:
    code = ord(character)
    if code < 0x300:
        return False
    if (
        0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF
    ):  # vowels and final consonants of conjoining Hangul
        return True
    return unicodedata.category(character) in {"Mn", "Me", "Mc"} or 0x1F3FB <= code <= 0x1F3FF


def _head(text: str, cells: int) -> str:
    """As much of the beginning of `text` as fits in `cells`; a letter keeps its combining marks."""
    if cells <= 0:
        return ""
    text = text[: cells * (COMBINING_RUN + 1)]  # no printable text that fits has more characters
    return text if cell_len(text) <= cells else chop_cells(text, cells)[0]


def _tail(text: str, cells: int) -> str:
    """As much of the end of `text` as fits in `cells`; it never begins with a combining mark."""
    text = text[max(0, len(text) - cells * (COMBINING_RUN + 1)) :]
    while text and (cell_len(text) > cells or cell_len(text[0]) == 0):
        text = text[max(1, (cell_len(text) - cells) // 2) :]
    return text
