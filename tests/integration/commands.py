"""The commands without a screen, each in a process of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from tests.patience import PATIENCE

PROGRAM = """\
import sys
from kafkatui.cli.main import main
try:
    main(sys.argv[1:])
finally:
    if any(name.partition(".")[0] == "textual" for name in sys.modules):
        sys.exit("Textual was imported")
"""


@asynccontextmanager
async def started(
    *words: str, stdout: int = asyncio.subprocess.PIPE, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The program in a process of its own, which is killed at the end of the block if it still runs.
    `settings` are added to its environment.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, *words),
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | dict(settings),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def done(*words: str, **settings: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the program."""
    async with started(*words, settings=settings) as process, asyncio.timeout(60 * PATIENCE):
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()
