"""``kafkatui tail``: the records of a topic, as they are written."""

import argparse

from kafkatui.cli import reading
from kafkatui.errors import FilterError

DESCRIPTION = """\
Write the records of a topic as they come, until it is ended. None is left out: if they come faster
than they are read from here, it falls behind. No group is joined, nothing is committed.
"""
EPILOG = """\
output
  NDJSON into a pipe or a file (docs/record.schema.json), a line for a person on a terminal.

exit code
  0  it was ended by a signal, its reader went away, or --limit was reached after some records
  1  as 0, and no record came     2  wrong usage, or not everything could be read

examples
  kafkatui tail orders -b kafka1:9092
  kafkatui tail orders --filter 'value.status = FAILED' | jq -r .value
  kafkatui tail orders --from -10 --limit 10
"""
ENDED = 0
failed = reading.failed


def add_options(options: "argparse._ArgumentGroup") -> None:
    """Add the options of this command."""
    options.add_argument("topic", metavar="TOPIC")
    options.add_argument(
        "--filter", metavar="FILTER", help="only these records; docs/search.md has all of it"
    )
    reading.add_reading(options, "latest")


async def run(arguments: argparse.Namespace) -> int:
    """Follow the topic. Returns the exit code; raises `KafkaTuiError`."""
    if arguments.filter is not None:
        from kafkatui.search.grammar import parse

        try:
            parse(arguments.filter)
        except FilterError as error:
            return reading.refused(arguments.filter, error)
    return await reading.read(arguments, reading.wanted_of(arguments, arguments.filter, follow=True))
