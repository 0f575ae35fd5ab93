"""The steps of a start: their changes reach the listener, their times are kept."""

import asyncio
from pathlib import Path

import pytest

from kafkatui.errors import LocalClusterError
from kafkatui.local.steps import USUAL_SECONDS, StartStep, StepFailedError, Steps


def test_a_step_works_and_is_done(tmp_path: Path) -> None:
    told: list[StartStep] = []
    steps = Steps(("Java", "start"), told.append, tmp_path / "usual.json")
    with steps.step("Java", "looking") as tell:
        tell("17.0.15, PATH")
    assert [(step.name, step.state, step.detail) for step in told] == [
        ("Java", "waiting", ""),
        ("start", "waiting", ""),
        ("Java", "working", "looking"),
        ("Java", "working", "17.0.15, PATH"),
        ("Java", "done", "17.0.15, PATH"),
    ]
    assert told[-2].seconds is None
    assert told[-1].seconds is not None
    assert told[-1].usual_seconds == USUAL_SECONDS["Java"]


@pytest.mark.parametrize(
    ("error", "detail", "log"),
    [
        (StepFailedError("no memory", ("line 1", "line 2")), "no memory", ("line 1", "line 2")),
        (LocalClusterError("no Java"), "no Java", ()),
        (asyncio.CancelledError(), "cancelled", ()),
    ],
)
def test_a_step_fails_with_its_reason(
    tmp_path: Path, error: BaseException, detail: str, log: tuple[str, ...]
) -> None:
    told: list[StartStep] = []
    steps = Steps(("start",), told.append, tmp_path / "usual.json")
    with pytest.raises(type(error)), steps.step("start"):
        raise error
    assert (told[-1].state, told[-1].detail, told[-1].log) == ("failed", detail, log)


def test_the_next_start_knows_the_usual_times(tmp_path: Path) -> None:
    memory = tmp_path / "usual.json"
    first = Steps(("start",), None, memory)
    with first.step("start"):
        pass
    first.remember()
    (step,) = Steps(("start",), None, memory)
    assert step.usual_seconds is not None
    assert step.usual_seconds < USUAL_SECONDS["start"]


@pytest.mark.parametrize("text", ["", "[1]", '{"start": "soon"}', "{"])
def test_a_damaged_file_of_usual_times_is_ignored(tmp_path: Path, text: str) -> None:
    memory = tmp_path / "usual.json"
    memory.write_text(text)
    (step,) = Steps(("start",), None, memory)
    assert step.usual_seconds == USUAL_SECONDS["start"]


def test_a_download_is_counted_in_bytes_and_its_time_is_not_kept(tmp_path: Path) -> None:
    told: list[StartStep] = []
    memory = tmp_path / "usual.json"
    steps = Steps(("resolve", "start"), told.append, memory)
    assert not any(step.measured for step in steps)
    with steps.step("resolve") as tell:
        assert told[-1].usual_seconds is not None
        tell("from Maven Central", fetched=0)
        tell("from Maven Central", fetched=1000, of=44_000)
        assert (told[-1].fetched, told[-1].of) == (1000, 44_000)
        assert [step.usual_seconds for step in told[-2:]] == [None, None]
        tell("46 files, download")
    with steps.step("start"):
        pass
    steps.remember()
    resolve, start = Steps(("resolve", "start"), None, memory)
    assert (resolve.measured, resolve.usual_seconds) == (False, USUAL_SECONDS["resolve"])
    assert start.measured
