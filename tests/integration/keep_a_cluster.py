"""A program that runs a local cluster; `test_local_endings` ends it in every way a program can end."""

import asyncio
import json
import sys

from kafkatui.local import LocalCluster


async def main() -> None:
    async with LocalCluster() as cluster:
        worker = await cluster.spawn("worker", ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"])
        pids = [*cluster.pids.values(), worker.pid]
        told = {"keeper": cluster.keeper_pid, "pids": pids, "directory": str(cluster.directory)}
        print(json.dumps(told), flush=True)  # noqa: T201  # read by the test
        await asyncio.to_thread(sys.stdin.readline)


asyncio.run(main())
