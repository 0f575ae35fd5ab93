"""The labs as a course to read: ``python -m kafkatui.labs.course docs/labs`` writes a page a lesson and
language. A test checks that the pages are those that the lessons make now.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kafkatui.labs.lesson import Answer, Lesson, Question
from kafkatui.labs.lessons import lessons
from kafkatui.labs.texts import LANGUAGES, QuestionTexts, frame_texts, glossary, lesson_texts


def picture_of(lesson: Lesson, language: str, place: int) -> str:
    """The path below the directory of the picture of a step (`place`, from 0): what it compares."""
    return f"{language}/pictures/{lesson.name}-{place + 1:02}.svg"


def pages(directory: Path) -> Iterator[tuple[str, str]]:
    """(path below the directory, text in Markdown) of each page. It shows the pictures of a lesson if the
    directory has all of them.
    """
    for language in LANGUAGES:
        frame = frame_texts(language)
        yield f"{language}/index.md", _index(language, frame)
        for lesson in lessons():
            pictures = [picture_of(lesson, language, place) for place in range(len(lesson.steps))]
            if not all((directory / picture).exists() for picture in pictures):
                pictures = []
            yield f"{language}/{lesson.name}.md", _page(lesson, language, frame, pictures)


def _index(language: str, frame: Mapping[str, Any]) -> str:
    lines = [f"# {frame['labs']}", "", "```sh", f"kafkatui labs --lang {language}", "```", ""]
    for place, lesson in enumerate(lessons(), 1):
        texts = lesson_texts(lesson.name, language)
        lines.append(f"{place}. [{texts.title}]({lesson.name}.md): {texts.goal}")
    lines += ["", f"## {frame['words']}", ""]
    lines += [f"- **{word}**: {meaning}" for word, meaning in glossary(language).items()]
    return "\n".join(lines) + "\n"


def _page(lesson: Lesson, language: str, frame: Mapping[str, Any], pictures: Sequence[str]) -> str:
    texts = lesson_texts(lesson.name, language)
    lines = [f"# {frame['lab'].format(number=lesson.number, title=texts.title)}", "", texts.goal, ""]
    lines += ["```sh", f"kafkatui lab {lesson.name} --lang {language}", "```"]
    for place, (step, said) in enumerate(zip(lesson.steps, texts.steps, strict=True), 1):
        lines += ["", f"## {frame['step'].format(now=place, all=len(lesson.steps))}", "", said.say, ""]
        for asked in said.questions:
            options = f" ({' / '.join(asked.options.values())})" if asked.options else ""
            lines.append(f"- **{frame['predict']}** {asked.ask}{options}")
        lines += ["", f"**{frame['do']}** {said.press}", ""]
        for question, asked in zip(step.questions, said.questions, strict=True):
            lines.append(f"- **{frame['cluster']}** {_words(question, asked, question.script)}")
        lines += ["", f"**{frame['why']}** {said.why}"]
        if pictures:
            lines += ["", f"![{said.press}]({pictures[place - 1].partition('/')[2]})"]
    lines += ["", f"## {frame['can']}", "", texts.can, ""]
    lines += [f"- **{frame['wrong']}** “{said}” {right}" for said, right in texts.wrong]
    lines += ["", f"**{frame['try_next']}** {texts.try_next}", ""]
    return "\n".join(lines)


def _words(question: Question, asked: QuestionTexts, answer: Answer) -> str:
    """An answer in words, as a measurement where it is one."""
    if isinstance(answer, frozenset):
        return " ".join(map(str, sorted(answer)))
    if isinstance(answer, str):
        return asked.options[answer]
    return f"≈ {answer:g}" if question.tolerance else f"{answer:g}"


def main(directory: Path) -> None:
    """Write all pages."""
    for name, text in pages(directory):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
