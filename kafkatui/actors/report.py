"""The nightly report: reads the shipments of the day, commits, and leaves the group."""

from kafkatui.actors.bus import commit, consumer
from kafkatui.actors.program import run_actor, write_event


async def report(bootstrap_servers: str, client_id: str) -> None:
    """Read for some 5 s as the only member of the group ``nightly-report``, commit, and leave."""
    async with consumer(bootstrap_servers, client_id, "nightly-report", "shipments") as shipments:
        write_event(actor=client_id, started=True)
        count = 0
        for _ in range(10):
            batches = await shipments.getmany(timeout_ms=500)
            count += sum(map(len, batches.values()))
        await commit(shipments)
    write_event(actor=client_id, reported=count)


if __name__ == "__main__":
    run_actor(report, "report")
