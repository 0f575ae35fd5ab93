"""Keeping the value decoded from the newest answer to each question: an answer with the same bytes is not
decoded again."""

import hashlib
import struct
from collections import OrderedDict
from typing import Any, NamedTuple

MOST_KEPT = 1_000
"""How many questions are kept."""
THROTTLE = struct.calcsize(">i")
"""Bytes of ``throttle_time_ms`` at the beginning of an answer, which differ between answers of equal
content."""


class Question(NamedTuple):
    """One request to one broker."""

    node_id: int
    api: int
    version: int
    request: bytes
    """Hash of the request, without its header."""


class Kept:
    """By question: the hash of its newest answer, and the value made of that answer."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        """`most`: how many questions are kept; beyond that, the one asked longest ago is dropped."""
        self._most = most
        self._kept: OrderedDict[Question, tuple[bytes, Any]] = OrderedDict()

    def get(self, question: Question, answer: bytes) -> Any:
        """The value made of the newest answer to `question`, if `answer` is that answer's hash; else
        ``None``."""
        before, made = self._kept.get(question, (b"", None))
        if made is None or before != answer:
            return None
        self._kept.move_to_end(question)
        return made

    def keep(self, question: Question, answer: bytes, made: Any) -> None:
        """Keep the value `made` of the answer with the hash `answer`."""
        self._kept[question] = answer, made
        self._kept.move_to_end(question)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def fingerprint(data: "bytes | memoryview") -> bytes:
    """A hash of `data`; no two different inputs with the same hash are known (BLAKE2b)."""
    return hashlib.blake2b(data, digest_size=16).digest()
