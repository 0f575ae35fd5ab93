"""What was made of the newest answer to each question: one with the same bytes again is not decoded again."""

import hashlib
import struct
from collections import OrderedDict
from typing import Any, NamedTuple

MOST_KEPT = 1_000
"""Questions whose newest answer is remembered: by its hash, and by what was made of it."""
THROTTLE = struct.calcsize(">i")
"""Bytes of ``throttle_time_ms`` at the beginning of an answer: they say nothing of what was asked."""


class Question(NamedTuple):
    """What was asked of whom."""

    node_id: int
    api: int
    version: int
    request: bytes
    """Hash of the request, without its header."""


class Kept:
    """The newest answer to each question."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        """`most`: questions; the one asked longest ago goes."""
        self._most = most
        self._kept: OrderedDict[Question, tuple[bytes, Any]] = OrderedDict()

    def get(self, question: Question, answer: bytes) -> Any:
        """What was made of the newest answer, where it had that hash; ``None``: it had not."""
        before, made = self._kept.get(question, (b"", None))
        if made is None or before != answer:
            return None
        self._kept.move_to_end(question)
        return made

    def keep(self, question: Question, answer: bytes, made: Any) -> None:
        """Remember what was made of an answer with that hash."""
        self._kept[question] = answer, made
        self._kept.move_to_end(question)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def fingerprint(data: "bytes | memoryview") -> bytes:
    """A hash of these bytes that no other bytes have, as far as anybody knows."""
    return hashlib.blake2b(data, digest_size=16).digest()
