"""Words of a lesson that the glossary explains."""

import pytest

from kafkatui.labs.lessons import lessons
from kafkatui.labs.terms import places
from kafkatui.labs.texts import LANGUAGES, lesson_texts


def words(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in places(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("The topic has partitions. A partition is a log.", "en", ["topic", "partitions"]),
        ("A committed offset is no offset of a consumer.", "en", ["committed offset", "offset"]),
        ("With acks=1 the leader answers; acks=all waits.", "en", ["acks=1", "leader", "acks=all"]),
        ("Keyboards are no terms", "en", []),
        ("min.insync.replicas is 2", "en", ["min.insync.replicas"]),
        ("В топике три партиции, и у каждой партиции лидер.", "ru", ["топике", "партиции", "лидер"]),
        ("Отставание группы консьюмеров растёт.", "ru", ["Отставание", "группы консьюмеров"]),
        ("", "en", []),
    ],
)
def test_each_term_is_found_where_it_is_met_first(text: str, language: str, found: list[str]) -> None:
    assert words(text, language) == found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lesson_has_terms_that_the_glossary_explains(language: str) -> None:
    for lesson in lessons():
        said = " ".join(step.say for step in lesson_texts(lesson.name, language).steps)
        assert len(places(said, language)) >= 3, lesson.name
