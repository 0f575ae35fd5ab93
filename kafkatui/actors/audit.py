"""The audit service: reads every topic as a group of its own, so the other groups still get every record.

Once in two seconds it writes what it saw of each topic.
"""

import asyncio
from collections import Counter
from time import monotonic

from kafkatui.actors.bus import commit, consumer, new_trace, producer
from kafkatui.actors.program import run_actor, write_event

LOOK_EVERY = 0.5
TELL_EVERY = 2.0


async def audit(bootstrap_servers: str, client_id: str) -> None:
    """Read as the only member of the group ``audit``; write counts to the topic ``audit``, keyed by topic."""
    topics = ("orders", "payments", "shipments", "clicks", "customers")
    async with (
        producer(bootstrap_servers, client_id) as bus,
        consumer(bootstrap_servers, client_id, "audit", *topics) as everything,
    ):
        write_event(actor=client_id, started=True)
        seen: Counter[str] = Counter()
        untraced: Counter[str] = Counter()
        written_at = monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            batches = await everything.getmany(max_records=5000)
            for partition, records in batches.items():
                seen[partition.topic] += len(records)
                untraced[partition.topic] += sum(not record.headers for record in records)
            if seen and monotonic() - written_at >= TELL_EVERY:
                for topic, records_seen in seen.items():
                    result = {"topic": topic, "records": records_seen, "without-trace": untraced[topic]}
                    await bus.send("audit", key=topic, value=result, headers=new_trace("audit/1"))
                await bus.flush()
                await commit(everything)
                seen.clear()
                untraced.clear()
                written_at = monotonic()


if __name__ == "__main__":
    run_actor(audit, "audit")
