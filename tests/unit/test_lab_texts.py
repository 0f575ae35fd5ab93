"""Every lesson has its texts in every language, with the structure of the lesson, and they fit."""

import re
from pathlib import Path
from textwrap import wrap

import pytest

from kafkatui.labs.course import pages, picture_of
from kafkatui.labs.course_pictures import smaller
from kafkatui.labs.lesson import Lesson
from kafkatui.labs.lessons import ORDER, lesson_named, lessons
from kafkatui.labs.texts import LANGUAGES, frame_texts, glossary, language_of, lesson_texts

WORDS, LINES, WIDTH = 60, 6, 78
RESERVED = set("nhgvrq?:") | {"!"}
"""Keys of the screen of a lab, which no lab may use for itself."""

cases = pytest.mark.parametrize(
    ("lesson", "language"),
    [(lesson, language) for lesson in lessons() for language in LANGUAGES],
    ids=lambda value: getattr(value, "name", value),
)


@cases
def test_the_texts_have_the_structure_of_the_lesson(lesson: Lesson, language: str) -> None:
    texts = lesson_texts(lesson.name, language)
    assert len(texts.steps) == len(lesson.steps)
    assert list(texts.keys) == list(lesson.keys)
    assert texts.wrong
    for step, said in zip(lesson.steps, texts.steps, strict=True):
        assert len(said.questions) == len(step.questions)
        for question, asked in zip(step.questions, said.questions, strict=True):
            assert tuple(asked.options) == question.options


@cases
def test_what_a_step_says_fits_on_a_small_screen(lesson: Lesson, language: str) -> None:
    for step in lesson_texts(lesson.name, language).steps:
        for text in (step.say, step.why, step.hint):
            assert len(text.split()) <= WORDS, text
            assert len(wrap(text, WIDTH)) <= LINES, text
        for text in (step.press, *(one.ask for one in step.questions)):
            assert len(wrap(text, WIDTH)) <= 2, text


@cases
def test_every_key_of_a_step_is_named_to_the_learner(lesson: Lesson, language: str) -> None:
    for step, said in zip(lesson.steps, lesson_texts(lesson.name, language).steps, strict=True):
        for letter in step.keys:
            assert re.search(rf"(?<!\w){re.escape(letter)}(?!\w)", said.press), (letter, said.press)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_a_lesson_is_complete(lesson: Lesson) -> None:
    assert not RESERVED & set(lesson.keys)
    assert lesson_named(lesson.name) is lesson_named(str(lesson.number)) is lesson
    for step in lesson.steps:
        assert set(step.keys) <= set(lesson.keys)
        assert step.questions, "each step asks for a prediction"
        for question in step.questions:
            if question.options:
                assert question.script in question.options
            else:
                assert isinstance(question.script, frozenset) == question.partitions


def test_the_lessons_come_in_the_order_for_a_beginner() -> None:
    numbers = [lesson.number for lesson in lessons()]
    assert numbers == [number for number in ORDER if number in numbers]
    assert lesson_named("no such lab") is None


def test_all_languages_have_the_same_sentences() -> None:
    first, *others = [frame_texts(language) for language in LANGUAGES]
    for other in others:
        assert _keys(first) == _keys(other)
    words, *more = [glossary(language) for language in LANGUAGES]
    for other_words in more:
        assert len(other_words) == len(words)
    for meanings in (words, *more):
        assert all(len(meaning.split()) <= 25 for meaning in meanings.values())


def _keys(texts: object) -> object:
    """The names of texts, and the fields that are put into them."""
    if isinstance(texts, dict):
        return {name: _keys(text) for name, text in texts.items()}
    return sorted(re.findall(r"{\w+}", str(texts)))


def test_the_language_is_the_one_that_was_asked_for() -> None:
    assert language_of("ru") == "ru"
    assert language_of("en") == "en"
    assert language_of(None) in LANGUAGES


def test_the_course_in_the_documents_is_what_the_lessons_say() -> None:
    """`python -m kafkatui.labs.course docs/labs` writes it anew."""
    directory = Path(__file__).parents[2] / "docs" / "labs"
    wanted = dict(pages(directory))
    there = {path.relative_to(directory).as_posix(): path.read_text() for path in directory.rglob("*.md")}
    assert there == wanted


@cases
def test_the_course_has_each_picture_of_a_lesson(lesson: Lesson, language: str) -> None:
    """`python -m kafkatui.labs.course_pictures docs/labs NAME` makes those of a lesson anew."""
    directory = Path(__file__).parents[2] / "docs" / "labs"
    wanted = {picture_of(lesson, language, place) for place in range(len(lesson.steps))}
    found = directory.glob(f"{language}/pictures/{lesson.name}-[0-9][0-9].svg")
    assert {path.relative_to(directory).as_posix() for path in found} == wanted
    title = lesson_texts(lesson.name, language).title.replace(" ", "&#160;")
    for picture in wanted:
        assert title in (directory / picture).read_text(encoding="utf-8")


def test_a_smaller_picture_shows_the_same() -> None:
    svg = (
        '<svg><style>\n    @font-face {\n  src: url("x");\n    }\n.terminal-7-r1 { fill: red }</style>'
        '<rect fill="#292929" x="1"/>'
        '<rect fill="#111" x="0" shape-rendering="crispEdges"/>'
        '<rect fill="#111" x="1" shape-rendering="crispEdges"/>'
        '<rect fill="#222" x="0" shape-rendering="crispEdges"/>'
        '<text class="terminal-7-r1" clip-path="url(#terminal-7-line-0)">said</text>'
        '<text x="1">&#160;</text></svg>'
    )
    assert smaller(svg) == (
        '<svg><style>\n.t-r1 { fill: red }</style><rect fill="#111" x="1"/>'
        '<rect fill="#222" x="0" shape-rendering="crispEdges"/><text class="t-r1">said</text></svg>\n'
    )
    assert smaller("<svg></svg>") == "<svg></svg>"
