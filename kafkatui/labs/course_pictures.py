"""The pictures of the course: ``python -m kafkatui.labs.course_pictures docs/labs`` plays every lab in every
language, and keeps the screen of each step as it compares what was predicted with what came.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from kafkatui.labs.course import main as write_pages
from kafkatui.labs.course import picture_of
from kafkatui.labs.lesson import Lesson
from kafkatui.labs.lessons import lessons
from kafkatui.labs.texts import LANGUAGES

SPEED = "10"
"""How many times as quickly as people read the labs are played."""
_FONTS = re.compile(r"\s*@font-face \{.*?\n    \}", re.DOTALL)
_LINES = re.compile(r'<clipPath id="[^"]*-line-\d+">.*?</clipPath>\s*', re.DOTALL)
_CLIPPED = re.compile(r' clip-path="url\(#[^)"]*-line-\d+\)"')
_RECTANGLE = re.compile(r'<rect fill="([^"]*)"[^>]*shape-rendering="crispEdges"/>')
_BLANK = re.compile(r"<text [^>]*>(?:&#160;|\s)*</text>\s*")
_NAME = re.compile(r"terminal-\d+-")


def smaller(svg: str) -> str:
    """The same picture of a screen in fewer bytes: no fonts from elsewhere, the background as one rectangle,
    no blanks.
    """
    fills = Counter(_RECTANGLE.findall(svg))
    if not fills:
        return svg
    ground = fills.most_common(1)[0][0]
    for pattern in (_FONTS, _LINES, _CLIPPED, _BLANK):
        svg = pattern.sub("", svg)
    svg = _RECTANGLE.sub(lambda found: "" if found[1] == ground else found[0], svg)
    svg = svg.replace('<rect fill="#292929"', f'<rect fill="{ground}"', 1)  # the window around the screen
    return "\n".join(line.strip() for line in _NAME.sub("t-", svg).splitlines() if line.strip()) + "\n"


def _play(lesson: Lesson, language: str, directory: Path) -> None:
    """Play a lab, and keep the picture of each of its steps. Raises `CalledProcessError` where a check has
    not held.
    """
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, "-m", "kafkatui", "lab", lesson.name, "--lang", language]
        command += ["--auto", "--speed", SPEED, "--pictures", made]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for place in range(len(lesson.steps)):
            picture = directory / picture_of(lesson, language, place)
            picture.parent.mkdir(parents=True, exist_ok=True)
            (svg,) = Path(made).glob(f"*-{place + 1:02}-compare.svg")
            picture.write_text(smaller(svg.read_text(encoding="utf-8")), encoding="utf-8")


def main(directory: Path, names: Sequence[str]) -> None:
    """Make the pictures of the lessons `names`, of all without a name; then write the pages."""
    for lesson in lessons():
        if not names or lesson.name in names:
            for language in LANGUAGES:
                _play(lesson, language, directory)
    write_pages(directory)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
