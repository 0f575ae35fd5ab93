"""How long the demo takes to four filled panes, against the bare broker's time to its open port; in one run.

    python -m bench.start [RUNS]

Prints for each run the seconds of both and their ratio, then the medians. The first run is not counted.
"""

import asyncio
import re
import statistics
import sys
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


async def bare_broker() -> float:
    """Seconds from nothing to a broker that answers at its port."""
    began = time.perf_counter()
    async with LocalCluster():
        return time.perf_counter() - began


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
    bares, demos = [], []
    for run in range(runs + 1):
        bare, panes = asyncio.run(bare_broker()), four_panes()
        demo = max(panes.values())
        told = "  ".join(f"{pane} {seconds:.2f}" for pane, seconds in panes.items())
        print(f"bare {bare:.2f} s  demo {demo:.2f} s  ratio {demo / bare:.2f}   ({told})")
        if run:
            bares.append(bare)
            demos.append(demo)
    bare, demo = statistics.median(bares), statistics.median(demos)
    ratio = statistics.median(demo / bare for demo, bare in zip(demos, bares, strict=True))
    print(f"median  bare {bare:.2f} s  demo {demo:.2f} s  ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
