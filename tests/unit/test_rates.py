"""Rates from two looks and the time between them."""

import pytest

from kafkatui.domain.cluster.partitions import ClusterTopics, Topic, TopicLog
from kafkatui.domain.lag.rates import History, TopicRates, growth, per_second


@pytest.mark.parametrize(
    ("before", "after", "seconds", "rate"),
    [
        (0, 10, 2.0, 5.0),
        (10, 10, 2.0, 0.0),
        (10, 9, 2.0, None),
        (None, 9, 2.0, None),
        (9, None, 2.0, None),
        (0, 10, 0.0, None),
        (0, 10, -1.0, None),
    ],
)
def test_per_second(before: int | None, after: int | None, seconds: float, rate: float | None) -> None:
    assert per_second(before, after, seconds) == rate


@pytest.mark.parametrize(
    ("before", "after", "rate"),
    [
        ((10, 20), (12, 24), 3.0),
        ((10, 20), (12, 24, 900), 3.0),  # a new partition counts from its first look
        ((10, 20), (12,), None),
        ((10, 20), (12, 19), None),
        ((10, None), (12, 24), None),
        ((10, 20), (12, None), None),
        ((), (), 0.0),
    ],
)
def test_growth(before: tuple[int | None, ...], after: tuple[int | None, ...], rate: float | None) -> None:
    starts = (0,) * len(before)
    assert growth(TopicLog(starts, before, 5.0), TopicLog((0,) * len(after), after, 7.0)) == rate


def look(at: float, end: int, topic_id: str = "a", name: str = "orders") -> ClusterTopics:
    return ClusterTopics(
        topics=(Topic(name, (), topic_id=topic_id),), logs={name: TopicLog((0,), (end,), at)}
    )


def test_the_first_look_tells_no_rate() -> None:
    rates = TopicRates()
    rates.note(look(1.0, 100))
    assert "orders" not in rates.rates
    rates.note(look(3.0, 110))
    assert rates.rates["orders"] == 5.0


def test_the_same_look_twice_changes_nothing() -> None:
    rates = TopicRates()
    first = look(1.0, 100)
    rates.note(first)
    second = look(3.0, 110)
    rates.note(second)
    rates.note(second)
    rates.note(first)
    assert rates.rates["orders"] == 5.0


def test_a_topic_made_anew_begins_anew() -> None:
    rates = TopicRates()
    rates.note(look(1.0, 100))
    rates.note(look(2.0, 200))
    rates.note(look(3.0, 300, topic_id="b"))
    assert "orders" not in rates.rates
    assert rates.history("orders") is None
    rates.note(look(4.0, 301, topic_id="b"))
    assert rates.rates["orders"] == 1.0


def test_a_log_that_went_back_has_no_rate() -> None:
    rates = TopicRates()
    rates.note(look(1.0, 100))
    rates.note(look(3.0, 10))
    assert rates.rates["orders"] is None


def test_topics_that_are_gone_are_forgotten() -> None:
    rates = TopicRates()
    rates.note(look(1.0, 100))
    rates.note(look(3.0, 110))
    rates.note(look(5.0, 1, name="other"))
    assert not rates.rates
    assert rates.history("orders") is None


def test_history_has_gaps_and_means() -> None:
    history = History(seconds=60, slots=6)
    history.add(5.0, 1.0)
    history.add(6.0, 3.0)
    history.add(25.0, None)
    history.add(35.0, 8.0)
    assert history.values(59.0, 6) == [2.0, None, None, 8.0, None, None]
    assert history.values(59.0, 3) == [2.0, 8.0, None]
    assert history.values(59.0, 12) == [2.0, 2.0, None, None, None, None, 8.0, 8.0, None, None, None, None]
    assert history.values(69.0, 6) == [None, None, 8.0, None, None, None]


def test_history_is_bounded() -> None:
    history = History(seconds=60, slots=6)
    for second in range(10_000):
        history.add(float(second), 1.0)
    assert len(history.values(10_000.0, 6)) == 6
    assert len(history._slots) == 6
