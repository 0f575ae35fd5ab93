"""Every word and sign can be read in both themes."""

import pytest
from textual.color import Color
from textual.theme import Theme

from kafkatui.widgets import themes

ENOUGH = 4.5
CURSOR_ROW = 3.0
"""The row with the cursor is one of many: what large text needs is enough there."""


def luminance(color: Color) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [part / 255 for part in color.rgb]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio as WCAG 2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize(
    "name", ["foreground", "primary", "accent", "warning", "error", "success", "text-muted", "foreground 65%"]
)
def test_contrast(theme: Theme, name: str) -> None:
    colors = theme.to_color_system().generate()
    background = Color.parse(colors["background"])
    variable, _, share = name.partition(" ")
    color = Color.parse(colors[variable])
    if share:
        color = background.blend(color, int(share[:-1]) / 100)
    assert contrast(color, background) >= ENOUGH
    cursor_row = background.blend(Color.parse(colors["primary"]), 0.25)
    assert contrast(color, cursor_row) >= CURSOR_ROW


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
def test_an_alarm_is_no_focus(theme: Theme) -> None:
    assert len({theme.primary, theme.accent, theme.warning, theme.error, theme.success}) == 5
