"""The filter language: what a filter finds, what a mistake says, and a slow second opinion on it."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from kafkatui.domain.records.records import Record
from kafkatui.errors import FilterError
from kafkatui.search.grammar import MOST_CHARACTERS, parse
from kafkatui.search.matching import filter_of
from kafkatui.search.needles import Payload
from kafkatui.search.nodes import (
    All,
    AnyOf,
    Between,
    Contains,
    Every,
    Field,
    Matches,
    Node,
    Not,
    Op,
    Place,
)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
NOON = round(NOW.timestamp() * 1000)

ORDER = {
    "id": 42,
    "status": "FAILED",
    "customer": {"id": "c-7", "vip": True, "name": "Jürgen Groß"},
    "items": [{"sku": "a1", "price": 9.5}, {"sku": "b2", "price": 20}],
    "note": None,
    "a b": 1,
}


def record(
    value: object = ORDER,
    key: bytes | None = b"customer-042",
    headers: Sequence[tuple[str, bytes | None]] = (("trace-id", b"4bf92f"), ("retry", None)),
    partition: int = 3,
    offset: int = 1200,
    timestamp: int | None = NOON,
) -> Record:
    data = (
        value if value is None or isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    )
    return Record("orders", partition, offset, timestamp, "CreateTime", key, data, tuple(headers))


def fits(text: str, of: Record) -> bool:
    found = filter_of(parse(text, NOW), of.partition)
    return found is not None and found.test(of)


@pytest.mark.parametrize(
    "text",
    [
        "failed",
        "FAILED",
        "customer-042",
        "trace-id",
        "4BF9 or 4bf9",
        "failed sku",
        "failed and not paid",
        '"Jürgen Groß"',
        "jürgen",
        "groß",
        "key:customer",
        "key = customer-042",
        "key != x",
        "key > 'customer'",
        "value:failed",
        "header:4bf9",
        "header:retry",
        "header.trace-id:4bf",
        "header.trace-id = 4bf92f",
        "header.retry = null",
        "header.none = null",
        "header.trace-id != null",
        "partition:3",
        "partition = 1,3",
        "partition:2..4",
        "partition != 4",
        "offset >= 1200",
        "offset:1000..1300",
        "offset < 1201",
        "size > 100",
        "size:1..10K",
        "size < 1M",
        "time:12:00",
        "time:2026-11-27",
        'time > "2h ago"',
        "time >= 2h",
        "time:today",
        "time:11:30..12:30",
        "time <= 2026-11-27T12:00:00Z",
        "time < 12:01",
        "value.id = 42",
        'value.id != "42"',
        "value.id > 41.5",
        "value.id = 40..50",
        "value.id != 1..5",
        "value.customer.id = c-7",
        "value.note = null",
        "value.missing = null",
        "value.missing != 1",
        "value.customer.vip = true",
        "value.customer.vip != false",
        "value.items[0].sku = a1",
        "value.items[-1].sku = b2",
        "value.items[*].sku = b2",
        "value.items[*].price > 10",
        'value.items[*]:"b2"',
        'value["a b"] = 1',
        'value."a b" = 1',
        "value.status:fail",
        "value.status:/^F.*D$/",
        "value.customer:c-7",
        "/cust\\w+-\\d{3}/",
        "/failed/i",
        "(paid or failed) and key:042",
        "NOT (paid OR x)",
        "value:/Gr.ß/",
        "value != null",
        "key:/^customer/ value.id:42",
    ],
)
def test_what_fits(text: str) -> None:
    assert fits(text, record())


@pytest.mark.parametrize(
    "text",
    [
        "Failed",
        "paid",
        "failed paid",
        "not failed",
        "key:failed",
        "key = customer",
        "key = null",
        "value:customer-042",
        "header:customer",
        "header.trace-id:customer",
        "header.trace-id = null",
        "partition:4",
        "partition:4..9",
        "offset > 1200",
        "offset:1..10",
        "size > 10K",
        "time:11:59",
        "time < 12:00",
        'time > "1m ago" time < 12:00',
        "time:yesterday",
        "value.id = 43",
        'value.id = "42"',
        "value.id < 42",
        "value.customer.id = C-7",
        "value.missing = 1",
        "value.missing > 0",
        "value.customer.vip = false",
        "value.items[2].sku = a1",
        "value.items.sku = a1",
        "value.items[*].sku = x",
        "/failed/",
        "value.id.x = 42",
        "value = null",
        "value.status > 5",
        "value.customer:zz",
    ],
)
def test_what_does_not_fit(text: str) -> None:
    assert not fits(text, record())


def test_null_and_what_is_no_json() -> None:
    tombstone = record(None, None, (), timestamp=None)
    assert all(fits(text, tombstone) for text in ("key = null", "value = null", "value.id = null", "size:0"))
    assert not any(
        fits(text, tombstone) for text in ("x", "time > 0:00", "time < 23:00", "value.id > 0", "key < x")
    )
    assert fits("value.id = null value:null", record(b"null"))
    assert not fits("value = null", record(b"null"))
    assert fits("value:deep not value.a = 1", record(b"[" * 100_000 + b"deep"))
    assert fits("key = 42 and key > 9 and key = 40..50", record(key=b"42"))
    assert not fits("key > 9", record(key=b"42x"))
    assert fits("value.n > 5", record(b'{"n": "6"}'))
    assert not fits("value.n = 6", record(b'{"n": "6.0"}'))
    assert fits("value.n = 6", record(b'{"n": 6.0}'))
    assert not fits("value.n > 5", record(b'{"n": ' + b"9" * 5000 + b"}"))  # Python reads no such number
    assert fits("ab", record(b"\xff\xfeAB"))


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("", 0, "empty"),
        ("foo:bar", 0, "there is no field foo"),
        ("(failed", 0, "this ( is not closed"),
        ("((a) b", 0, "this ( is not closed"),
        ("a)", 1, "no ( belongs to this )"),
        ("()", 1, "something is missing before this )"),
        ("failed or", 9, "something is missing here"),
        ("or failed", 0, 'something is missing before or; to look for the word, write "or"'),
        ("a and or b", 6, "something is missing before or"),
        ('key:"abc', 4, 'this " is not closed'),
        ("key:", 4, "what to compare with is missing"),
        ("= 5", 0, "before = stands a field"),
        ("a key:/(/", 7, "in the regular expression: missing )"),
        ("partition:x", 10, "partition is a number"),
        ("offset > 1e3", 9, "offset is a number"),
        ("size > big", 7, "size is in bytes"),
        ("time > 25:00", 7, "a time is written"),
        ("time > 2026-02-30", 7, "a time is written"),
        ("time:/x/", 5, "a time is written"),
        ("value.id > 1..5", 9, "a range stands after ="),
        ("value.id > null", 9, "null is neither more nor less"),
        ("value.id = /x/", 9, "a regular expression stands after a colon"),
        ("header = x", 0, "which header?"),
        ("header[0]:x", 0, "a header has no items"),
        ("offset.x = 1", 0, "offset has no members"),
        ("value[99999999999] = 1", 5, "no array has so many items"),
        ("(" * 60 + "a" + ")" * 60, 50, "more than 50 ( and not"),
        ("x" * 10_001, MOST_CHARACTERS, "at most 10,000 characters"),
        ("/(?P<n>a)(?P<n>b)/", 13, "in the regular expression: redefinition of group name"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, position: int, said: str) -> None:
    with pytest.raises(FilterError) as error:
        parse(text, NOW)
    assert (error.value.position, said in str(error.value)) == (position, True), str(error.value)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                [
                    "key",
                    "value",
                    "header",
                    ".a",
                    "[0]",
                    "[*]",
                    ":",
                    "=",
                    "!=",
                    "<",
                    ">",
                    "and",
                    "or",
                    "not",
                    "(",
                    ")",
                    '"',
                    "'",
                    "/",
                    "\\",
                    "..",
                    "1",
                    "x",
                    " ",
                    "time",
                    "size",
                    "2h",
                    "(?",
                    "*",
                    "-",
                    "\ud800",
                    "\x00",
                ]
            ),
            max_size=15,
        ).map("".join),
    )
)
def test_whatever_is_written_is_a_filter_or_its_own_error(text: str) -> None:
    try:
        parse(text, NOW)
    except FilterError as error:
        position = error.position
    else:
        return
    assert 0 <= position <= len(text)


def texts(of: Record, place: Place | None) -> list[bytes]:
    """What a text is looked for in: slow, and in the plainest way."""
    headers = [(name.encode(), value) for name, value in of.headers]
    if place is None:
        found = [of.key, of.value, *(part for header in headers for part in header)]
    elif place.field is Field.HEADER:
        wanted = None if place.header is None else place.header.encode()
        found = [part for name, value in headers for part in (name, value) if wanted is None]
        found += [value for name, value in headers if name == wanted]
    elif place.path:
        found = [
            (
                one if isinstance(one, str) else json.dumps(one, ensure_ascii=False, separators=(",", ":"))
            ).encode()
            for one in members(of, place)
        ]
    else:
        found = [of.key if place.field is Field.KEY else of.value]
    return [one for one in found if one is not None]


def members(of: Record, place: Place) -> list[Any]:
    data = of.key if place.field is Field.KEY else of.value
    try:
        values: list[Any] = [json.loads((data or b"").decode())]
    except ValueError:
        return []
    for step in place.path:
        following: list[Any] = []
        for value in values:
            if isinstance(step, str) and isinstance(value, dict):
                following += [value[step]] if step in value else []
            elif step is Every.ITEM and isinstance(value, list):
                following += value
            elif isinstance(step, int) and isinstance(value, list):
                following += (
                    value[step:][:1] if step >= 0 else value[step:][:1] if -step <= len(value) else []
                )
        values = following
    return values


def number(value: Any) -> float | int | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", value, re.A | re.I) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def holds(node: Node, of: Record) -> bool:
    """The slow second opinion."""
    if isinstance(node, Not):
        return not holds(node.part, of)
    if isinstance(node, All):
        return all(holds(part, of) for part in node.parts)
    if isinstance(node, AnyOf):
        return any(holds(part, of) for part in node.parts)
    if isinstance(node, Contains):
        wanted = node.text.encode()
        if not node.any_case:
            return any(wanted in data for data in texts(of, node.place))
        return any(
            node.text in data.decode("utf-8", "surrogateescape").lower()
            if not node.text.isascii()
            else wanted in data.lower()
            for data in texts(of, node.place)
        )
    if isinstance(node, Matches):
        flags = re.IGNORECASE if node.any_case else 0
        return any(
            re.search(node.pattern, data.decode("utf-8", "surrogateescape"), flags)
            for data in texts(of, node.place)
        )
    place = node.place
    if isinstance(node, Between):
        figures = {
            Field.PARTITION: of.partition,
            Field.OFFSET: of.offset,
            Field.TIME: of.timestamp,
            Field.SIZE: sum(len(data) for data in texts(of, None)),
        }
        if place.field in figures:
            found: list[Any] = [figures[place.field]]
        else:
            found = members(of, place) if place.path else list(texts(of, place))
        low, high = node.low, node.high
        return any(
            (one := number(value)) is not None
            and (low is None or one >= low)
            and (high is None or one <= high)
            for value in found
        )
    values = members(of, place) if place.path else list(texts(of, place))
    literal = node.literal
    if literal.constant == "null" and node.op is Op.EQUAL:
        return not values or None in values
    for value in values:
        text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
        if node.op is Op.EQUAL:
            same = isinstance(text, str) and text == literal.text
            if (
                place.path
                and literal.number is not None
                and number(value) is not None
                and not isinstance(value, str)
            ):
                same = value == literal.number
            if place.path and literal.constant in {"true", "false"} and isinstance(value, bool):
                same = value == (literal.constant == "true")
        else:
            mine: Any = (
                number(text) if literal.number is not None else text if isinstance(text, str) else None
            )
            other: Any = literal.number if literal.number is not None else literal.text
            same = mine is not None and {
                Op.LESS: lambda a, b: a < b,
                Op.AT_MOST: lambda a, b: a <= b,
                Op.MORE: lambda a, b: a > b,
                Op.AT_LEAST: lambda a, b: a >= b,
            }[node.op](mine, other)
        if same:
            return True
    return False


WORDS = st.sampled_from(["a", "ab", "B", "ü", "7", "42", "x", "a.b", "true", "null", "é", "\\", '"', "k"])
PLACES = st.sampled_from(
    [
        "key",
        "value",
        "header.h",
        "header.a",
        "value.a",
        "value.b.a",
        "value.l[0]",
        "value.l[*]",
        "value.l[-1].a",
        "key.a",
    ]
)


def quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


OPERANDS = st.one_of(WORDS.filter(lambda word: word[0] not in '\\"'), WORDS.map(quoted))
CONDITIONS = st.one_of(
    WORDS.map(quoted),
    st.builds("{}:{}".format, st.one_of(PLACES, st.just("header")), OPERANDS),
    st.builds("{} {} {}".format, PLACES, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), OPERANDS).filter(
        lambda text: not text.endswith((" true", " null")) or " = " in text or " != " in text
    ),
    st.builds("{} = {}..{}".format, PLACES, st.integers(-9, 50), st.integers(-9, 50)),
    st.builds("{}:{}".format, st.sampled_from(["partition", "offset", "size"]), st.integers(0, 60)),
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["partition", "offset", "size"]),
        st.sampled_from(["<", ">=", "!="]),
        st.integers(0, 60),
    ),
    st.builds(
        "{}/{}/{}".format,
        st.sampled_from(["", "key:", "value.a:"]),
        st.sampled_from(["a+", "^A", "[0-9]$", "ü"]),
        st.sampled_from(["", "i"]),
    ),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("not ({})".format, inner),
        st.builds("{} {}".format, inner, inner),
    ),
    max_leaves=6,
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-50, 50), st.sampled_from([7.0, 42.5]), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "l", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
BYTES = st.one_of(
    st.none(),
    WORDS.map(str.encode),
    st.text(alphabet='abAB7ü\\"', max_size=8).map(str.encode),
    st.binary(max_size=6),
    st.builds(lambda value, plain: json.dumps(value, ensure_ascii=plain).encode(), JSON, st.booleans()),
)
RECORDS = st.builds(
    lambda key, value, headers, partition, offset: Record(
        "t", partition, offset, 7, None, key, value, tuple(headers)
    ),
    BYTES,
    BYTES,
    st.lists(st.tuples(st.sampled_from(["h", "a", "ü"]), BYTES), max_size=2),
    st.integers(0, 3),
    st.integers(0, 60),
)


def payload(*records: Record) -> Payload:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, 0, 0, 10**6)
    for number_, one in enumerate(records):
        builder.append(number_, 1, one.key, one.value, list(one.headers))
    return Payload(bytes(builder.build())[61:])


@settings(max_examples=1500, deadline=None)
@given(FILTERS, st.lists(RECORDS, min_size=1, max_size=5))
def test_a_compiled_filter_is_the_slow_second_opinion(text: str, records: list[Record]) -> None:
    node = parse(text, NOW)
    for one in records:
        compiled = filter_of(node, one.partition)
        said = compiled is not None and compiled.test(one)
        assert said == holds(node, one), (text, one)
        if said and compiled is not None:  # no batch with such a record is left out
            assert compiled.check is None or compiled.check(payload(*records))
            assert compiled.first is None or one.offset >= compiled.first
            assert compiled.last is None or one.offset <= compiled.last


def test_partitions_and_offsets_that_cannot_fit_are_known() -> None:
    node = parse("partition:1..2 and (offset >= 100 and offset:0..500) and failed", NOW)
    assert filter_of(node, 3) is None
    found = filter_of(node, 2)
    assert found is not None
    assert (found.first, found.last) == (100, 500)
    assert filter_of(parse("not partition:1", NOW), 1) is None
    everything = filter_of(parse("partition:1 or failed", NOW), 1)
    assert everything is not None
    assert everything.test(record(None))


def test_a_batch_without_the_text_is_not_unpacked() -> None:
    batch = payload(record(), record(b"\xff"))

    def may(text: str) -> bool:
        check = getattr(filter_of(parse(text, NOW), 0), "check", None)
        return check is None or check(batch)

    fit = (
        "failed",
        "FAILED",
        "key:customer",
        "value.customer.id = c-7",
        "value.id > 5",
        "not paid",
        "paid or failed",
        "/x/",
        "value.none = null",
        "header.trace-id:4b",
        "jürgen",
    )
    assert all(map(may, fit))
    none = (
        "paid",
        "Failed",
        "key:paid",
        'value.status = "paid"',
        "value.total > 5",
        "paid failed",
        "paid or total",
        "header.none:4b",
        "key = x9",
        "value.none:1",
    )
    assert not any(map(may, none))
    escaped = payload(record(b'{"status": "f\\u0061iled"}'))
    check = getattr(filter_of(parse('value.status = "failed"', NOW), 0), "check", None)
    assert check is not None
    assert check(escaped)
    assert fits('value.status = "failed"', record(b'{"status": "f\\u0061iled"}'))
