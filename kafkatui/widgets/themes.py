"""kafkatui's own two themes. The contrast of every word or sign to the background is at least 4.5:1 (tested).

In Textual's own themes ``$accent`` is ``$warning``, so a focused frame looks like an alarm. Here ``$primary``
marks focus, keys and the cursor, and ``$accent`` only partitions that have just moved.
"""

from textual.theme import Theme

DARK = Theme(
    name="kafkatui-dark",
    primary="#6cb6ff",
    secondary="#6cb6ff",
    accent="#c79bf2",
    warning="#e3b341",
    error="#ff7b72",
    success="#57ab5a",
    background="#14171c",
    surface="#14171c",
    panel="#1d2229",
    foreground="#d4d9e0",
    dark=True,
    variables={
        "text-muted": "#969ca6",
        "footer-key-foreground": "#6cb6ff",
        "footer-background": "#14171c",
        "input-selection-background": "#6cb6ff 35%",
        "frame": "#5b6470",
        "scrollbar": "#39414c",
        "scrollbar-background": "#14171c",
    },
)

LIGHT = Theme(
    name="kafkatui-light",
    primary="#0a5cc2",
    secondary="#0a5cc2",
    accent="#8036c9",
    warning="#8f5c00",
    error="#c11f2e",
    success="#1a7f37",
    background="#fbfbfa",
    surface="#fbfbfa",
    panel="#eef0f2",
    foreground="#1f2328",
    dark=False,
    variables={
        "text-muted": "#5a626c",
        "footer-key-foreground": "#0a5cc2",
        "footer-background": "#fbfbfa",
        "input-selection-background": "#0a5cc2 25%",
        "frame": "#8a929c",
        "scrollbar": "#c4cad2",
        "scrollbar-background": "#fbfbfa",
    },
)

THEMES = (DARK, LIGHT)
