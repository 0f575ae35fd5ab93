"""A program with a deck on a cluster that is not its own; a test kills it."""

import asyncio
import json
import sys

from tests.integration.decks import game
from tests.integration.kafka_clients import connected


async def main() -> None:
    async with connected(sys.argv[1]) as cluster, game(cluster) as play:
        await play.join(1)
        print(json.dumps({"pids": play.pids, "group": play.deck.group}), flush=True)  # noqa: T201  # read by the test
        await asyncio.sleep(60)


asyncio.run(main())
