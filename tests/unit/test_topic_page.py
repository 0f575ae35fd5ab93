"""The page of a topic: retention in a sentence, and its lines."""

from dataclasses import replace

import pytest

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicLog
from kafkatui.domain.cluster.topic_facts import (
    OpenTransaction,
    Setting,
    TopicFacts,
    retention,
)
from kafkatui.kafka.topic_facts import plain
from kafkatui.screens.topic_text import TopicSource, topic_lines
from tests.faults import coded
from tests.ui.shop_data import EVIL

NOW = 1_000_000.0


def facts(old: float, **settings: str) -> TopicFacts:
    """A topic whose oldest record is so many seconds old."""
    found = {"cleanup.policy": "delete", "retention.ms": "604800000", "segment.ms": "604800000"}
    found |= {name.replace("_", "."): value for name, value in settings.items()}
    return TopicFacts(
        "orders",
        tuple(
            Setting(name, value, name.replace(".", "_") in settings) for name, value in sorted(found.items())
        ),
        first_written={0: round((NOW - old) * 1000), 1: round(NOW * 1000)},
        last_written={0: round(NOW * 1000)},
        sizes={0: 12_000},
        transactions=(),
    )


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (facts(60), "the oldest record is 60 s old; retention.ms is 7 d"),
        (facts(60, retention_ms="-1"), "the oldest record is 60 s old; records are kept for ever, by time"),
        (
            facts(60, retention_bytes="1000"),
            "the oldest record is 60 s old; retention.ms is 7 d; retention.bytes is 1,000 for each partition",
        ),
        (
            facts(7200, retention_ms="60000"),
            "the oldest record is 2 h old, and retention.ms is 60 s: records go only with their whole "
            "segment, and never from the active one, which is closed when a new one begins, here after 7 d "
            "or when it is full",
        ),
        (
            facts(7200, cleanup_policy="compact"),
            "the oldest record is 2 h old; it is compacted: the newest record of each key stays for ever",
        ),
        (facts(60, retention_ms="soon"), "the oldest record is 60 s old"),
        (TopicFacts("orders"), None),
        (replace(facts(60), first_written={}), None),
    ],
)
def test_retention(known: TopicFacts, said: str | None) -> None:
    assert retention(known, NOW) == said


TOPIC = Topic("orders", (Partition(0, 1, 0, (1, 2), (1, 2)), Partition(1, None, 0, (2,), ())))
LOG = TopicLog((0, 5), (100, 5), 1.0)


def lines(known: TopicFacts | None, **more: object) -> str:
    source = TopicSource(TOPIC, LOG, known, None, None, None, (), (), (), NOW, 100)
    found = topic_lines(replace(source, **more))  # type: ignore[arg-type]  # fields of it
    return "\n".join(line if isinstance(line, str) else line.plain for line in found)


def test_the_lines() -> None:
    found = lines(facts(60, retention_ms="60000"))
    assert "1 without a leader, 1 under-replicated" in found
    assert "none" in found
    assert "12.0 KB" in found
    assert "SET FOR THIS TOPIC\n  retention.ms = 60000" in found
    assert "no transaction is open" in found
    assert "no group reads it" in found


@pytest.mark.parametrize(
    ("least", "isr", "version", "numbers"),
    [
        (1, (1, 2), "4.1", ()),
        (2, (1, 2), "4.1", ()),
        (2, (1,), "4.1", (0,)),
        (3, (1, 2), "4.1", ()),
        (3, (1, 2), None, ()),
        (3, (1, 2), "3.6", (0,)),
        (3, (1,), "4.3+", (0,)),
        (None, (1,), "4.1", None),
    ],
)
def test_fewer_replicas_in_sync_than_producers_ask_for(
    least: int | None, isr: tuple[int, ...], version: str | None, numbers: tuple[int, ...] | None
) -> None:
    """A partition without a leader is not counted: every write to it fails, with any acks. Of two replicas,
    brokers since Kafka 3.7 ask for two in sync at most, whatever the setting is.
    """
    topic = replace(TOPIC, partitions=(Partition(0, 1, 0, (1, 2), isr), TOPIC.partitions[1]))
    known = ClusterTopics(min_isr={} if least is None else {"orders": least}, version=version)
    assert known.refusing(topic) == numbers
    words = " ".join(lines(facts(60), topic=topic, min_isr=least, refusing=numbers or ()).split())
    refused = f"partition 0: fewer replicas in sync than min.insync.replicas ({least}): producers with acks"
    assert (refused in words) == bool(numbers)


def test_what_the_times_mean() -> None:
    assert "as its producer set it (CreateTime)" in lines(facts(60, message_timestamp_type="CreateTime"))
    assert "when the leader wrote it" in lines(facts(60, message_timestamp_type="LogAppendTime"))
    assert "times" not in lines(facts(60))


def test_without_an_answer_it_does_not_go_on_asking() -> None:
    fault = Fault(FaultKind.UNREACHABLE, "no broker answers")
    found = lines(None, fault=fault, stale=fault)
    assert "asking" not in found
    assert found.count("no broker answers") == 1
    assert "stale     no broker answers: what is here was so before" in found
    assert "…" not in found
    assert "stale     no broker answers: what is here was so before" in lines(facts(60), stale=fault)


def test_a_reassignment_that_goes_on() -> None:
    moving = Partition(0, 1, 0, (3, 1, 2), (1, 2), adding=(3,), removing=(1,))
    assert not moving.under_replicated
    topic = replace(TOPIC, partitions=(moving, moving._replace(number=1), Partition(2, 1, 0, (1,), (1,))))
    words = lines(facts(60), topic=topic)
    assert "moving    partitions 0 1: a reassignment goes on, to 3 and away from 1" in words


def test_what_is_not_known_is_not_made_up() -> None:
    assert "asking" in lines(None)
    refused = TopicFacts(
        "orders",
        settings_fault=coded("TOPIC_AUTHORIZATION_FAILED"),
        transactions_fault=coded("TOPIC_AUTHORIZATION_FAILED"),
    )
    found = lines(refused)
    assert "settings are not known: TOPIC_AUTHORIZATION_FAILED" in found
    assert "transactions are not known: TOPIC_AUTHORIZATION_FAILED" in found
    assert "the age of the oldest record is not known: that takes READ" in found


def test_open_transactions_and_secrets() -> None:
    known = replace(
        facts(60),
        settings=(
            Setting("password", None, is_override=True, is_secret=True),
            Setting("a", EVIL, False, EVIL),
        ),
        transactions=(
            OpenTransaction(0, 7, 90, round((NOW - 41) * 1000), "pay" + EVIL),
            OpenTransaction(1, 8, 5, None),
        ),
    )
    found = lines(known)
    words = " ".join(found.split())
    assert "(producer 7) in partition 0 from offset 90, its newest record is 41s old" in words
    assert "a transaction of producer 8 in partition 1 from offset 5" in found
    assert "password = secret" in found
    assert not [sign for sign in found if ord(sign) < 32 and sign != "\n"]


def test_documentation_loses_its_html() -> None:
    assert plain('set <code>acks</code> to &quot;all&quot; <a href="#x">here</a>, a < b') == (
        'set acks to "all" here, a < b'
    )
