"""What the program costs while nobody touches it: CPU and bytes to the terminal, measured from outside.

    python -m bench.rest [--size 160x48] [--seconds 30] [--after 20] [--until REGEX] [--keys KEYS]
                         [-- COMMAND...]

Runs a command (by default the demo) in a real pseudo-terminal, waits until the screen matches, lets it rest
for `--after` seconds, and then prints the CPU time of the program and what it started, as a share of one
core, its memory, the bytes and the frames a second, and on which lines of the screen those bytes were
written. Then each of `--keys` (with commas between them) is pressed, and the time until something is
written is printed. Figures count only on a machine that has nothing else to do.
"""

import argparse
import re
import sys
import time
from collections import Counter

import psutil

from tests.pty_terminal import Terminal

FRAME = b"\x1b[?2026h"
"""Textual writes it before each frame."""
MOVE = re.compile(rb"\x1b\[(\d+);(\d+)H")
SHOWN = 12
"""Lines of the screen that are listed."""


def cpu_seconds(process: psutil.Process, *, below: bool) -> float:
    """User and system time of a process; `below`: with the processes it started, brokers too."""
    found = [process, *(process.children(recursive=True) if below else [])]
    return sum(sum(one.cpu_times()[:2]) for one in found)


def bytes_by_line(written: bytes) -> Counter[int]:
    """How many bytes were written on each line of the screen, from 1."""
    counted: Counter[int] = Counter()
    pieces = MOVE.split(written)
    for row, text in zip(pieces[1::3], pieces[3::3], strict=True):
        counted[int(row)] += len(text)
    return counted


def answered(shown: Terminal, key: str) -> float:
    """Milliseconds from a key to the first bytes that it makes the program write."""
    before, began = len(shown.written), time.monotonic()
    shown.send(key)
    while len(shown.written) == before and time.monotonic() - began < 5:
        shown.pump(0.001)
    return (time.monotonic() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", default="160x48")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--after", type=float, default=20.0)
    parser.add_argument("--until", default=r"4 Tail")
    parser.add_argument("--keys", default="")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    columns, rows = map(int, options.size.split("x"))
    command = [part for part in options.command if part != "--"]
    with Terminal(command or [sys.executable, "-m", "kafkatui", "demo"], columns=columns, rows=rows) as shown:
        shown.wait_for(options.until, 90)
        shown.pump(options.after)
        process = psutil.Process(shown.pid)
        before, began, spent = len(shown.written), time.monotonic(), cpu_seconds(process, below=False)
        shown.pump(options.seconds)
        passed = time.monotonic() - began
        spent = cpu_seconds(process, below=False) - spent
        written = bytes(shown.written[before:])
        print(f"cpu {spent / passed:.1%} of a core")
        print(f"memory {process.memory_info().rss / 2**20:.0f} MiB")
        print(f"bytes {len(written) / passed:,.0f} a second, frames {written.count(FRAME) / passed:.1f}")
        for row, number in bytes_by_line(written).most_common(SHOWN):
            print(f"  {number / passed:8,.0f} a second on line {row:2}: {shown.text.splitlines()[row - 1]}")
        for key in filter(None, options.keys.split(",")):
            print(f"key {key}: {answered(shown, key):.0f} ms")
            shown.pump(1.5)
        shown.press("q")


if __name__ == "__main__":
    main()
