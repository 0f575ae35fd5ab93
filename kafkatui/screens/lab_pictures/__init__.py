"""The pictures of a lab: drawn from one observation, readable without colour."""

from collections.abc import Callable, Mapping
from typing import Any

from textual.content import Content

from kafkatui.labs.lesson import Lesson, Picture
from kafkatui.labs.observation import Observation
from kafkatui.screens.lab_pictures import counts, fields, grid, groups, logs

Draw = Callable[[Lesson, Observation, Mapping[str, Any], int], list[Content]]
"""Draws a picture: the lesson, what is seen, the texts of all lessons, the width in cells."""
DRAW: Mapping[Picture, Draw] = {
    "members": groups.members,
    "lanes": logs.lanes,
    "groups": groups.groups,
    "keys": counts.keys,
    "offsets": logs.offsets,
    "grid": grid.grid,
    "lag": counts.lag_chart,
    "ledger": counts.ledger,
    "segments": logs.segments,
    "fields": fields.fields,
}


def pictures(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """All pictures of a lesson, one below the other."""
    lines: list[Content] = []
    for name in lesson.pictures:
        if lines:
            lines.append(Content(""))
        lines += DRAW[name](lesson, seen, frame, width)
    return lines
