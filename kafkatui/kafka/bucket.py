"""A token bucket: how many bytes may be downloaded now."""

from collections.abc import Callable
from time import monotonic


class Bucket:
    """Fills by `rate` bytes a second, up to the bytes of half a second; its level may become negative.

    Once nearly empty it stays shut until it is half full: a few large answers cost less than many small ones.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._size = rate / 2
        self._clock = clock
        self._level = self._size
        self._at = clock()
        self._shut = False

    @property
    def level(self) -> int:
        """Bytes that may be taken now; negative after more were taken than there were."""
        now = self._clock()
        self._level = min(self._level + (now - self._at) * self._rate, self._size)
        self._at = now
        return int(self._level)

    def take(self, size: int) -> bool:
        """Take `size` bytes, even if fewer are left. ``True``: the bucket is shut now."""
        self._level = self.level - size
        self._shut = self._shut or self._level < self._size / 8
        return self._shut

    @property
    def shut(self) -> bool:
        """Whether nothing may be taken until the bucket is half full."""
        return self._shut

    def wait(self) -> float:
        """Seconds until the bucket opens; 0: it is open."""
        missing = self._size / 2 - self.level
        if not self._shut or missing <= 0:
            self._shut = False
            return 0.0
        return missing / self._rate
