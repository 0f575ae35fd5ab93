"""Rows of a list: their order, their filter, and rows that are gone."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkatui.domain.sorted_rows import GONE_FOR, SortedRows, matching

Figure = int | None


def of_figures(**rows: Figure) -> SortedRows[Figure]:
    """Rows with one figure each, sorted by name; negative ones are hidden."""
    view = made()
    view.show(rows, 0.0)
    return view


def made() -> SortedRows[Figure]:
    return SortedRows(
        {"name": lambda _: "", "figure": lambda figure: figure},
        "name",
        hidden=lambda figure: figure is not None and figure < 0,
        when_gone=lambda figure: 0,
    )


@pytest.mark.parametrize(("descending", "names"), [(False, "dabc"), (True, "abdc")])
def test_equal_rows_are_sorted_by_key_and_unknown_ones_are_last(descending: bool, names: str) -> None:
    view = of_figures(a=5, b=5, c=None, d=1)
    view.sort("figure", descending)
    assert "".join(view.keys) == names


def test_the_order_stays_when_figures_change_until_it_is_asked_for() -> None:
    view = of_figures(a=1, b=2, c=3)
    view.sort("figure", True)
    view.show({"a": 9, "b": 2, "c": 3}, 1.0)
    assert ("".join(view.keys), view.sorted_at) == ("cba", 0.0)
    view.sort()
    assert ("".join(view.keys), view.sorted_at) == ("acb", 1.0)


def test_new_rows_come_in_at_their_place() -> None:
    view = of_figures(a=1, m=2, z=3)
    view.show({"a": 1, "c": 1, "m": 2, "n": 1, "z": 3, "zz": 1}, 1.0)
    assert view.keys == ("a", "c", "m", "n", "z", "zz")
    assert view.sorted_at == 0.0


@given(
    old=st.dictionaries(st.sampled_from("abcdefgh"), st.none() | st.integers(0, 3)),
    new=st.dictionaries(st.sampled_from("ijklmnop"), st.none() | st.integers(0, 3)),
    descending=st.booleans(),
)
def test_where_the_figures_of_the_others_stay_new_rows_come_in_as_if_all_were_sorted(
    old: dict[str, Figure], new: dict[str, Figure], descending: bool
) -> None:
    view = made()
    view.show(old, 0.0)
    view.sort("figure", descending)
    view.show({**old, **new}, 1.0)
    listed = view.keys
    view.sort()
    assert listed == view.keys


def test_rows_that_are_gone_stay_for_a_while() -> None:
    view = of_figures(a=1, b=2)
    view.show({"b": 2}, 1.0)
    assert (view.keys, set(view.gone), view.rows["a"], view.total) == (("a", "b"), {"a"}, 0, 1)
    view.show({"b": 2}, 1.0 + GONE_FOR - 0.1)
    assert "".join(view.keys) == "ab"
    view.forget(1.0 + GONE_FOR)
    assert "".join(view.keys) == "b"
    assert not view.gone


def test_a_row_that_comes_back_is_not_gone() -> None:
    view = of_figures(a=1, b=2)
    view.show({"b": 2}, 1.0)
    view.show({"a": 7, "b": 2}, 2.0)
    assert (view.gone, view.rows["a"]) == ({}, 7)


def test_hidden_rows_are_counted_and_listed_on_demand() -> None:
    view = of_figures(a=1, h=-1)
    assert (view.keys, view.hidden, view.total) == (("a",), 1, 1)
    view.show_hidden(True)
    assert (view.keys, view.hidden, view.total) == (("a", "h"), 0, 2)


@pytest.mark.parametrize(
    ("pattern", "name", "found"),
    [("ord", "Orders", True), ("Ord", "orders", False), ("Ord", "Orders", True), ("x", "orders", False)],
)
def test_a_filter_minds_capitals_only_if_it_has_some(pattern: str, name: str, found: bool) -> None:
    assert matching(pattern)(name) is found


def test_a_filter_lists_what_matches() -> None:
    view = of_figures(apple=1, pear=2)
    for pattern, names in (("PEAR", ()), ("ea", ("pear",)), ("", ("apple", "pear"))):
        view.filter(pattern)
        assert view.keys == names


def test_a_filter_looks_at_each_of_fifteen_thousand_rows_once_and_sorts_none() -> None:
    asked: list[str] = []

    def counted(kind: str) -> Callable[[int], int]:
        def value(row: int) -> int:
            asked.append(kind)
            return row

        return value

    hides = counted("hidden")
    view = SortedRows[int]({"figure": counted("value")}, "figure", hidden=lambda row: hides(row) < 0)
    view.show({f"group-{number:05}": number for number in range(15_000)}, 0.0)
    asked.clear()
    view.filter("99")
    assert asked == ["hidden"] * 15_000
    assert len(view.keys) == sum("99" in f"{number:05}" for number in range(15_000))
