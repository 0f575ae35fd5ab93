"""A filter compiled to functions over the fields of a record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kafkatui.search.grammar import regex
from kafkatui.search.jsonpath import LARGEST_EXACT, document, exact_document, follow, last_document, text_of
from kafkatui.search.needles import Check, Needle, check_of, needle_of
from kafkatui.search.nodes import (
    All,
    AnyOf,
    Between,
    Compares,
    Contains,
    Field,
    Literal,
    Matches,
    Node,
    Not,
    Number,
    Op,
    Place,
)
from kafkatui.search.numbers import number_in


class Fields(Protocol):
    """What a filter reads of a record: `domain.records.records.Record` has it (with long values cut), and the
    record of aiokafka too.
    """

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int | None:
        """Milliseconds since the epoch; -1 or ``None``: there is none."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


Test = Callable[[Any], bool]
"""Whether a record, which has the `Fields`, fits."""
Document = Callable[[bytes | None], Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter for the records of one partition."""

    test: Test
    check: Check | None
    """Whether a batch may have a record that fits; ``None``: each may."""
    has_regex: bool
    """Whether testing one record may take very long."""
    first: int | None = None
    """No record before this offset fits; ``None``: nothing is known."""
    last: int | None = None
    """No record behind this offset fits; ``None``: nothing is known."""
    needle: Needle | None = None
    """What the bytes of every record that fits hold; ``None``: nothing is known."""


def filter_of(node: Node, partition: int) -> Filter | None:
    """The filter `node` for one partition; ``None``: no record of this partition can fit."""
    left = _for_partition(node, partition)
    if left is False:
        return None
    if left is True:
        return everything()
    read = exact_document if _is_exact(left) else document
    documents = {Field.KEY: last_document(read), Field.VALUE: last_document(read)}
    first, last = _offsets(left)
    return Filter(_test(left, documents), check_of(left), _has_regex(left), first, last, needle_of(left))


def everything() -> Filter:
    """The filter that every record fits."""
    return Filter(_always, None, False)


def _always(record: Any) -> bool:
    return True


def _for_partition(node: Node, partition: int) -> Node | bool:
    """`node` without its conditions on the partition, which are decided here."""
    match node:
        case Between() if node.place.field is Field.PARTITION:
            return _inside(partition, node.low, node.high)
        case Not():
            inner = _for_partition(node.part, partition)
            return not inner if isinstance(inner, bool) else Not(inner)
        case All() | AnyOf():
            decides = isinstance(node, AnyOf)
            left: list[Node] = []
            for part in node.parts:
                found = _for_partition(part, partition)
                if isinstance(found, bool):
                    if found is decides:
                        return decides
                else:
                    left.append(found)
            if len(left) < 2:
                return left[0] if left else not decides
            return AnyOf(tuple(left)) if decides else All(tuple(left))
    return node


def _offsets(node: Node) -> tuple[int | None, int | None]:
    """The first and the last offset that can fit; ``None``: not known."""
    if isinstance(node, Between) and node.place.field is Field.OFFSET:
        return None if node.low is None else int(node.low), None if node.high is None else int(node.high)
    if isinstance(node, All):
        bounds = [_offsets(part) for part in node.parts]
        firsts = [first for first, _ in bounds if first is not None]
        lasts = [last for _, last in bounds if last is not None]
        return max(firsts, default=None), min(lasts, default=None)
    return None, None


def _is_exact(node: Node) -> bool:
    """Whether numbers of JSON must be read exactly: their digits are looked at, or they are very large."""
    match node:
        case Not():
            return _is_exact(node.part)
        case All() | AnyOf():
            return any(map(_is_exact, node.parts))
        case Contains() | Matches():
            return node.place is not None and bool(node.place.path)
        case Between():
            return any(abs(bound) >= LARGEST_EXACT for bound in (node.low, node.high) if bound is not None)
    return node.literal.number is not None and abs(node.literal.number) >= LARGEST_EXACT


def _has_regex(node: Node) -> bool:
    match node:
        case Not():
            return _has_regex(node.part)
        case All() | AnyOf():
            return any(map(_has_regex, node.parts))
    return isinstance(node, Matches)


def _test(node: Node, documents: dict[Field, Document]) -> Test:
    match node:
        case Contains():
            return _at(node.place, _finder(node.text, node.any_case), documents)
        case Matches():
            return _at(node.place, _searcher(node), documents)
        case Compares():
            return _comparison(node, documents)
        case Between():
            return _between(node, documents)
        case Not():
            inner = _test(node.part, documents)
            return lambda record: not inner(record)
        case All():
            return _both([_test(part, documents) for part in node.parts])
        case AnyOf():
            return _either([_test(part, documents) for part in node.parts])


def _both(tests: list[Test]) -> Test:
    if len(tests) == 2:
        one, other = tests
        return lambda record: one(record) and other(record)
    return lambda record: all(test(record) for test in tests)


def _either(tests: list[Test]) -> Test:
    return lambda record: any(test(record) for test in tests)


# Texts: a function over bytes, and where it is applied.

InBytes = Callable[[bytes], bool]


def _finder(text: str, any_case: bool) -> InBytes:
    """Whether bytes contain `text`. In a text of ASCII letters the case of ASCII letters makes no
    difference, in another one that of all letters."""
    needle = text.encode("utf-8", "surrogatepass")
    if not any_case or not any(map(str.isalpha, text)):
        return lambda data: needle in data
    if text.isascii():
        return lambda data: needle in data.lower()
    return lambda data: text in data.decode("utf-8", "surrogateescape").lower()


def _searcher(node: Matches) -> InBytes:
    search = regex(node.pattern, node.any_case).search
    return lambda data: search(data.decode("utf-8", "surrogateescape")) is not None


def _at(place: Place | None, found: InBytes, documents: dict[Field, Document]) -> Test:
    if place is None:
        return _anywhere(found)
    if place.path:
        values, document, path = _bytes_of(place.field), documents[place.field], follow(place.path)

        def inside(record: Any) -> bool:
            return any(
                found(text_of(one).encode("utf-8", "surrogatepass")) for one in path(document(values(record)))
            )

        return inside
    if place.field is Field.HEADER:
        return _in_headers(place.header, found)
    if place.field is Field.KEY:
        return lambda record: (data := record.key) is not None and found(data)
    return lambda record: (data := record.value) is not None and found(data)


def _anywhere(found: InBytes) -> Test:
    in_headers = _in_headers(None, found)

    def test(record: Any) -> bool:
        data = record.value
        if data is not None and found(data):
            return True
        data = record.key
        if data is not None and found(data):
            return True
        return bool(record.headers) and in_headers(record)

    return test


def _in_headers(name: str | None, found: InBytes) -> Test:
    """In the headers of this name; ``None``: in all, and in their names."""
    if name is not None:
        return lambda record: any(
            value is not None and found(value) for header, value in record.headers if header == name
        )
    return lambda record: any(
        found(header.encode("utf-8", "surrogatepass")) or (value is not None and found(value))
        for header, value in record.headers
    )


def _bytes_of(field: Field) -> Callable[[Any], bytes | None]:
    return (lambda record: record.key) if field is Field.KEY else (lambda record: record.value)


# Comparisons.


def _comparison(node: Compares, documents: dict[Field, Document]) -> Test:
    place, literal = node.place, node.literal
    null = node.op is Op.EQUAL and literal.constant == "null"
    if place.path:
        read, document, path = _bytes_of(place.field), documents[place.field], follow(place.path)
        if null:
            return lambda record: _nothing(path(document(read(record))))
        fits = _value_fits(node.op, literal)
        if (needle := needle_of(node)) is not None:  # most records are not parsed
            octets, escape = needle.octets, needle.escape or b"\\"

            def test(record: Any) -> bool:
                data = read(record)
                if data is None or (octets not in data and escape not in data):
                    return False
                return any(map(fits, path(document(data))))

            return test
        return lambda record: any(map(fits, path(document(read(record)))))
    data_fits = _bytes_fit(node.op, literal)
    if place.field is Field.HEADER:
        name = place.header
        if null:
            return lambda record: all(value is None for header, value in record.headers if header == name)
        return lambda record: any(
            value is not None and data_fits(value) for header, value in record.headers if header == name
        )
    read = _bytes_of(place.field)
    if null:
        return lambda record: read(record) is None
    return lambda record: (data := read(record)) is not None and data_fits(data)


def _nothing(values: list[Any]) -> bool:
    """Whether there is no value, or null."""
    return not values or None in values


_ORDERS: dict[Op, Callable[[Any, Any], bool]] = {
    Op.LESS: lambda one, other: one < other,
    Op.AT_MOST: lambda one, other: one <= other,
    Op.MORE: lambda one, other: one > other,
    Op.AT_LEAST: lambda one, other: one >= other,
}


def _bytes_fit(op: Op, literal: Literal) -> InBytes:
    """A comparison with the bytes of a key, a value or a header."""
    text = literal.text
    if op is Op.EQUAL:
        wanted = text.encode("utf-8", "surrogatepass")
        return lambda data: data == wanted
    order, number = _ORDERS[op], literal.number
    if number is not None:
        return lambda data: (found := number_in(_decoded(data))) is not None and order(found, number)
    return lambda data: order(_decoded(data), text)


def _value_fits(op: Op, literal: Literal) -> Callable[[Any], bool]:
    """A comparison with a value inside JSON."""
    text, number = literal.text, literal.number
    if op is Op.EQUAL:
        if literal.constant is not None:
            constant = literal.constant == "true"
            return lambda value: value is constant or value == text if type(value) in (bool, str) else False
        if number is not None:
            return lambda value: (
                value == text if type(value) is str else _is_number(value) and value == number
            )
        return lambda value: type(value) is str and value == text
    order = _ORDERS[op]
    if number is not None:
        return lambda value: (found := number_in(value)) is not None and order(found, number)
    return lambda value: type(value) is str and order(value, text)


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _between(node: Between, documents: dict[Field, Document]) -> Test:
    place, low, high = node.place, node.low, node.high
    match place.field:
        case Field.OFFSET:
            return lambda record: _inside(record.offset, low, high)
        case Field.TIME:
            return lambda record: (
                (stamp := record.timestamp) is not None and stamp >= 0 and _inside(stamp, low, high)
            )
        case Field.SIZE:
            return lambda record: _inside(size_of(record), low, high)
    if place.path:
        read, document, path = _bytes_of(place.field), documents[place.field], follow(place.path)
        return lambda record: any(
            (found := number_in(value)) is not None and _inside(found, low, high)
            for value in path(document(read(record)))
        )

    def found_inside(data: bytes | None) -> bool:
        found = None if data is None else number_in(_decoded(data))
        return found is not None and _inside(found, low, high)

    if place.field is Field.HEADER:
        name = place.header
        return lambda record: any(found_inside(value) for header, value in record.headers if header == name)
    read = _bytes_of(place.field)
    return lambda record: found_inside(read(record))


def _inside(value: Number, low: Number | None, high: Number | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def size_of(record: Any) -> int:
    """Bytes of key, value, and names and values of headers as they were sent."""
    headers = sum(
        len(name.encode("utf-8", "surrogatepass")) + len(value or b"") for name, value in record.headers
    )
    return len(record.key or b"") + len(record.value or b"") + headers


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
