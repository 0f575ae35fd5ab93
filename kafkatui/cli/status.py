"""``kafkatui status``: what is wrong, and how every group does."""

import argparse
import json
from time import monotonic

from kafkatui import console
from kafkatui.cli.headless import following, is_judged, write
from kafkatui.cli.options import seconds_up_to
from kafkatui.cli.report import About, facts
from kafkatui.cli.sentences import sentences
from kafkatui.errors import KafkaTuiError

DESCRIPTION = """\
Look at a cluster for some seconds, then say what is wrong with it and how every group does:
the same words that line 2 and the list of groups show on the screen. One look has no rates:
a group with lag has a verdict after 12 s or more. What is not known is said.
"""
EPILOG = """\
exit code
  0  the cluster answered, whatever the answer is     1  it cannot be reached     2  wrong usage

examples
  kafkatui status -b kafka1:9092
  kafkatui status -b kafka1:9092 --group billing
  kafkatui status -b kafka1:9092 --json | jq '.groups[] | select(.severity == "critical")'
"""
ENDED = None


def add_options(options: "argparse._ArgumentGroup") -> None:
    """Add the options of this command."""
    options.add_argument("--group", metavar="NAME", help="only this group, with each topic that it reads")
    options.add_argument(
        "--topic", metavar="NAME", help="only the groups that read this topic, and how they do there"
    )
    options.add_argument(
        "--all", action="store_true", help="all problems and groups; default: the worst 20 and 100"
    )
    options.add_argument("--json", action="store_true", help="as JSON; docs/headless.md describes the fields")
    options.add_argument(
        "--wait",
        type=seconds_up_to(3600),
        default=30.0,
        metavar="S",
        help="look for so many seconds at most, less where all groups are judged earlier; default: 30",
    )


async def run(arguments: argparse.Namespace) -> int:
    """Print the status. Returns 0; raises `KafkaTuiError`."""
    about = About(arguments.group, arguments.topic)
    async with following(arguments, past=True) as followed:
        left = arguments.wait - (monotonic() - followed.began)
        await followed.until(lambda view: is_judged(view, about.group), left)
        view, now = followed.view, monotonic()
        looked_for = now - followed.began
    if about.group is not None and about.group not in view.groups.rows:
        why = view.groups.left_out
        raise KafkaTuiError(f"there is no such group{'' if why is None else f', or it is not listed: {why}'}")
    if arguments.json:
        await write(json.dumps(facts(view, looked_for, now, about), indent=1, allow_nan=False))
    else:
        plain, whole = console.wants_ascii(), arguments.all
        lines = sentences(view, looked_for, now, about, ascii_only=plain, whole=whole)
        await write("\n".join(lines))
    return 0
