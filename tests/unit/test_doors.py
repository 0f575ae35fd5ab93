"""Each way by which a text leaves the program past its widgets is one function, and that makes it printable.

A file that writes past these fails here: to standard output or error, a notice, the log, the message of a
crash. What widgets draw is held by `tests/ui/test_terminal_bytes.py`; for what they forget there is
`PrintableFilter`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import kafkatui

ROOT = Path(kafkatui.__file__).parent

DOORS = {
    # the others are programs of their own: they write JSON to the pipe of whoever started them
    "a standard stream": {"console.py", "local/keeper.py", "local/fetch.py", "actors/program.py"},
    "a descriptor": {"logfile.py", "local/keeper.py"},
    "a handler of the log": {"logfile.py"},
    "Textual's notices": {"terminal.py"},
    "Textual's crash": {"terminal.py"},
    "Textual's farewell": set(),
    "markup in a notice": set(),
}
"""By what is used: the only files that may."""

ATTRIBUTES = {
    **dict.fromkeys(("sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"), "a standard stream"),
    **dict.fromkeys(
        ("logging.StreamHandler", "logging.FileHandler", "logging.Handler"), "a handler of the log"
    ),
    "super().notify": "Textual's notices",
    "super().panic": "Textual's crash",
}
FUNCTIONS = {
    **dict.fromkeys(("print", "warnings.warn", "traceback.print_exc", "input"), "a standard stream"),
    "os.write": "a descriptor",
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def uses(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What of `DOORS` is used, and in which line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (what := ATTRIBUTES.get(ast.unparse(node))):
            yield what, node.lineno
        elif isinstance(node, ast.Call):
            name, named = ast.unparse(node.func), {keyword.arg for keyword in node.keywords}
            if what := FUNCTIONS.get(name):
                yield what, node.lineno
            elif name.endswith(".notify") and name != "super().notify" and "markup" in named:
                yield "markup in a notice", node.lineno
            elif name.endswith(".exit") and not name.startswith("sys") and "message" in named:
                yield "Textual's farewell", node.lineno


def test_nobody_writes_past_the_doors() -> None:
    past = [
        f"{name}:{line}: {what}"
        for name, tree in modules()
        for what, line in uses(tree)
        if name not in DOORS[what]
    ]
    assert past == []


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("print(name)", "a standard stream"),
        ("sys.stderr.write(name)", "a standard stream"),
        ("print(name, file=sys.__stdout__)", "a standard stream"),
        ("os.write(2, name)", "a descriptor"),
        ("logging.StreamHandler()", "a handler of the log"),
        ("super().notify(name)", "Textual's notices"),
        ("super().panic(name)", "Textual's crash"),
        ("self.notify(name, markup=True)", "markup in a notice"),
        ("self.app.exit(message=name)", "Textual's farewell"),
    ],
)
def test_the_search_finds(code: str, what: str) -> None:
    assert what in {found for found, _ in uses(ast.parse(code))}


@pytest.mark.parametrize("what", DOORS)
def test_a_file_that_needs_no_door_any_more_is_off_the_list(what: str) -> None:
    assert {name for name, tree in modules() for found, _ in uses(tree) if found == what} == DOORS[what]
