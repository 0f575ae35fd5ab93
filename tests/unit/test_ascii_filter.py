"""ASCII mode's last word: everything beyond ASCII is replaced, cell for cell."""

import pytest
from rich.cells import cell_len

from kafkatui.widgets.ascii_filter import in_ascii


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("╭─ a ─╮", "+- a -+"),
        ("cut…", "cut."),
        ("█▇ −3", "## -3"),
        ("␛]0;x", "?]0;x"),
        ("日本", "????"),  # two cells each
        ("e\u0301", "e"),  # a mark that sits on its letter takes no cell
    ],
)
def test_in_ascii(text: str, shown: str) -> None:
    assert in_ascii(text) == shown
    assert cell_len(in_ascii(text)) == cell_len(text)
