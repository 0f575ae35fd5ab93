"""The pictures of the labs, over what real runs saw."""

import pytest

from kafkatui.labs.lesson import Lesson
from kafkatui.labs.lessons import lessons
from kafkatui.labs.texts import LANGUAGES, frame_texts
from kafkatui.screens.lab_pictures import pictures
from tests.lab_observations import recorded


@pytest.mark.parametrize("width", [64, 78, 130])
@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_no_line_of_a_picture_is_wider_than_its_place(lesson: Lesson, width: int) -> None:
    """64 cells stand beside a lesson at 120x40, 78 below it at 80x24."""
    for language in LANGUAGES:
        frame = frame_texts(language)
        for step in recorded(lesson):
            for line in pictures(lesson, step.after, frame, width):
                assert line.cell_length <= width, (step.name, language, line.plain)
