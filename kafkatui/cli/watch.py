"""``kafkatui watch``: what happens in a cluster, a line for each thing, as it happens."""

import argparse
import json
from functools import partial
from time import monotonic

from kafkatui import console
from kafkatui.cli.headless import following, write
from kafkatui.cli.news import News
from kafkatui.watch.view import ClusterView

DESCRIPTION = """\
Follow a cluster without end, and write a line whenever something happens: a group rebalances, a
broker goes, leaders move, a problem begins or ends. What was so when it began is written first.
"""
EPILOG = """\
output
  With --json one JSON object a line (NDJSON); docs/headless.md describes the fields, and
  docs/watch.schema.json is their schema. Else the time and a sentence.
  A rebalance has a line when it is seen to begin, if it lasts, and one about a second after its end.

exit code
  0  it was ended by a signal, or its reader went away
  1  the cluster cannot be reached     2  wrong usage

examples
  kafkatui watch -b kafka1:9092
  kafkatui watch -b kafka1:9092 --json | jq -r '[.time, .event, .sentence] | @tsv'
  kafkatui watch -b kafka1:9092 --json --group billing >> billing.ndjson
"""
ENDED = 0
PAUSE = 0.5
"""Seconds after which it looks for news though no reading came: some news need only time."""


def add_options(options: "argparse._ArgumentGroup") -> None:
    """Add the options of this command."""
    options.add_argument("--json", action="store_true", help="one JSON object a line")
    options.add_argument("--group", metavar="NAME", help="only this group, which is looked at more often")


async def run(arguments: argparse.Namespace) -> int:
    """Write lines until the command is ended, or nobody reads them. Returns 0."""
    async with following(arguments) as followed:
        news = News(arguments.group, began=followed.began)
        while console.is_read():
            view = followed.view
            lines = [
                json.dumps(one) if arguments.json else f"{one['time']} {one['sentence']}"
                for one in news.lines(view, monotonic())
            ]
            if lines and not await write("\n".join(lines)):
                break
            await followed.until(partial(_is_another, view), PAUSE)
    return 0


def _is_another(before: ClusterView, now: ClusterView) -> bool:
    return now.version != before.version
