"""Kafka's own command-line tools: the tests compare kafkatui's figures with their output."""

import asyncio
import functools
import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from tempfile import NamedTemporaryFile

from kafkatui.domain.cluster.partitions import Topic
from kafkatui.local import jars
from kafkatui.local.java import find_java
from kafkatui.local.java_flags import SMALL
from tests.integration import maven

TOOLS = "org.apache.kafka:kafka-tools:{}+org.slf4j:slf4j-simple:1.7.36"
SHARE_SETTINGS = {
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
}
"""The settings with which share groups work on one broker."""
QUIET = (*SMALL, "-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error")


def consumer_groups_tool(bootstrap_servers: str, *arguments: str) -> str:
    """What ``kafka-consumer-groups --bootstrap-server … ARGUMENTS`` prints; blocks for some 2 s.

    Call it in `asyncio.to_thread` where the event loop must go on.
    """
    return _run("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", bootstrap_servers, *arguments)


def topics_tool(bootstrap_servers: str, *arguments: str) -> str:
    """What ``kafka-topics --bootstrap-server … --describe ARGUMENTS`` prints; blocks for some 2 s."""
    return _run("org.apache.kafka.tools.TopicCommand", bootstrap_servers, "--describe", *arguments)


def features_tool(bootstrap_servers: str, *arguments: str) -> str:
    """What ``kafka-features --bootstrap-server … ARGUMENTS`` prints; blocks for some 2 s."""
    return _run("org.apache.kafka.tools.FeatureCommand", bootstrap_servers, *arguments)


def share_groups_tool(bootstrap_servers: str, *arguments: str, version: str = jars.VERSION) -> str:
    """What ``kafka-share-groups`` of a release prints; blocks for some 2 s."""
    main = "org.apache.kafka.tools.consumer.group.ShareGroupCommand"
    return _run(main, bootstrap_servers, *arguments, version=version)


@contextmanager
def share_consumer(bootstrap_servers: str, group: str, topic: str) -> Iterator[None]:
    """A member of a share group that takes and accepts every record: ``kafka-console-share-consumer``."""
    main = "org.apache.kafka.tools.consumer.ConsoleShareConsumer"
    arguments = ("--bootstrap-server", bootstrap_servers, "--topic", topic, "--group", group)
    command = [java(), *QUIET, "-cp", _class_path(jars.VERSION), main, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def begin_to_move(bootstrap_servers: str, topic: Topic) -> int:
    """Begin to move partition 0, which has one replica, from broker 1 to 2 or back, slowly; return the node
    id of the new broker. Blocks for some 2 s. Source: ``kafka-reassign-partitions --execute``.
    """
    (old,) = topic.partitions[0].replicas
    new = 1 if old == 2 else 2
    plan = {"version": 1, "partitions": [{"topic": topic.name, "partition": 0, "replicas": [new]}]}
    main = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"
    with NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(plan, file)
        file.flush()
        slow = ("--throttle", "10000")
        _run(main, bootstrap_servers, "--reassignment-json-file", file.name, "--execute", *slow)
    return new


def _run(main: str, bootstrap_servers: str, *arguments: str, version: str = jars.VERSION) -> str:
    servers = ("--bootstrap-server", bootstrap_servers)
    command = [java(), *QUIET, "-cp", _class_path(version), main, *servers, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{main} {arguments}: {done.stdout}\n{done.stderr}")
    return done.stdout


@functools.cache
def java() -> str:
    """The Java that runs the local cluster; found in a new event loop, as the caller may be in one."""
    with ThreadPoolExecutor(1) as pool:
        return str(pool.submit(asyncio.run, find_java()).result().executable)


@functools.cache
def _class_path(version: str) -> str:
    """The class path of the tools."""
    return os.pathsep.join(map(str, maven.fetched(TOOLS.format(version))))
