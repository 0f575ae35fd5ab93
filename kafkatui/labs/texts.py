"""The texts of the labs: one TOML file a language and lesson, and one a language for all lessons together.

The files of a lesson have the same structure in every language: `tests/unit/test_lab_texts.py` checks that.
"""

import locale
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ru")
DIRECTORY = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class QuestionTexts:
    """The texts of one question."""

    ask: str
    options: Mapping[str, str] = field(default_factory=dict)
    """By name of the option; empty: a number or partitions are typed."""


@dataclass(frozen=True, slots=True)
class StepTexts:
    """The texts of one step."""

    say: str
    press: str
    """What to do now: a sentence that names the keys."""
    why: str
    """The sentence after the comparison: what made the difference."""
    hint: str
    questions: tuple[QuestionTexts, ...] = ()


@dataclass(frozen=True, slots=True)
class LessonTexts:
    """The texts of one lesson."""

    title: str
    goal: str
    can: str
    """What one can say after the lab."""
    try_next: str
    wrong: tuple[tuple[str, str], ...]
    """(a popular wrong sentence, what is right instead)."""
    keys: Mapping[str, str]
    """By letter: the word in the row of keys."""
    steps: tuple[StepTexts, ...]


@cache
def lesson_texts(name: str, language: str) -> LessonTexts:
    """The texts of a lesson in a language of `LANGUAGES`."""
    raw = _load(f"{name}.{language}")
    steps = tuple(
        StepTexts(
            step["say"],
            step["press"],
            step["why"],
            step["hint"],
            tuple(QuestionTexts(one["ask"], one.get("options", {})) for one in step.get("question", ())),
        )
        for step in raw["step"]
    )
    wrong = tuple((pair["said"], pair["right"]) for pair in raw["wrong"])
    return LessonTexts(raw["title"], raw["goal"], raw["can"], raw["try_next"], wrong, raw["keys"], steps)


@cache
def frame_texts(language: str) -> Mapping[str, Any]:
    """The texts that all lessons share, by name."""
    return _load(f"frame.{language}")


@cache
def glossary(language: str) -> Mapping[str, str]:
    """Kafka's words and their meaning, in an order in which one can read them."""
    words: Mapping[str, str] = _load(f"glossary.{language}")["words"]
    return words


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((DIRECTORY / f"{name}.toml").read_text(encoding="utf-8"))


def language_of(wanted: str | None) -> str:
    """The language to use: `wanted`, or where that is ``None`` the locale's, if there are texts in it; else
    English.
    """
    if wanted is not None:
        return wanted
    found = (locale.getlocale()[0] or "").partition("_")[0].lower()
    return "ru" if found in {"ru", "russian"} else "en"
