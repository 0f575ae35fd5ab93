"""The lines of a consumer's program that a key of the deck ran, from its source file, which is not
imported."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kafkatui import actors
from kafkatui.deck.process import CONSUMER, NEW_CONSUMER, WRITER
from kafkatui.deck.state import Protocol
from kafkatui.domain.deck.acts import Act


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a program's source."""

    file: str
    """The path of the source file inside kafkatui."""
    source: str
    first: int | None = None
    """The number of the first line, counted from 1; ``None``: no code ran, and `why` says why."""
    last: int | None = None
    why: str = ""


def lines_of(act: Act, protocol: Protocol) -> Excerpt:
    """The lines that an act runs in a consumer, in a group of this protocol."""
    code = act.key.code
    if code.writer:
        return excerpt(_file(WRITER), code.writer, code.why)
    if protocol == "classic":
        return excerpt(_file(CONSUMER), code.classic, code.why)
    return excerpt(_file(NEW_CONSUMER), code.consumer, code.why)


def _file(module: str) -> str:
    return f"{module.rpartition('.')[2]}.py"


def excerpt(file: str, names: Sequence[str], why: str = "") -> Excerpt:
    """The lines of a file of `kafkatui.actors` from the first to the last of the functions `names`."""
    source = (Path(actors.__path__[0]) / file).read_text(encoding="utf-8")
    if not names:
        return Excerpt(f"actors/{file}", source, why=why)
    tree = ast.parse(source)
    found = [_find(tree, name) for name in names]
    return Excerpt(
        f"actors/{file}",
        source,
        min(node.lineno for node in found),
        max(node.end_lineno or node.lineno for node in found),
        why,
    )


def _find(tree: ast.AST, name: str) -> ast.stmt:
    """The function or class `name` in `tree`; ``Class.method`` is the method of a class."""
    outer, _, inner = name.partition(".")
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == outer:
            return _find(node, inner) if inner else node
    raise LookupError(name)
