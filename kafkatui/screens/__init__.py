"""Screens arrange panes, hand the selection of one pane to the others, and ask questions."""
