"""The lessons, one module each: a module with a `LESSON` is found here, and nothing else has to name it."""

import importlib
import pkgutil
from functools import cache

from kafkatui.labs.lesson import Lesson

ORDER = (2, 5, 4, 1, 9, 7, 6, 3, 8, 10)
"""The numbers of the lessons in the order in which a beginner does them: what a topic is comes before what
can go wrong with it.
"""


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons, in `ORDER`."""
    modules = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    found: list[Lesson] = [module.LESSON for module in modules]
    return tuple(sorted(found, key=lambda lesson: ORDER.index(lesson.number)))


def lesson_named(name: str) -> Lesson | None:
    """The lesson with this name or number; ``None``: there is none."""
    return next((one for one in lessons() if name in {one.name, str(one.number)}), None)
