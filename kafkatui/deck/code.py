"""The lines of a program that a key of the deck ran: from its real source, which is read and not imported."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kafkatui import actors
from kafkatui.deck.process import CONSUMER, NEW_CONSUMER, WRITER
from kafkatui.deck.state import Protocol
from kafkatui.domain.deck.deeds import Act

MEMBER: Mapping[Act, Mapping[Protocol, Sequence[str]]] = {
    Act.JOIN: {"classic": ("consume", "introduce"), "consumer": ("consume", "introduce")},
    Act.LEAVE: {"classic": ("leave",), "consumer": ("leave",)},
    Act.THAW: {"classic": ("Listener",), "consumer": ("Listener.on_lost", "Listener.commit")},
    Act.STUCK: {"classic": ("get_stuck",), "consumer": ("get_stuck",)},
    Act.ASSIGNOR: {"classic": ("introduce", "assignor"), "consumer": ("introduce",)},
    Act.STATIC: {"classic": ("introduce",), "consumer": ("introduce",)},
    Act.SLOW: {
        "classic": ("Listener.on_partitions_revoked",),
        "consumer": ("Listener.on_revoke",),
    },
    Act.PARTITION: {"classic": ("Listener",), "consumer": ("Listener",)},
    Act.PROTOCOL: {"classic": ("consume", "introduce"), "consumer": ("consume", "introduce")},
}
"""Functions of the consumer that an act ran, from the first to the last."""

WHY: Mapping[Act, str] = {
    Act.CRASH: "Not a line ran: SIGKILL asks nobody. No commit, no LeaveGroup: the session has to end.",
    Act.FREEZE: "Not a line ran: SIGSTOP stops the whole process, its heartbeats too.",
    Act.THAW: "It goes on where it stood. If its session is over, its heartbeat is refused, and this runs.",
    Act.PARTITION: "kafkatui asked for the partition; the group rebalances as soon as its members see it.",
    Act.RESTORE: "Not a line ran: all processes were killed, and kafkatui removed them from the group.",
    Act.KILL_BROKER: "No line of these programs ran: their clients look for the new leaders by themselves.",
    Act.STOP_BROKER: "No line of these programs ran: their clients look for the new leaders by themselves.",
    Act.START_BROKER: "No line of these programs ran: their clients find the broker by themselves.",
}
"""What the lines alone do not tell."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A program, and which of its lines ran."""

    file: str
    """Its path inside kafkatui."""
    source: str
    first: int | None = None
    """The first line that ran, counted from 1; ``None``: none did, and `why` says so."""
    last: int | None = None
    why: str = ""


def lines_of(act: Act, protocol: Protocol) -> Excerpt:
    """What an act ran, in a group of this protocol."""
    if act in (Act.SLOWER, Act.FASTER):
        return _excerpt(WRITER, ("write",), "")
    module = CONSUMER if protocol == "classic" else NEW_CONSUMER
    names = MEMBER[act][protocol] if act in MEMBER else ()
    return _excerpt(module, names, WHY.get(act, ""))


def _excerpt(module: str, names: Sequence[str], why: str) -> Excerpt:
    file = f"{module.rpartition('.')[2]}.py"
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
    """The function or class of that name, inside a class behind a dot."""
    outer, _, inner = name.partition(".")
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == outer:
            return _find(node, inner) if inner else node
    raise LookupError(name)
