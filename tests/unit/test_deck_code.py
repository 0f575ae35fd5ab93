"""Which lines of which program a key ran."""

import ast

import pytest

from kafkatui.deck.code import lines_of
from kafkatui.deck.state import Protocol
from kafkatui.domain.deck.acts import Act

NOTHING_RAN = {Act.CRASH, Act.FREEZE, Act.RESTORE, Act.KILL_BROKER, Act.STOP_BROKER, Act.START_BROKER}


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
@pytest.mark.parametrize("act", Act)
def test_every_act_has_lines_or_says_why_there_are_none(act: Act, protocol: Protocol) -> None:
    excerpt = lines_of(act, protocol)
    ast.parse(excerpt.source)
    if act in NOTHING_RAN:
        assert (excerpt.first, excerpt.last) == (None, None)
        assert excerpt.why.startswith(("Not a line ran", "No line of these programs ran"))
    else:
        assert excerpt.first is not None
        assert excerpt.last is not None
        assert 1 <= excerpt.first < excerpt.last <= len(excerpt.source.splitlines())


@pytest.mark.parametrize(
    ("act", "protocol", "file", "first"),
    [
        (Act.JOIN, "classic", "actors/consumer.py", "async def consume("),
        (Act.JOIN, "consumer", "actors/new_consumer.py", "def consume("),
        (Act.LEAVE, "classic", "actors/consumer.py", "async def leave("),
        (Act.SLOW, "classic", "actors/consumer.py", "    async def on_partitions_revoked("),
        (Act.SLOW, "consumer", "actors/new_consumer.py", "    def on_revoke("),
        (Act.THAW, "classic", "actors/consumer.py", "class Listener("),
        (Act.STUCK, "classic", "actors/consumer.py", "async def get_stuck("),
        (Act.STATIC, "classic", "actors/consumer.py", "def make_consumer("),
        (Act.FASTER, "consumer", "actors/writer.py", "async def write("),
    ],
)
def test_the_lines_begin_with_the_function_that_ran(
    act: Act, protocol: Protocol, file: str, first: str
) -> None:
    excerpt = lines_of(act, protocol)
    assert excerpt.file == file
    assert excerpt.first is not None
    assert excerpt.source.splitlines()[excerpt.first - 1].startswith(first)
