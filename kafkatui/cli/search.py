"""``kafkatui search``: the records of a topic that fit a filter."""

import argparse

from kafkatui.cli import reading
from kafkatui.errors import FilterError

DESCRIPTION = """\
Read a topic from its start to the end it has now, and write the records that fit a filter. The
filter reads like the question:

  failed                              key, value or a header contains it, in any case
  "payment failed" or key:customer-42
  value.customer.id = 42 and value.items[*].price > 100
  partition:0..3 time > "2h ago" not header.retry:1 value:/timeout|refused/i

Nothing is written to the cluster, no group is joined. What could not be read is told at the end.
"""
EPILOG = """\
output
  NDJSON into a pipe or a file (docs/record.schema.json), a line for a person on a terminal.
  Progress goes to standard error, if that is a terminal.

exit code, as of grep
  0  records were found     1  none     2  wrong usage, or not everything could be read

examples
  kafkatui search orders 'failed' -b kafka1:9092
  kafkatui search orders 'value.total > 1000' --from '2h ago' | jq -r .key
  kafkatui search orders 'key = customer-42' --limit 1 --rate 10M
"""
ENDED = None
failed = reading.failed


def add_options(options: "argparse._ArgumentGroup") -> None:
    """Add the options of this command."""
    options.add_argument("topic", metavar="TOPIC")
    options.add_argument("filter", metavar="FILTER", help="what to look for; docs/search.md has all of it")
    reading.add_reading(options, "earliest")


async def run(arguments: argparse.Namespace) -> int:
    """Search. Returns the exit code; raises `KafkaTuiError`."""
    from kafkatui.search.grammar import parse

    try:
        parse(arguments.filter)
    except FilterError as error:
        return reading.refused(arguments.filter, error)
    return await reading.read(arguments, reading.wanted_of(arguments, arguments.filter, follow=False))
