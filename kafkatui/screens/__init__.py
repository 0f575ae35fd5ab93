"""Screens arrange panes, hand a selection from one to the others, and ask questions."""
