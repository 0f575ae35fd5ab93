"""The bytes members of classic groups send each other: subscription and assignment
(``ConsumerProtocol*.json``).

Only what comes first in every version is read; later versions add fields behind it. Clients in the wild send
anything here, so what makes no sense is ``None``, never an exception.
"""

import struct

from kafkatui.domain.partitions import TopicPartition


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def number(self, form: str) -> int:
        value: int = struct.unpack_from(form, self._data, self._position)[0]
        self._position += struct.calcsize(form)
        return value

    def count(self) -> int:
        """Length of an array; every item takes two bytes or more, which bounds it."""
        value = self.number(">i")
        if not 0 <= value <= len(self._data):
            raise ValueError("no array")
        return value

    def text(self) -> str:
        size = self.number(">h")
        end = self._position + size
        if size < 0 or end > len(self._data):
            raise ValueError("no string")
        text = self._data[self._position : end].decode()
        self._position = end
        return text


def decode_subscription(data: bytes) -> tuple[str, ...] | None:
    """Topics a member subscribed to, sorted; ``None``: not told, or not to be understood."""
    try:
        reader = _Reader(data)
        if reader.number(">h") < 0:
            return None
        return tuple(sorted({reader.text() for _ in range(reader.count())}))
    except (struct.error, ValueError):
        return None


def decode_assignment(data: bytes) -> tuple[TopicPartition, ...] | None:
    """Partitions a member owns, sorted; ``None``: not told, or not to be understood."""
    try:
        reader = _Reader(data)
        if reader.number(">h") < 0:
            return None
        owned: set[TopicPartition] = set()
        for _ in range(reader.count()):
            topic = reader.text()
            owned.update(TopicPartition(topic, reader.number(">i")) for _ in range(reader.count()))
        return tuple(sorted(owned))
    except (struct.error, ValueError):
        return None
