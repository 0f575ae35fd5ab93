"""The command ``kafkatui lab NAME --auto``: a lab that plays itself, without a terminal."""

import asyncio
import os
import sys
from pathlib import Path

import pytest


async def kafkatui(*arguments: str, state: Path) -> tuple[int | None, str]:
    """Run the program without a terminal; its exit code, and its standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kafkatui",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"KAFKATUI_STATE": str(state)},
    )
    async with asyncio.timeout(120):
        _, errors = await process.communicate()
    return process.returncode, errors.decode()


async def test_a_lab_plays_itself_to_its_end_and_saves_its_pictures(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    arguments = ("lab", "fan-out", "--auto", "--speed", "100", "--lang", "ru", "--pictures", str(pictures))
    code, errors = await kafkatui(*arguments, state=tmp_path)
    assert (code, errors) == (0, "")
    drawn = sorted(path.name for path in pictures.iterdir())
    assert drawn[:2] == ["fan-out-01-compare.svg", "fan-out-01-predict.svg"]
    assert len(drawn) == 11  # a question and a comparison for each of five steps, and the end
    assert "fan-out" in (tmp_path / "labs.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lab", "nothing"), "there is no such lab"),
        (("lab",), "there is no such lab"),
        (("labs", "--auto"), "--auto plays one lab"),
        (("labs", "-b", "127.0.0.1:1"), "the labs start a cluster of their own"),
        (("labs",), "a terminal is needed"),
        (("lab", "fan-out", "--speed", "0", "--auto"), "above 0"),
    ],
)
async def test_a_wrong_use_is_said_in_a_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    code, errors = await kafkatui(*arguments, state=tmp_path)
    assert code == 2
    assert said in errors
    assert errors.count("\n") == 1
