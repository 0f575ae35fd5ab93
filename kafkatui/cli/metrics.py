"""``kafkatui metrics``: the figures of the screen in the text format of Prometheus."""

import argparse
import asyncio
import importlib.util
import re

from kafkatui.cli.headless import following, write
from kafkatui.cli.samples import Figures
from kafkatui.config import Address, parse_address
from kafkatui.errors import KafkaTuiError, UsageError

DESCRIPTION = """\
Follow a cluster without end and serve its figures to Prometheus. The names are those of kminion
with the prefix kafkatui_, so that its dashboards need one replacement. What is not known has no
sample: it is never 0.
"""
EPILOG = """\
exit code
  0  it was ended by a signal     1  no cluster, or the port is taken     2  wrong usage

It needs the package prometheus-client: pip install 'kafkatui[metrics]'

files
  docs/headless.md lists the names

examples
  kafkatui metrics -b kafka1:9092 --listen 127.0.0.1:9400
  curl http://127.0.0.1:9400/metrics
"""
ENDED = 0


def add_options(options: "argparse._ArgumentGroup") -> None:
    """Add the options of this command."""
    options.add_argument(
        "--listen", metavar="HOST:PORT", default="127.0.0.1:9400", help="serve there; default: 127.0.0.1:9400"
    )
    options.add_argument(
        "--partitions",
        action="store_true",
        help="also a sample for each partition: log ends and starts, and the lag of each group",
    )


async def run(arguments: argparse.Namespace) -> int:
    """Serve until the command is ended. Raises `KafkaTuiError`."""
    if importlib.util.find_spec("prometheus_client") is None:
        raise KafkaTuiError("metrics needs prometheus-client: pip install 'kafkatui[metrics]'")
    from prometheus_client import CollectorRegistry, start_http_server

    if not re.search(r":\d+$", arguments.listen):
        raise UsageError("--listen takes HOST:PORT, e.g. 127.0.0.1:9400")
    host, port = parse_address(arguments.listen)
    address = Address(host, port)
    async with following(arguments) as followed:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Figures(lambda: followed.view, partitions=arguments.partitions))
        try:
            server, thread = start_http_server(port, host, registry)
        except OSError as error:
            raise KafkaTuiError(f"cannot listen at {address}: {error.strerror}") from error
        try:
            await write(f"serving http://{address}/metrics")
            await followed.until(lambda _: False, float("inf"))
        finally:
            await asyncio.to_thread(server.shutdown)
            server.server_close()
            thread.join(1.0)
    return 0
