"""A program with a deck on a cluster that is not its own; a test kills it."""

import asyncio
import json
import sys

from tests.integration.decks import running_deck
from tests.integration.kafka_clients import connected


async def main() -> None:
    async with connected(sys.argv[1]) as cluster, running_deck(cluster) as running:
        await running.join(1)
        print(json.dumps({"pids": running.pids, "group": running.deck.group}), flush=True)  # noqa: T201  # read by the test
        await asyncio.sleep(60)


asyncio.run(main())
