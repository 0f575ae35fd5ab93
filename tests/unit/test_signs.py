"""Signs are one cell wide and differ without colour, in Unicode and in ASCII."""

from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from kafkatui.domain.cluster.marks import Mark
from kafkatui.widgets import signs

TABLE = [value for value in vars(signs).values() if isinstance(value, signs.Sign)] + list(
    signs.MARKS.values()
)


@pytest.fixture
def in_ascii() -> Iterator[None]:
    signs.use_ascii(True)
    yield
    signs.use_ascii(False)


def test_every_mark_has_its_own_sign() -> None:
    assert set(signs.MARKS) == set(Mark)
    assert len({found.unicode for found in signs.MARKS.values()}) == len(Mark)
    assert len({found.plain for found in signs.MARKS.values()}) == len(Mark)


@pytest.mark.parametrize("found", TABLE, ids=lambda found: found.unicode)
def test_signs_are_narrow_and_have_twins(found: signs.Sign) -> None:
    assert found.plain.isascii()
    assert all(cell_len(character) == 1 for character in found.unicode)


@pytest.mark.usefixtures("in_ascii")
def test_ascii_only() -> None:
    shown = [str(found) for found in TABLE]
    shown += [
        signs.bar(3, 10, 8).plain,
        signs.spark([0, 1, None, 5], 8).plain,
        signs.rule(heavy=True),
    ]
    assert all(text.isascii() for text in shown)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "    "),
        (0, "    "),
        (-1, "    "),
        (0.001, "╸   "),
        (5, "━━  "),
        (5.5, "━━  "),
        (6.2, "━━╸ "),
        (10, "━━━━"),
        (99, "━━━━"),
    ],
)
def test_bar(value: float | None, shown: str) -> None:
    assert signs.bar(value, 10, 4).plain == shown


def test_spark() -> None:
    assert signs.spark([0, 1, None, 5, 10], 7).plain == "··▁▂·▅█"
    assert signs.spark([1, 2, 3], 2, scale=100).plain == "▂▂"
    assert signs.spark([], 3).plain == "···"
    assert signs.spark([0, 0], 2).plain == "▁▁"
