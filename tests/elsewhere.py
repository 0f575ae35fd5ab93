"""Runs a command as another machine would: one that has been up for long or for no time, or that is busy.

``python -m tests.elsewhere --uptime 34560000 --busy 4 pytest --kafka=local``
"""

import argparse
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

BUSY = """
import os
parent = os.getppid()
while os.getppid() == parent:
    sum(range(10**6))
"""


def main() -> int:
    """Returns the command's exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--uptime", type=float, help="seconds the machine has been up: what the monotonic clock begins with"
    )
    parser.add_argument("--busy", type=int, default=0, help="processes that do nothing but keep it busy")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    env = dict(os.environ)
    if options.uptime is not None:
        env["TESTS_MONOTONIC_SHIFT"] = str(options.uptime - time.monotonic())
        env["PYTHONPATH"] = str(Path(__file__).with_name("other_machine"))
    with ExitStack() as stack:
        for _ in range(options.busy):
            busy = stack.enter_context(subprocess.Popen([sys.executable, "-c", BUSY]))
            stack.callback(busy.kill)
        return subprocess.run(options.command, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
