"""The consumer for the new group protocol (KIP-848), with confluent-kafka: aiokafka does not support it.

The broker assigns the partitions; only members that have to give up some are interrupted.
"""

import os
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from kafkatui.actors.commands import AGAIN_AFTER, Commands
from kafkatui.actors.program import LEAVE_SECONDS

COMMIT_EVERY = 1.0


def consume(commands: Commands) -> None:
    """Join the group, then read, process and commit, until the command ``leave`` comes."""
    leaves = commands.leaves
    consumer = make_consumer(commands)
    listener = Listener(consumer, commands)
    commands.report("started")
    consumer.subscribe(
        commands.options.topics,
        on_assign=listener.on_assign,
        on_revoke=listener.on_revoke,
        on_lost=listener.on_lost,
    )
    try:
        while commands.leaves == leaves:
            messages = consumer.consume(500, timeout=0.2)  # the listener's methods are called within it
            process(messages, consumer, commands)
            if commands.stuck:
                get_stuck(commands)
            if time.monotonic() > listener.committed_at + COMMIT_EVERY:
                listener.commit()
    finally:
        leave(consumer, listener)


def make_consumer(commands: Commands) -> Consumer:
    """A consumer, with the settings that the group coordinator will know of it; the broker sets the
    session."""
    options = commands.options
    settings = {
        "bootstrap.servers": options.bootstrap_servers,
        "client.id": options.client_id,
        "group.id": options.group_id,
        "group.protocol": "consumer",
        "group.remote.assignor": options.assignor or "uniform",  # an assignor of the broker
        "max.poll.interval.ms": int(1000 * options.max_poll),  # without consume() for so long it leaves
        "auto.offset.reset": "earliest",  # where there is no commit
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,  # else records not processed yet are committed
        **connection(commands.properties),
    }
    if options.instance_id:
        settings["group.instance.id"] = options.instance_id  # it keeps its partitions for a session
    return Consumer(settings)


class Listener:
    """Called with the partitions this consumer gets or gives up; it goes on reading the others."""

    def __init__(self, consumer: Consumer, commands: Commands) -> None:
        self.consumer = consumer
        self.commands = commands
        self.owned: set[tuple[str, int]] = set()
        self.committed_at = 0.0

    def on_revoke(self, _: Consumer, revoked: list[TopicPartition]) -> None:
        """It gives these up; only the members that get them wait until this returns."""
        self.commands.report("revoked", names(revoked))
        if self.commands.slow:
            time.sleep(self.commands.options.give_up)
        self.commit()  # now or never: the next owner begins at the commit
        self.owned -= names(revoked)
        self.commands.report("released", names(revoked), owned=self.owned)

    def on_assign(self, _: Consumer, assigned: list[TopicPartition]) -> None:
        """From now on it reads these partitions too, from their committed offsets."""
        self.owned |= names(assigned)
        self.commands.report("assigned", names(assigned), owned=self.owned)

    def on_lost(self, _: Consumer, lost: list[TopicPartition]) -> None:
        """It was removed from the group: these may have other owners already, and it cannot commit any
        more."""
        self.owned -= names(lost)
        self.commands.report("revoked", names(lost))
        self.commands.report("released", names(lost), owned=self.owned)

    def commit(self) -> None:
        """Commit the offsets of processed records."""
        self.committed_at = time.monotonic()
        try:
            self.consumer.commit(asynchronous=False)
        except KafkaException as error:
            if error.args[0].code() != KafkaError._NO_OFFSET:  # no record was processed since
                self.commands.report("fault", detail=f"commit refused: {error.args[0].str()}")


def process(messages: Sequence[Message], consumer: Consumer, commands: Commands) -> None:
    """Process the records; heartbeats go on meanwhile, in a thread of the library."""
    for message in messages:
        if error := message.error():
            commands.report("fault", detail=error.str())
        else:
            consumer.store_offsets(message=message)
    if messages:
        time.sleep(0.02)


def get_stuck(commands: Commands) -> None:
    """Do not call consume() for longer than max.poll.interval; heartbeats go on meanwhile."""
    commands.report("stuck")
    until = time.monotonic() + commands.options.stuck
    while time.monotonic() < until and commands.stuck:
        time.sleep(0.05)
    commands.stuck = False
    commands.report("back")


def leave(consumer: Consumer, listener: Listener) -> None:
    """Give up all partitions and leave the group; a static member leaves only for the time of a session."""
    listener.commit()
    consumer.close()


def names(partitions: Iterable[TopicPartition]) -> set[tuple[str, int]]:
    """(topic, partition number) of each of `partitions`."""
    return {(partition.topic, partition.partition) for partition in partitions}


def connection(properties: dict[str, str]) -> dict[str, Any]:
    """librdkafka's settings for the login and TLS: the names are the same, but a token needs a callback."""
    settings: dict[str, Any] = dict(properties)
    token = settings.pop("sasl.oauthbearer.token", None)
    file = settings.pop("sasl.oauthbearer.token.endpoint.url", None)
    if token or file:
        settings["oauth_cb"] = lambda _: (token or read_token(file), time.time() + 300)
    if "ssl.certificate.location" in settings:  # that file may hold the key too
        settings.setdefault("ssl.key.location", settings["ssl.certificate.location"])
    return settings


def read_token(url: str) -> str:
    """The OAUTHBEARER token in the file of a ``file:`` URL."""
    from pathlib import Path
    from urllib.parse import unquote, urlsplit

    return Path(unquote(urlsplit(url).path)).read_text().strip()


def main() -> None:
    """Run `consume` while the deck wants this consumer in the group, until standard input closes."""
    commands = Commands("new_consumer")
    threading.Thread(target=listen, args=[commands], daemon=True).start()
    while True:
        try:
            consume(commands)
        except KafkaException as error:
            commands.report("fault", detail=error.args[0].str())
            time.sleep(AGAIN_AFTER)
            if commands.wanted:
                continue
        commands.report("stopped")
        while not commands.wanted:
            time.sleep(0.02)


def listen(commands: Commands) -> None:
    """Take commands from standard input; at its end leave the group, and end within `LEAVE_SECONDS`."""
    for line in sys.stdin:
        commands.take(line.rstrip("\n"))
    commands.take("leave")
    time.sleep(LEAVE_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
