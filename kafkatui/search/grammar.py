"""The filter language: text to `kafkatui.search.nodes`.

lark does the grammar; it is imported with the first filter, for that takes a tenth of a second.
"""

import functools
import re
import warnings
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kafkatui.errors import FilterError
from kafkatui.search.moments import Span, span_of
from kafkatui.search.nodes import (
    All,
    AnyOf,
    Between,
    Compares,
    Contains,
    Every,
    Field,
    Literal,
    Matches,
    Node,
    Not,
    Op,
    Place,
    Step,
)
from kafkatui.search.numbers import WRITTEN, number_of

if TYPE_CHECKING:
    from lark import Lark, Token

MOST_CHARACTERS = 10_000
"""How long a filter may be."""
DEEPEST = 50
"""How many parentheses and ``not`` may stand inside each other."""

GRAMMAR = r"""
start: any_of
any_of: all_of (OR all_of)*
all_of: negated (AND? negated)*
negated: NOT negated -> negated
    | LEFT any_of RIGHT -> inner
    | (WORD | STRING | REGEX) -> anywhere
    | FIELD OP (OPERAND | STRING | REGEX) -> condition

LEFT: "("
RIGHT: ")"
AND.9: /(?:and|AND)(?![^\s()])/
OR.9: /(?:or|OR)(?![^\s()])/
NOT.9: /(?:not|NOT)(?![^\s()])/
OP.8: /!=|<=|>=|[:=<>]/
STRING.7: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/s
REGEX.7: /\/(?:[^\/\\]|\\.)+\/i?(?=[\s)]|$)/s
FIELD.6: /[A-Za-z_][\w-]*/ STEP* /(?=\s*(?:!=|[:=<>]))/
STEP: "." (/[^\s()"'=<>!:.\[\]]+/ | QUOTED) | "[" (/-?\d+|\*/ | QUOTED) "]"
QUOTED: /"(?:[^"\\]|\\.)*"/s
OPERAND.5: /[^\s()"'][^\s()"]*/
WORD.4: /(?!(?:and|AND|or|OR|not|NOT)(?:[\s()]|$))[^\s()"':=<>!][^\s()":=<>!]*|![^\s()":=<>!]+/
%ignore /\s+/
"""
_STEP = re.compile(r'\.([^\s()"\'=<>!:.\[\]]+)|\.("(?:[^"\\]|\\.)*")|\[(-?\d+|\*|"(?:[^"\\]|\\.)*")\]')
_WHOLE = re.compile(r"\d{1,19}", re.ASCII)
_SIZE = re.compile(r"(\d{1,15})([KMG]?)(?:I?B)?", re.ASCII)
_CONSTANTS = ("null", "true", "false")
_NUMBERS = frozenset({Field.PARTITION, Field.OFFSET, Field.SIZE, Field.TIME})
_EXAMPLES = {
    Field.PARTITION: "partition is a number: partition:3, partition:0..5 or partition:1,4",
    Field.OFFSET: "offset is a number: offset >= 1200 or offset:100..200",
    Field.SIZE: "size is in bytes: size > 500, size >= 10K or size:1M..2M",
    Field.TIME: 'a time is written 14:00, 2026-11-27T14:00, yesterday, 2h, "2h ago" or 13:00..14:00',
}


def parse(text: str, now: datetime | None = None) -> Node:
    """The filter in `text`. `now`: what ``2h ago`` counts from, with a time zone; ``None``: now, in the
    zone of this machine. Raises `FilterError`.
    """
    if len(text) > MOST_CHARACTERS:
        raise FilterError(f"a filter has at most {MOST_CHARACTERS:,} characters", MOST_CHARACTERS)
    if not text.strip():
        raise FilterError("the filter is empty: write a word to look for", 0)
    from lark.exceptions import UnexpectedInput, VisitError

    try:
        tree = _parser().parse(text)
        return _Reader(now or datetime.now().astimezone()).node(tree, 0)
    except UnexpectedInput as error:
        raise _mistake(text, error) from None
    except VisitError as error:
        raise error.orig_exc from None


@functools.cache
def _parser() -> "Lark":
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False)


def _mistake(text: str, error: Any) -> FilterError:
    """What is wrong, in words, from what the parser did not expect."""
    token = getattr(error, "token", None)
    position = len(text.rstrip())
    if token is None:
        position = error.pos_in_stream
    elif token.type != "$END":
        position = token.start_pos
    expected = set(getattr(error, "expected", None) or getattr(error, "allowed", None) or ())
    found = text[position : position + 1]
    if not found:
        if "RIGHT" in expected:
            return FilterError("this ( is not closed by a )", _unclosed(text))
        if "OPERAND" in expected:
            return FilterError("what to compare with is missing here", position)
        return FilterError("something is missing here: a word to look for, or a comparison", position)
    if found in "\"'":
        return FilterError(f"this {found} is not closed", position)
    if found == ")":
        fits = "RIGHT" in expected or "(" in text[:position]
        return FilterError(
            "something is missing before this )" if fits else "no ( belongs to this )", position
        )
    if found in ":=<>!":
        return FilterError(f"before {found} stands a field: {FIELDS}; or put the text in quotes", position)
    if keyword := re.match(r"(?:and|or|not)\b", text[position:], re.IGNORECASE):
        word = keyword[0]
        return FilterError(
            f'something is missing before {word}; to look for the word, write "{word}"', position
        )
    return FilterError("this is not understood here; a text with such signs is put in quotes", position)


FIELDS = "key, value, header.NAME, partition, offset, time, size, or a path like value.customer.id"


def _unclosed(text: str) -> int:
    """The position of the innermost parenthesis that is not closed."""
    opened: list[int] = []
    for token in _parser().lex(text):
        if token == "(":
            opened.append(token.start_pos or 0)
        elif token == ")" and opened:
            opened.pop()
    return opened[-1] if opened else len(text)


class _Reader:
    """Makes nodes of lark's tree."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def node(self, tree: Any, depth: int) -> Node:
        match tree.data:
            case "start":
                return self.node(tree.children[0], depth)
            case "any_of" | "all_of":
                parts = tuple(self.node(child, depth) for child in tree.children if hasattr(child, "data"))
                if len(parts) == 1:
                    return parts[0]
                return AnyOf(parts) if tree.data == "any_of" else All(parts)
            case "negated" | "inner":
                first = tree.children[0]
                if depth >= DEEPEST:
                    raise FilterError(
                        f"more than {DEEPEST} ( and not stand inside each other", first.start_pos
                    )
                inner = self.node(tree.children[1], depth + 1)
                return Not(inner) if tree.data == "negated" else inner
            case "anywhere":
                return _text(tree.children[0], None)
        return self._condition(*tree.children)

    def _condition(self, field: "Token", op: "Token", operand: "Token") -> Node:
        place, relation = _place(field), Op(str(op))
        if place.field in _NUMBERS:
            return self._figure(place, relation, operand)
        if relation is Op.HAS:
            return _text(operand, place)
        if operand.type == "REGEX":
            raise FilterError(
                "a regular expression stands after a colon: key:/…/", op.start_pos or 0, len(op)
            )
        if place.field is Field.HEADER and place.header is None:
            raise FilterError(
                "which header? write header.NAME, or header: for all of them", field.start_pos or 0
            )
        literal = _literal(operand)
        low, dots, high = literal.text.partition("..")
        if operand.type == "OPERAND" and dots and WRITTEN.fullmatch(low) and WRITTEN.fullmatch(high):
            if relation not in {Op.EQUAL, Op.OTHER}:
                raise FilterError("a range stands after =", op.start_pos or 0, len(op))
            inside = Between(place, number_of(low), number_of(high))
            return Not(inside) if relation is Op.OTHER else inside
        if relation is Op.OTHER:
            return Not(Compares(place, Op.EQUAL, literal))
        if literal.constant is not None and relation is not Op.EQUAL:
            raise FilterError(
                f"{literal.text} is neither more nor less: use = or !=", op.start_pos or 0, len(op)
            )
        return Compares(place, relation, literal)

    def _figure(self, place: Place, op: Op, operand: "Token") -> Node:
        """A condition on partition, offset, size or time."""
        text = _unquoted(operand) if operand.type == "STRING" else str(operand)
        if operand.type == "REGEX":
            raise FilterError(_EXAMPLES[place.field], operand.start_pos or 0, len(operand))
        if op in {Op.HAS, Op.EQUAL, Op.OTHER}:
            inside = tuple(self._inside(place, part, operand) for part in text.split(","))
            node: Node = inside[0] if len(inside) == 1 else AnyOf(inside)
            return Not(node) if op is Op.OTHER else node
        first, last = self._span(place.field, text, operand)
        match op:
            case Op.LESS:
                return Between(place, None, first - 1)
            case Op.AT_MOST:
                return Between(place, None, last)
            case Op.MORE:
                return Between(place, last + 1, None)
        return Between(place, first, None)

    def _inside(self, place: Place, text: str, operand: "Token") -> Between:
        low, dots, high = text.partition("..")
        first, last = self._span(place.field, low, operand)
        return Between(place, first, self._span(place.field, high, operand).last if dots else last)

    def _span(self, field: Field, text: str, operand: "Token") -> Span:
        if field is Field.TIME:
            span = span_of(text, self._now)
        elif field is Field.SIZE:
            found = _SIZE.fullmatch(text.strip().upper())
            size = int(found[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[found[2]] if found else 0
            span = Span(size, size) if found else None
        else:
            whole = _WHOLE.fullmatch(text.strip())
            span = Span(int(whole[0]), int(whole[0])) if whole else None
        if span is None:
            raise FilterError(_EXAMPLES[field], operand.start_pos or 0, len(operand))
        return span


def _place(token: "Token") -> Place:
    """The place that a field names. Raises `FilterError`."""
    text, at = str(token), token.start_pos or 0
    name = re.match(r"[\w-]+", text)
    word = name[0] if name else text
    try:
        field = Field(word)
    except ValueError:
        raise FilterError(
            f"there is no field {word}: there are {FIELDS}; a text with : or = is put in quotes",
            at,
            len(word),
        ) from None
    steps: list[Step] = []
    for found in _STEP.finditer(text, len(word)):
        plain, quoted, index = found.groups()
        if plain is not None:
            steps.append(plain)
        elif quoted is not None or index.startswith('"'):
            steps.append(_unescaped((quoted or index)[1:-1]))
        elif len(index) > 9:
            raise FilterError("no array has so many items", at + found.start(), len(found[0]))
        else:
            steps.append(Every.ITEM if index == "*" else int(index))
    if field is Field.HEADER:
        if not all(isinstance(step, str) for step in steps):
            raise FilterError("a header has no items: write header.NAME", at, len(text))
        # the name of a header may itself have dots
        return Place(field, ".".join(map(str, steps)) if steps else None)
    if steps and field in _NUMBERS:
        raise FilterError(f"{word} has no members: {_EXAMPLES[field]}", at, len(text))
    return Place(field, None, tuple(steps))


def _text(token: "Token", place: Place | None) -> Contains | Matches:
    if token.type != "REGEX":
        return Contains(_unquoted(token) if token.type == "STRING" else str(token), place)
    whole = str(token)
    any_case = whole.endswith("i")
    pattern = whole[1 : -2 if any_case else -1]
    try:
        regex(pattern, any_case)
    except re.error as error:
        at = (token.start_pos or 0) + 1 + (error.pos or 0)
        raise FilterError(f"in the regular expression: {error.msg}", at) from None
    except (OverflowError, RecursionError, ValueError):
        raise FilterError("this regular expression is too large", token.start_pos or 0, len(token)) from None
    return Matches(pattern, any_case, place)


def regex(pattern: str, any_case: bool) -> re.Pattern[str]:
    """The compiled regular expression. Raises `re.error`, `OverflowError`, `RecursionError`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of signs that a later Python may read in another way
        return re.compile(pattern, re.IGNORECASE if any_case else 0)


def _literal(token: "Token") -> Literal:
    if token.type == "STRING":
        return Literal(_unquoted(token))
    text = str(token)
    number = number_of(text) if WRITTEN.fullmatch(text) else None
    return Literal(text, number, text if text in _CONSTANTS else None)


def _unquoted(token: "Token") -> str:
    return _unescaped(str(token)[1:-1])


def _unescaped(text: str) -> str:
    r"""The text with ``\x`` replaced by ``x``; ``\n`` and ``\t`` are a line feed and a tab."""
    return re.sub(
        r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text, flags=re.DOTALL
    )
