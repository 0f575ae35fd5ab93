"""The commands without a screen: what they say, and with which exit code. Real clusters are in the
integration tests.
"""

import asyncio
import json
import re
import threading
from argparse import ArgumentTypeError, Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kafkatui import console
from kafkatui.cli import check, news
from kafkatui.cli.headless import write
from kafkatui.cli.main import WITHOUT_SCREEN, main
from kafkatui.cli.options import command_among, seconds_up_to
from kafkatui.cli.report import About, facts
from kafkatui.cli.sentences import sentences
from kafkatui.domain.cluster.groups import ClusterGroups, Member
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.problems import Problem
from kafkatui.watch.model import Model
from kafkatui.watch.view import ClusterView
from tests.faults import coded
from tests.group_builders import classic, member
from tests.json_schema import faults, schema
from tests.ui.streams import shop_groups, shop_topics

DOCS = (Path(__file__).parents[2] / "docs" / "headless.md").read_text()


def looked(*looks: float) -> ClusterView:
    """The view after looks at these seconds; at each, ten records more were written and read."""
    now = 0.0
    model = Model(lambda: now)
    for number, now in enumerate(looks):
        less = 10 * (len(looks) - number)
        topics, groups = shop_topics(now, less=less), shop_groups(now - 1, less=less)
        groups = replace(groups, commits_taken_at=now - 1)
        model.take_groups(Reading(groups, taken_at=now - 0.5))
        model.take_topics(Reading(topics, taken_at=now))
        for _ in model.digest():
            pass
    return model.view


def keys(found: object) -> set[str]:
    if isinstance(found, list):
        return set().union(*map(keys, found))
    return set(found) | keys(list(found.values())) if isinstance(found, dict) else set()


def test_every_field_of_the_json_is_documented() -> None:
    told = json.loads(json.dumps(facts(looked(10.0, 20.0, 30.0), 30.0, 31.0)))
    assert told["groups"][0]["topics"]
    assert keys(told) <= set(re.findall("`([a-z_]+)`", DOCS))
    assert faults(told, schema("status.schema.json")) == []
    assert faults(facts(ClusterView(), 0.0, 1.0), schema("status.schema.json")) == []


@pytest.mark.parametrize("name", ["status.schema.json", "watch.schema.json"])
def test_the_schemas_say_what_each_field_means(name: str) -> None:
    def described(of: dict[str, Any]) -> None:
        for field, one in of.get("properties", {}).items():
            assert one["description"], field
            assert f"`{field}`" in DOCS, field
            described(one)
            described(one.get("items", {}))

    described(schema(name))


def test_what_is_not_known_is_null_and_said() -> None:
    told = facts(ClusterView(), 0.0, 1.0)
    assert told["cluster"]["topics"] is None
    assert told["not_known"] == ["no group is judged yet"]
    told = facts(looked(10.0), 1.0, 11.0)
    (group,) = told["groups"]
    assert (group["lag"], group["verdict"], group["topics"][0]["rate_in"]) == (60, None, None)
    assert told["not_known"] == ["1 of 1 groups are not judged yet: look longer"]


def test_the_sentences() -> None:
    view = looked(*(10.0 + 6 * number for number in range(8)))
    lines = sentences(view, 42.0, 60.0)
    assert lines[0] == "1 of 1 broker, Kafka 4.1, 5 topics; looked for 42 s"
    assert lines[1] == "● all well"
    row = ["●", "billing", "classic", "Stable", "2", "1", "60", "~8.0s", "keeping", "up"]
    assert lines[-1].split() == row
    lines = sentences(view, 42.0, 60.0, About(topic="orders"), ascii_only=True)
    assert lines[1] == "o no problem is known"
    assert lines[-1].split()[:5] == ["o", "billing", "orders", "6", "60"]
    assert all(line.isascii() for line in lines)


def test_only_the_worst_problems_and_groups_are_written() -> None:
    view = looked(*(10.0 + 6 * number for number in range(8)))
    row = view.groups.rows["billing"]
    rows = {f"g{number:03}": replace(row, group=f"g{number:03}") for number in range(130)}
    problems = tuple(Problem(Mark.BROKEN, None, name, "stuck", 1.0) for name in rows)
    view = replace(view, groups=replace(view.groups, rows=rows), problems=problems)
    lines = sentences(view, 42.0, 60.0)
    assert "  and 110 other problems: --all writes them" in lines
    assert lines[-1] == "   and 30 other groups: --all writes them"
    assert sum("g129" in line for line in sentences(view, 42.0, 60.0, whole=True)) == 2


def test_only_one_group_or_one_topic() -> None:
    view = looked(*(10.0 + 6 * number for number in range(8)))
    (group,) = facts(view, 1.0, 60.0, About("billing", "orders"))["groups"]
    assert [one["topic"] for one in group["topics"]] == ["orders"]
    assert facts(view, 1.0, 60.0, About(topic="clicks"))["groups"] == []
    assert facts(view, 1.0, 60.0, About("nobody"))["groups"] == []


@pytest.mark.parametrize(
    ("limits", "oldest", "code", "said"),
    [
        ({}, None, 0, "OK - billing: keeping up on orders, lag 60 | lag=60;;;0"),
        ({"max_lag": 60}, None, 0, "OK - billing: keeping up on orders, lag 60 | lag=60;;60;0"),
        (
            {"max_lag": 59},
            None,
            2,
            "CRITICAL - billing: keeping up on orders, lag 60, more than 59 | lag=60;;59;0",
        ),
        (
            {"max_age": 9.0},
            8.0,
            0,
            "OK - billing: keeping up on orders, lag 60, oldest unread record 8.0s old",
        ),
        ({"max_age": 7.0}, 8.0, 2, "more than 7 s | lag=60;;;0 age=8.0s;;7;0"),
        (
            {"max_age": 7.0},
            None,
            3,
            "UNKNOWN - billing: keeping up on orders, lag 60, age not known | lag=60;;;0",
        ),
        ({"max_age": 7.0, "max_lag": 1}, None, 2, "age not known"),
        ({"warn_lag": 59}, None, 1, "lag 60, more than 59 | lag=60;59;;0"),
        ({"warn_lag": 10, "max_lag": 59}, None, 2, "lag 60, more than 59 | lag=60;10;59;0"),
        ({"warn_age": 7.0, "max_age": 9.0}, 8.0, 1, "8.0s old, more than 7 s | lag=60;;;0 age=8.0s;7;9;0"),
        ({"topic": "clicks"}, None, 3, "UNKNOWN - billing: it reads no topic, or not this one"),
    ],
)
def test_check(
    limits: dict[str, object],
    oldest: float | None,
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    view = looked(*(10.0 + 6 * number for number in range(8)))
    arguments = Namespace(**dict.fromkeys(("topic", "max_lag", "max_age", "warn_lag", "warn_age")) | limits)
    assert check._judge(view, view.groups.rows["billing"], oldest, arguments) == code
    out = capsys.readouterr().out
    assert said in out
    assert out.count("\n") == 1


def test_watch_tells_a_problem_when_it_begins_and_when_it_ends() -> None:
    lines = news.News(None)
    well = looked(*(10.0 + 6 * number for number in range(8)))
    assert list(lines.lines(well, 60.0)) == []
    lost = {"billing": replace(well.groups.value.commits["billing"], offsets={})} if well.groups.value else {}
    assert lost
    model = Model(lambda: 100.0)
    groups = replace(shop_groups(98.0), commits_taken_at=98.0)
    beyond = dict.fromkeys(groups.commits["billing"].offsets, 500)
    groups = replace(groups, commits={"billing": replace(groups.commits["billing"], offsets=beyond)})
    model.take_groups(Reading(groups, taken_at=99.0))
    model.take_topics(Reading(shop_topics(100.0), taken_at=100.0))
    for _ in model.digest():
        pass
    (begun,) = lines.lines(model.view, 100.0)
    assert (begun["event"], begun["group"], begun["topic"]) == ("problem begins", "billing", "orders")
    assert list(lines.lines(model.view, 101.0)) == []
    (ended,) = lines.lines(well, 102.0)
    assert (ended["event"], ended["severity"]) == ("problem ends", begun["severity"])
    assert (begun["kind"], begun["at_start"], ended["lasted_seconds"]) == ("beyond", False, 2.0)
    for line in (begun, ended):
        assert faults(line, schema("watch.schema.json")) == []


def test_watch_says_a_rebalance_ended_when_it_no_longer_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "iso", lambda at, now: f"at {at}")
    now = 10.0
    model = Model(lambda: now)

    def look(at: float, *members: Member, state: str = "Stable") -> None:
        nonlocal now
        now = at
        group = replace(classic(*members, state=state), described_at=at)
        model.take_groups(Reading(ClusterGroups((group,), listed_at=at), taken_at=at))
        model.take_topics(Reading(shop_topics(at), taken_at=at))
        for _ in model.digest():
            pass

    evil = member("c2\x1b[2J", 3, 4, 5)
    look(11.0, member("c1", 0, 1, 2, 3, 4, 5))
    found = news.News(None, began=10.5)
    assert [one for one in found.lines(model.view, 11.0) if one["group"]] == []
    look(12.0, member("c1", subscription=None), state="PreparingRebalance")
    (begun,) = [one for one in found.lines(model.view, 12.0) if "rebalance" in one["event"]]
    assert begun["event"] == "rebalance begins"
    look(13.0, member("c1", 0, 1, 2), evil)
    look(14.0, member("c1", 0, 1, 2), evil)
    assert [one for one in found.lines(model.view, 14.0) if "rebalance" in one["event"]] == []
    (ended,) = [one for one in found.lines(model.view, 15.1) if "rebalance" in one["event"]]
    assert (ended["event"], ended["joined"], ended["moved"]) == ("rebalance ends", ["c2\x1b[2J"], 3)
    assert (begun["time"], ended["time"]) == ("at 12.0", "at 13.0")
    assert ended["sentence"].startswith("billing: c2␛[2J joined")
    assert [one for one in found.lines(model.view, 17.0) if "rebalance" in one["event"]] == []
    for line in (begun, ended):
        assert faults(line, schema("watch.schema.json")) == []


def test_watch_says_when_looks_fail() -> None:
    found = news.News(None)
    view = looked(10.0)
    list(found.lines(view, 10.0))
    failed = replace(view, topics_reading=replace(view.topics_reading, fault=coded("REQUEST_TIMED_OUT")))
    (fails,) = found.lines(failed, 11.0)
    assert (fails["event"], fails["severity"]) == ("look fails", "warning")
    assert list(found.lines(failed, 12.0)) == []
    (succeeds,) = found.lines(view, 13.0)
    assert (succeeds["event"], succeeds["lasted_seconds"]) == ("look succeeds", 2.0)
    for line in (fails, succeeds):
        assert faults(line, schema("watch.schema.json")) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["status", "--nope"], 2, "there is no --nope"),
        (["status", "S3CRET"], 2, "1 word is not understood"),
        (["status", "--wait", "0"], 2, "write seconds"),
        (["-b", "127.0.0.1:1", "status"], 1, "no Kafka at 127.0.0.1:1"),
        (["status", "--nope"], 2, "kafkatui status --help"),
        (["watch", "--nope"], 2, "there is no --nope"),
        (["status", "-b", "127.0.0.1:1"], 1, "no Kafka at 127.0.0.1:1"),
        (["metrics", "-b", "127.0.0.1:1"], 1, "no Kafka at 127.0.0.1:1"),
    ],
)
def test_what_is_wrong_is_one_line(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == code
    out, err = capsys.readouterr()
    assert said in err
    assert (out, err.count("\n")) == ("", 1)
    assert "S3CRET" not in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-b", "127.0.0.1:1", "--group", "billing"], "no Kafka at 127.0.0.1:1"),
        ([], "--group"),
        (["--group", "x", "--max-lag", "-1"], "--max-lag"),
        (["--group", "x", "S3CRET"], "1 word is not understood"),
        (["--group", "x", "-X", "sasl.password=S3CRET", "-X", "nonsense"], "key=value"),
    ],
)
def test_a_check_that_cannot_be_made_is_unknown_and_no_alarm(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", *words])
    assert ended.value.code == 3
    out, _ = capsys.readouterr()
    assert out.startswith("UNKNOWN - ")
    assert said in out
    assert out.count("\n") == 1
    assert "S3CRET" not in out


def test_a_bug_in_a_check_is_unknown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fails(arguments: Namespace) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(check, "run", fails)
    with pytest.raises(SystemExit) as ended:
        main(["check", "--group", "x"])
    assert ended.value.code == 3
    out, err = capsys.readouterr()
    assert out == "UNKNOWN - this is a bug in kafkatui: see standard error\n"
    assert "ZeroDivisionError" in err


def test_what_is_not_judged_yet_is_not_ok(capsys: pytest.CaptureFixture[str]) -> None:
    view = looked(10.0)
    arguments = Namespace(**dict.fromkeys(("topic", "max_lag", "max_age", "warn_lag", "warn_age")))
    assert check._judge(view, view.groups.rows["billing"], None, arguments) == 3
    assert capsys.readouterr().out == "UNKNOWN - billing: no verdict yet on orders, lag 60 | lag=60;;;0\n"
    arguments.max_lag = 100
    assert check._judge(view, view.groups.rows["billing"], None, arguments) == 0


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["status", "--json"], ("status", ["--json"])),
        (["-b", "status:1", "watch", "--json"], ("watch", ["-b", "status:1", "--json"])),
        (["--group", "status", "status"], ("status", ["--group", "status"])),
        (["--group", "status"], None),
        (["demo", "status"], None),
        (["--ascii", "check"], ("check", ["--ascii"])),
        ([], None),
        (["-X"], None),
    ],
)
def test_options_may_stand_before_the_command(words: list[str], found: tuple[str, list[str]] | None) -> None:
    assert command_among(words, WITHOUT_SCREEN) == found


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), ("1.5m", 90), ("2h", 7200), ("1d", 86400)]
)
def test_times(text: str, seconds: float) -> None:
    assert seconds_up_to(1e6)(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "s", "-1", "nan", "inf", "1e3", "3 m", "٣", "9999999"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="write seconds"):
        seconds_up_to(1e6)(text)


@pytest.mark.parametrize("command", ["status", "check", "watch", "metrics"])
def test_each_has_a_help_page(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: kafkatui {command} ")
    assert "exit code" in out
    assert "examples" in out
    assert max(map(len, out.splitlines())) <= 104


async def test_a_reader_that_is_slow_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    read = threading.Event()
    monkeypatch.setattr(console, "show", lambda text: read.wait())
    writing = asyncio.create_task(write("a line"))
    try:
        await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert not read.is_set()
    finally:
        read.set()
