"""Which words of a text the glossary explains."""

import re
from functools import cache

from kafkatui.labs.texts import glossary

SHORTEST_STEM = 4
"""Letters of a Russian word that stay when its ending is cut off."""


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    """What finds the words of each entry of the glossary in a text, with any ending: Russian words have
    many. Longer words come first: a committed offset is one term, not two.
    """
    heads = [_words(head) for head in glossary(language)]
    heads.sort(key=lambda words: len(words[0]), reverse=True)
    return tuple(
        re.compile("|".join(rf"(?<![\w.]){_phrase(word)}(?!\w)" for word in words), re.IGNORECASE)
        for words in heads
    )


def _words(head: str) -> list[str]:
    """The words that an entry explains, the longest first: those of ``Leader, follower (a, b)``."""
    found = [word.strip() for word in re.split(r"[,()]", head)]
    return sorted(filter(None, found), key=len, reverse=True)


def _phrase(words: str) -> str:
    return r"\s+".join(map(_word, words.split()))


def _word(word: str) -> str:
    if not word.isalpha():
        return re.escape(word)  # a setting: acks=1, min.insync.replicas
    if word.isascii():
        return re.escape(word) + "s?"
    return re.escape(word[: max(SHORTEST_STEM, len(word) - 2)]) + r"\w{0,4}"


def places(text: str, language: str) -> list[tuple[int, int]]:
    """Where the words of the glossary stand in a text: first character and the one after the last, in order;
    each entry where it is met first.
    """
    found: list[tuple[int, int]] = []
    for pattern in _patterns(language):
        for match in pattern.finditer(text):
            if not any(match.start() < end and start < match.end() for start, end in found):
                found.append(match.span())
                break
    return sorted(found)
