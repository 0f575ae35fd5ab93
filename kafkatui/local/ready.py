"""Asking whether a broker answers: one Metadata request encoded by hand, as ``local`` imports no Kafka
client."""

import asyncio
import struct
from contextlib import suppress

METADATA, VERSION = 3, 1


async def brokers_listed(port: int, patience: float = 1.0, host: str = "127.0.0.1") -> int | None:
    """How many live brokers the broker at this port lists; ``None``: it does not answer (yet).

    A starting broker first listens, then answers, and only later lists itself as alive.
    """
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                client = b"kafkatui"
                request = struct.pack(f">hhih{len(client)}si", METADATA, VERSION, 1, len(client), client, 0)
                writer.write(struct.pack(">i", len(request)) + request)
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                answer = await reader.readexactly(size)
                return int(struct.unpack_from(">i", answer, 4)[0])
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    except (OSError, EOFError, TimeoutError):
        return None
