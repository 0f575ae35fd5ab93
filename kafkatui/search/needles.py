"""What the bytes of a batch must contain so that a record in it can match: most batches need no unpacking.

Bytes of keys, values and headers lie in an unpacked batch as they were sent. So a text that is nowhere in
these bytes is in no record. JSON may write any character as an escape, ``\\u0061``: where one of these is,
nothing is known.
"""

from collections.abc import Callable
from typing import NamedTuple

from kafkatui.search.nodes import All, AnyOf, Between, Compares, Contains, Field, Literal, Matches, Node, Op


class Payload:
    """The records of one batch as bytes."""

    __slots__ = ("_lower", "bytes")

    def __init__(self, data: bytes) -> None:
        self.bytes = data
        self._lower: bytes | None = None

    @property
    def lower(self) -> bytes:
        """The bytes with small letters instead of capital ones (ASCII)."""
        if self._lower is None:
            self._lower = self.bytes.lower()
        return self._lower


Check = Callable[[Payload], bool]


def check_of(node: Node) -> Check | None:
    """A function that says whether a batch may have a record that fits; ``None``: every batch may."""
    match node:
        case Contains():
            return _contains(node)
        case Matches():
            return None
        case Compares():
            return _compares(node)
        case Between():
            return _named(node.place.path)
        case All():
            checks = [check for part in node.parts if (check := check_of(part)) is not None]
            return _all(checks)
        case AnyOf():
            several = [check_of(part) for part in node.parts]
            if any(check is None for check in several):
                return None
            each = [check for check in several if check is not None]
            return lambda payload: any(check(payload) for check in each)
    return None  # `not`: a batch without the text has nothing but records that fit


class Needle(NamedTuple):
    """Bytes that every record that fits holds."""

    octets: bytes
    any_case: bool
    """Whether they are held in the bytes with small letters instead of capital ones."""
    escape: bytes | None
    """A record, or a batch, with these bytes may fit without them; ``None``: none may."""

    def among(self, payload: Payload) -> bytes | None:
        """The bytes of the batch to look for it in; ``None``: that says nothing here."""
        if self.escape is not None and self.escape in payload.bytes:
            return None
        return payload.lower if self.any_case else payload.bytes


def needle_of(node: Node) -> Needle | None:
    """The longest needle of a filter; ``None``: there is none."""
    match node:
        case All():
            needles = [needle for part in node.parts if (needle := needle_of(part)) is not None]
            return max(needles, key=lambda needle: len(needle.octets), default=None)
        case Contains() if (node.place is None or not node.place.path) and node.text:
            if node.text.isascii() or not node.any_case:
                octets = node.text.encode("utf-8", "surrogatepass")
                return Needle(octets, node.any_case and node.text.isascii(), None)
        case Compares() if node.op is Op.EQUAL and _is_text(node.literal) and node.literal.text:
            text = node.literal.text
            return Needle(_encoded(text), False, escape_of(text) if node.place.path else None)
    return None


def _contains(node: Contains) -> Check | None:
    place = node.place
    if place is not None and place.path:
        return _named(place.path)
    checks = [] if place is None or place.header is None else [_has(place.header.encode("utf-8", "replace"))]
    if node.text.isascii() or not node.any_case:
        needle = node.text.encode("utf-8", "surrogatepass")
        checks.append(_has_in_any_case(needle) if node.any_case and node.text.isascii() else _has(needle))
    return _all(checks)


def _compares(node: Compares) -> Check | None:
    place, literal = node.place, node.literal
    if node.op is Op.EQUAL and literal.constant == "null":
        return None
    if place.path:
        checks = [] if (named := _named(place.path)) is None else [named]
        if node.op is Op.EQUAL and _is_text(literal):
            checks.append(_has_or_escape(literal.text))
        return _all(checks)
    checks = [] if place.header is None else [_has(place.header.encode("utf-8", "replace"))]
    if node.op is Op.EQUAL and place.field in {Field.KEY, Field.VALUE, Field.HEADER}:
        checks.append(_has(literal.text.encode("utf-8", "surrogatepass")))
    return _all(checks)


def _is_text(literal: Literal) -> bool:
    """Whether only a string can be equal to it: a number may be written in several ways."""
    return literal.number is None and literal.constant is None


def _named(path: tuple[object, ...]) -> Check | None:
    """Every name on the path is in the batch."""
    return _all([_has_or_escape(step) for step in path if isinstance(step, str)])


def _all(checks: list[Check]) -> Check | None:
    if len(checks) < 2:
        return checks[0] if checks else None
    return lambda payload: all(check(payload) for check in checks)


def _has(needle: bytes) -> Check:
    return lambda payload: needle in payload.bytes


def _has_in_any_case(needle: bytes) -> Check:
    return lambda payload: needle in payload.lower


def _has_or_escape(text: str) -> Check:
    needle, escape = _encoded(text), escape_of(text)
    return lambda payload: needle in payload.bytes or escape in payload.bytes


def escape_of(text: str) -> bytes:
    """What is in JSON that holds `text` and not its bytes. Only some characters have a two-letter escape,
    such as ``\\n``; a single backslash is also a frequent byte between records.
    """
    return b"\\" if any(sign in '"\\/' or sign < " " for sign in text) else b"\\u"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
