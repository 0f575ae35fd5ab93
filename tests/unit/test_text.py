"""Text from outside cannot act on a terminal: tested with every code point there is."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from kafkatui.domain.text import (
    COMBINING_RUN,
    clip_end,
    clip_middle,
    printable,
    printable_name,
    visible_name,
    whole_figures,
    whole_words,
)

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
SHOWN = list(map(printable, EVERY))
CONTROLS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_no_code_point_comes_through_as_a_control() -> None:
    shown = "".join(SHOWN)
    assert not {character for character in shown if unicodedata.category(character) in CONTROLS}
    assert not set(shown) & set("\x1b\x9b\x9d\u2028\u2029\ufeff" + BIDI)
    assert shown.isprintable()


def test_every_code_point_that_is_changed_takes_one_cell_and_is_seen() -> None:
    for character, shown in zip(EVERY, SHOWN, strict=True):
        assert len(shown) == 1
        if shown != character:
            assert cell_len(shown) == 1
            assert not shown.isspace()


def test_no_letter_is_lost_by_making_a_text_printable() -> None:
    for character in EVERY[:0x20000] + EVERY[0xE0000:0xE0200]:
        shown = printable(f"a{character}b")
        assert shown[0] == "a"
        assert shown[-1] == "b"
        assert len(shown) == 3


def test_a_printable_text_stays_the_same() -> None:
    for once in set(SHOWN):
        assert printable(once) == once


def test_ascii_output_has_only_ascii_characters() -> None:
    for character in EVERY:
        shown = printable(character, ascii=True)
        assert shown
        assert shown.isascii()
        assert shown.isprintable()


@pytest.mark.parametrize(
    ("outside", "shown", "in_ascii"),
    [
        ("orders", "orders", "orders"),
        ("\x1b]0;x\x07", "␛]0;x␇", "\\x1b]0;x\\x07"),
        ("\x9b31m", "�31m", "\\x9b31m"),
        ("\x7f", "␡", "\\x7f"),
        ("a\tb\nc", "a␉b␊c", "a\\x09b\\x0ac"),
        ("\u202eevil", "�evil", "\\u202eevil"),
        ("\U000e0041", "�", "\\U000e0041"),
        ("\ud800", "�", "\\ud800"),
        ("a\u00a0b", "a␣b", "a\\xa0b"),
        ("[red]x[/red]", "[red]x[/red]", "[red]x[/red]"),
        ("заказы", "заказы", "\\u0437\\u0430\\u043a\\u0430\\u0437\\u044b"),
        ("注文", "注文", "\\u6ce8\\u6587"),
        ("e\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301��", "e" + "\\u0301" * 5),
        ("\u0301a", "�a", "\\u0301a"),
        (b"\xff\xc3\xa9", "�é", "\\xff\\xe9"),
        (b"\x9b", "�", "\\x9b"),
        (b"", "", ""),
    ],
)
def test_printable(outside: str | bytes, shown: str, in_ascii: str) -> None:
    assert printable(outside) == shown
    assert printable(outside, ascii=True) == in_ascii


def test_marks_never_pile_up() -> None:
    piled = printable("a" + "\u0301\u20dd\u0e31" * 100)
    longest = run = 0
    for character in piled:
        run = run + 1 if unicodedata.category(character).startswith("M") else 0
        longest = max(longest, run)
    assert longest <= COMBINING_RUN


outside = st.text(st.sampled_from("ab1 \x1b\t\u0301\u0e31\u20dd\u200d\ufe0f日ｱ가가🙂🏽👨❤\U0001f1e9é")).map(
    printable
)


@given(outside, st.integers(-1, 30))
def test_a_cut_text_takes_no_more_cells_in_textual(text: str, cells: int) -> None:
    for cut in (clip_end(text, cells), clip_middle(text, cells), text[: whole_figures(text, cells)]):
        assert Content(cut).cell_length <= max(0, cells)


@given(outside, st.integers(2, 30))
def test_a_text_is_cut_only_where_it_must_be(text: str, cells: int) -> None:
    end, middle = clip_end(text, cells), clip_middle(text, cells)
    if cell_len(text) <= cells:
        assert end == middle == text
    else:
        assert cells - 1 <= cell_len(end) <= cells  # a wide character may have no room
        assert cells - 2 <= cell_len(middle) <= cells


@pytest.mark.parametrize(
    ("text", "cells", "end", "middle"),
    [
        ("e\u0301e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301…", "…e\u0301e\u0301"),
        ("🙂🙂🙂", 4, "🙂…", "…🙂"),
        ("👍🏽👍🏽", 3, "👍🏽…", "…👍🏽"),
    ],
)
def test_a_mark_stays_with_its_letter(text: str, cells: int, end: str, middle: str) -> None:
    assert clip_end(text, cells) == end
    assert clip_middle(text, cells) == middle


@pytest.mark.parametrize(
    ("text", "cells", "end", "middle"),
    [
        ("orders", 6, "orders", "orders"),
        ("orders", 5, "orde…", "o…ers"),
        ("shop.europe.orders.v2.dlq", 15, "shop.europe.or…", "shop…ers.v2.dlq"),
        ("日本語日本語", 6, "日本…", "…本語"),
        ("日本語日本語", 7, "日本語…", "日…本語"),
        ("orders", 1, "…", "…"),
        ("orders", 0, "", ""),
        ("", 3, "", ""),
    ],
)
def test_clip(text: str, cells: int, end: str, middle: str) -> None:
    assert clip_end(text, cells) == end
    assert clip_middle(text, cells) == middle
    assert cell_len(clip_end(text, cells)) <= cells
    assert cell_len(clip_middle(text, cells)) <= cells


def test_clip_with_an_ellipsis_of_two_cells() -> None:
    assert clip_end("orders", 5, ellipsis="..") == "ord.."
    assert clip_middle("orders", 5, ellipsis="..") == "o..rs"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("", '""'), ("   ", '"   "'), ("a", "a"), (" a", " a"), ("\t", "␉"), ("\xa0", "␣"), ('""', '""')],
)
def test_a_blank_name_is_shown_in_quotes(name: str, shown: str) -> None:
    assert printable_name(name) == shown
    assert printable(visible_name(name)) == shown


words = st.sampled_from(
    ["lag", "9,412", "+", "1.20K/s", "behind,", "−2", "≤12.35M", "注文", "2,000", "of", "41s"]
)


@given(st.lists(words, min_size=1).map(" ".join), st.integers(0, 60))
def test_a_cut_text_ends_before_a_number(text: str, cells: int) -> None:
    kept = text[: whole_figures(text, cells)]
    assert cell_len(kept) <= cells
    assert not kept or kept[-1] not in "0123456789,.−≤+"


@pytest.mark.parametrize(
    ("cells", "kept"),
    [(0, ""), (2, "la"), (4, "lag "), (7, "lag "), (9, "lag "), (10, "lag 9,412 "), (13, "lag 9,412 + ")],
)
def test_figures_are_whole(cells: int, kept: str) -> None:
    text = "lag 9,412 + 1 unset"
    assert text[: whole_figures(text, cells)] == kept


@pytest.mark.parametrize(
    ("text", "at", "kept"),
    [
        ("pay-1, pay-2, pay-3 joined", 23, "pay-1, pay-2, pay-3"),
        ("Stable 24s · classic · gen 1", 25, "Stable 24s · classic"),
        ("a rebalance goes on", 11, "a rebalance"),
        ("a rebalance goes on", 19, "a rebalance goes on"),
        ("in a-name-that-takes-all-the-place", 20, "in a-name-that-takes"),
        ("one-name", 3, "one"),
        ("", 0, ""),
    ],
)
def test_no_word_is_cut_where_there_is_room(text: str, at: int, kept: str) -> None:
    assert text[: whole_words(text, at)] == kept
