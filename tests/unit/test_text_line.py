"""Which cells of a line are painted when its text changes."""

import pytest
from textual.content import Content
from textual.geometry import Region

from kafkatui.widgets.text_line import changed_cells, changed_regions

LAG = Content.assemble("lag ", ("12", "bold"), " in 5/s")


@pytest.mark.parametrize(
    ("before", "now", "cells"),
    [
        ("all well", "all well", (0, 0)),
        ("", "", (0, 0)),
        ("0.4s ago", "0.9s ago", (2, 3)),
        ("1 of 6 lag", "2 of 7 lag", (0, 6)),
        ("lag 9", "lag 10", (4, 6)),
        ("lag 10", "lag 9", (4, 6)),
        ("lag 10", "lag 1", (5, 6)),
        ("", "new", (0, 3)),
        ("世界 9", "世界 8", (5, 6)),
        ("a世 9", "ab世 9", (1, 6)),
    ],
)
def test_only_cells_that_differ_are_painted(before: str, now: str, cells: tuple[int, int]) -> None:
    assert changed_cells(Content(before), Content(now)) == cells


def test_another_style_is_another_cell() -> None:
    assert changed_cells(LAG, Content.assemble("lag ", ("12", "bold"), " in 5/s")) == (0, 0)
    assert changed_cells(LAG, Content.assemble("lag ", ("12", "red"), " in 5/s")) == (4, 6)
    assert changed_cells(LAG, Content("lag 12 in 5/s")) == (4, 6)


def test_each_line_of_several_has_its_own_cells() -> None:
    regions = changed_regions(Content("one\ntwo"), Content("one\ntwx"), 10, 2)
    assert regions == [Region(2, 1, 1, 1)]
    assert changed_regions(Content("one"), Content("one\ntwo"), 10, 2) == [Region(0, 1, 3, 1)]


def test_a_text_that_is_cut_is_painted_as_a_whole() -> None:
    assert changed_regions(Content("twelve cells"), Content("twelve-cells"), 10, 1) == [Region(6, 0, 1, 1)]
    assert changed_regions(Content("twelve cells"), Content("twelve celks"), 10, 1) == [Region(0, 0, 10, 1)]
