"""How long the demo takes to four filled panes, against a broker's time to its open port; in one run.

    python -m bench.start [RUNS]

``plain`` is a broker as one starts it by hand: formatted by Kafka's own tool, no class archive. ``bare`` is
the demo's broker alone, with what it keeps in its cache. Prints for each run the seconds of all three and the
ratio of the demo to each, then the medians. The first run is not counted.
"""

import asyncio
import os
import re
import statistics
import sys
import tempfile
import time

from kafkatui.local import LocalCluster
from tests.pty_terminal import Terminal

FILLED = {
    "first frame": "Starting Apache Kafka",
    "main screen": "1 Topics",
    "topics": r"orders +6 +1 +[1-9]",
    "assignments": r"■ [■·]",
    "offsets": r"│ +\d [\w…-]+ +[\d∅]+ +\d+ +[\d∅]+ ",
    "tail": r"\d\d:\d\d:\d\d\.\d{3} \d +\d+ customer-\d+ ",
}


async def broker() -> float:
    """Seconds from nothing to a broker that answers at its port."""
    began = time.perf_counter()
    async with LocalCluster():
        return time.perf_counter() - began


def plain_broker() -> float:
    """The same with an empty cache: format by StorageTool, no archive."""
    with tempfile.TemporaryDirectory() as empty:
        os.environ["KAFKATUI_CACHE"] = empty
        try:
            return asyncio.run(broker())
        finally:
            del os.environ["KAFKATUI_CACHE"]


def four_panes() -> dict[str, float]:
    """Seconds from the command to each pane being filled."""
    began = time.perf_counter()
    filled: dict[str, float] = {}
    with Terminal([sys.executable, "-m", "kafkatui", "demo"], columns=120, rows=40) as terminal:
        while len(filled) < len(FILLED) and time.perf_counter() - began < 60:
            terminal.pump(0.02)
            text = terminal.text
            for pane, pattern in FILLED.items():
                if pane not in filled and re.search(pattern, text):
                    filled[pane] = time.perf_counter() - began
        terminal.press("q")
        terminal.wait_for_end(10)
    return filled


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    counted: list[tuple[float, float, float]] = []
    for run in range(runs + 1):
        plain, bare, panes = plain_broker(), asyncio.run(broker()), four_panes()
        told = "  ".join(f"{pane} {seconds:.2f}" for pane, seconds in panes.items())
        print(f"{line(plain, bare, max(panes.values()))}   ({told})")
        if run:
            counted.append((plain, bare, max(panes.values())))
    print("median  " + line(*(statistics.median(column) for column in zip(*counted, strict=True))))


def line(plain: float, bare: float, demo: float) -> str:
    """Seconds, and the demo's ratio to both."""
    ratios = f"demo/plain {demo / plain:.2f}  demo/bare {demo / bare:.2f}"
    return f"plain {plain:.2f} s  bare {bare:.2f} s  demo {demo:.2f} s  {ratios}"


if __name__ == "__main__":
    main()
