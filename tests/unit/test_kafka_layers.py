"""Modules of `kafkatui.kafka` do not import each other in a circle, not for types and not inside functions
either."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import kafkatui.kafka

PACKAGE = "kafkatui.kafka"


def imported(source: str) -> set[str]:
    """Modules of the package that `source` imports anywhere, by their last names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.removeprefix(f"{PACKAGE}.") for name in names if name.startswith(f"{PACKAGE}.")}


def test_no_modules_import_each_other_in_a_circle() -> None:
    (folder,) = kafkatui.kafka.__path__
    modules = {path.stem: path.read_text() for path in Path(folder).glob("*.py")}
    graph = {name: imported(source) & modules.keys() for name, source in modules.items()}
    assert {"brokers", "requests"} <= graph["asker"]
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError
    assert order.index("asker") < order.index("connection")
