"""The same consumer over the new group protocol (KIP-848), with confluent-kafka: aiokafka does not speak it.

The broker gives each member its partitions; only members that have to give some up are disturbed.
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
    """Be a member of the group: read, process, commit, until the command to leave comes."""
    leaves = commands.leaves
    consumer = introduce(commands)
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
            messages = consumer.consume(500, timeout=0.2)  # the listener is called in here
            process(messages, consumer, commands)
            if commands.stuck:
                get_stuck(commands)
            if time.monotonic() > listener.committed_at + COMMIT_EVERY:
                listener.commit()
    finally:
        leave(consumer, listener)


def introduce(commands: Commands) -> Consumer:
    """A consumer, and all that the group coordinator will know of it; the session is the broker's to say."""
    options = commands.options
    settings = {
        "bootstrap.servers": options.bootstrap_servers,
        "client.id": options.client_id,
        "group.id": options.group_id,
        "group.protocol": "consumer",
        "group.remote.assignor": options.assignor or "uniform",  # one of the broker's
        "max.poll.interval.ms": int(1000 * options.max_poll),  # without consume() for so long: it leaves
        "auto.offset.reset": "earliest",  # where nothing is committed
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,  # else what was handed out counts as done
        **connection(commands.properties),
    }
    if options.instance_id:
        settings["group.instance.id"] = options.instance_id  # it keeps its partitions while it is away
    return Consumer(settings)


class Listener:
    """Called with the partitions that the group gives or takes; the others are read on meanwhile."""

    def __init__(self, consumer: Consumer, commands: Commands) -> None:
        self.consumer = consumer
        self.commands = commands
        self.owned: set[tuple[str, int]] = set()
        self.committed_at = 0.0

    def on_revoke(self, _: Consumer, revoked: list[TopicPartition]) -> None:
        """Give these up: who gets them waits until this returns, nobody else does."""
        self.commands.report("revoked", names(revoked))
        if self.commands.slow:
            time.sleep(self.commands.options.give_up)
        self.commit()  # the last chance: after this another begins where it is committed
        self.owned -= names(revoked)
        self.commands.report("released", names(revoked), owned=self.owned)

    def on_assign(self, _: Consumer, assigned: list[TopicPartition]) -> None:
        """From here on it reads these, too, from where they are committed."""
        self.owned |= names(assigned)
        self.commands.report("assigned", names(assigned), owned=self.owned)

    def on_lost(self, _: Consumer, lost: list[TopicPartition]) -> None:
        """It was thrown out: these may be another's already, and nothing can be committed any more."""
        self.owned -= names(lost)
        self.commands.report("revoked", names(lost))
        self.commands.report("released", names(lost), owned=self.owned)

    def commit(self) -> None:
        """Say how far it is."""
        self.committed_at = time.monotonic()
        try:
            self.consumer.commit(asynchronous=False)
        except KafkaException as error:
            if error.args[0].code() != KafkaError._NO_OFFSET:  # nothing new is done
                self.commands.report("fault", detail=f"commit refused: {error.args[0].str()}")


def process(messages: Sequence[Message], consumer: Consumer, commands: Commands) -> None:
    """Do the work; heartbeats go on meanwhile, in a thread of the library."""
    for message in messages:
        if error := message.error():
            commands.report("fault", detail=error.str())
        else:
            consumer.store_offsets(message=message)
    if messages:
        time.sleep(0.02)


def get_stuck(commands: Commands) -> None:
    """Take too long: no consume() for longer than max.poll.interval: heartbeats go on meanwhile."""
    commands.report("stuck")
    until = time.monotonic() + commands.options.stuck
    while time.monotonic() < until and commands.stuck:
        time.sleep(0.05)
    commands.stuck = False
    commands.report("back")


def leave(consumer: Consumer, listener: Listener) -> None:
    """Give up all and say so; a static member only says that it will be back."""
    listener.commit()
    consumer.close()


def names(partitions: Iterable[TopicPartition]) -> set[tuple[str, int]]:
    """Topics and numbers, without offsets."""
    return {(partition.topic, partition.partition) for partition in partitions}


def connection(properties: dict[str, str]) -> dict[str, Any]:
    """The settings of a login and of TLS: librdkafka has the same names, but for tokens that are there."""
    settings: dict[str, Any] = dict(properties)
    token = settings.pop("sasl.oauthbearer.token", None)
    file = settings.pop("sasl.oauthbearer.token.endpoint.url", None)
    if token or file:
        settings["oauth_cb"] = lambda _: (token or read_token(file), time.time() + 300)
    if "ssl.certificate.location" in settings:  # that file may hold the key, too
        settings.setdefault("ssl.key.location", settings["ssl.certificate.location"])
    return settings


def read_token(url: str) -> str:
    """Out of a ``file:`` address, at every login."""
    from pathlib import Path
    from urllib.parse import unquote, urlsplit

    return Path(unquote(urlsplit(url).path)).read_text().strip()


def main() -> None:
    """Join, leave and join again as the deck says, until standard input closes."""
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
    """Take in commands; at their end leave, within a moment."""
    for line in sys.stdin:
        commands.obey(line.rstrip("\n"))
    commands.obey("leave")
    time.sleep(LEAVE_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
