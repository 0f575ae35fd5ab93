"""Rates of lags whose commits come in steps."""

from collections.abc import Callable, Iterable

import pytest

from kafkatui.domain.lag.trends import Trend
from kafkatui.domain.lag.window import Window

PATIENCE = 30.0


def measure(points: Iterable[tuple[float, int, int]], look: float = 1.0) -> Trend:
    """The trend of (second, commit, end) in order of time."""
    first, *others = points
    window, newest = Window(*first), first
    for at, committed, end in others:
        window.add(at, committed, end, held_until=newest[0])
        newest = (at, committed, end)
    return window.trend(newest[0], look)


def stuck(trend: Trend) -> bool:
    """There is lag without a commit for much longer than it usually waits for one."""
    return trend.standing >= max(PATIENCE, 3 * trend.longest_step)


def looks(
    seconds: float,
    produced: Callable[[float], float],
    read: Callable[[float], float],
    *,
    commit_every: float = 5.0,
    every: float = 1.0,
    phase: float = 0.3,
) -> Trend:
    """The trend after looking for `seconds`, when `read` is committed every `commit_every` seconds."""
    points = []
    at = 0.0
    while at <= seconds:
        last_commit = (at + phase) // commit_every * commit_every - phase if commit_every else at
        points.append((1000 + at, int(read(last_commit)), int(produced(at))))
        at += every
    return measure(points, every)


def steady(at: float) -> float:
    return 100_000 + 200 * at


@pytest.mark.parametrize("phase", [0.0, 0.3, 2.5, 4.9])
@pytest.mark.parametrize("every", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("seconds", [12.0, 14.0, 17.0, 30.0, 47.0, 100.0])
def test_commits_in_steps_are_no_trouble(seconds: float, every: float, phase: float) -> None:
    trend = looks(seconds, steady, steady, every=every, phase=phase)
    assert trend.direction == 0
    assert not stuck(trend)
    if trend.rate_in is not None:
        assert trend.rate_in == pytest.approx(200, rel=0.01)


@pytest.mark.parametrize("commit_every", [20.0, 30.0])
def test_rare_commits_make_windows_longer_instead_of_alarms(commit_every: float) -> None:
    for seconds in range(0, 120, 3):
        trend = looks(float(seconds), steady, steady, commit_every=commit_every)
        assert not stuck(trend)
        if seconds > 2 * commit_every + 5:
            assert trend.direction == 0


@pytest.mark.parametrize("commit_every", [0.0, 1.0, 5.0])
@pytest.mark.parametrize("seconds", [20.0, 40.0, 100.0])
def test_falling_behind(commit_every: float, seconds: float) -> None:
    trend = looks(seconds, steady, lambda at: 90_000 + 160 * at, commit_every=commit_every)
    assert trend.direction == 1
    assert trend.growth == pytest.approx(40, rel=0.6)
    assert trend.rate_out == pytest.approx(160, rel=0.15)
    assert trend.empty_in is None


def test_falling_behind_slowly_is_seen_in_the_long_run() -> None:
    assert looks(20.0, steady, lambda at: 90_000 + 183 * at).direction == 0
    assert looks(110.0, steady, lambda at: 90_000 + 183 * at).direction == 1


def test_catching_up_says_when_it_is_done() -> None:
    trend = looks(40.0, steady, lambda at: 80_000 + 400 * at)
    assert trend.direction == -1
    assert trend.growth == pytest.approx(-200, rel=0.3)
    assert trend.empty_in == pytest.approx(12_000 / 200, rel=0.4)


def test_stuck_takes_longer_than_a_pause_between_commits() -> None:
    def halted(at: float) -> float:
        return steady(min(at, 20.0))

    assert not stuck(looks(40.0, steady, halted))
    assert stuck(looks(60.0, steady, halted))


def test_idle_is_not_stuck_and_the_first_record_after_it_is_not_either() -> None:
    points = [(float(at), 100, 100) for at in range(100)]
    assert not stuck(measure(points))
    assert not stuck(measure([*points, *((100.0 + at, 100, 105) for at in range(20))]))
    assert stuck(measure([*points, *((100.0 + at, 100, 105) for at in range(40))]))


@pytest.mark.parametrize("seconds", [0.0, 1.0, 5.0, 11.0])
def test_too_few_looks_say_nothing(seconds: float) -> None:
    trend = looks(seconds, steady, steady)
    assert trend.growth is None
    assert trend.rate_out is None
    assert trend.direction == 0


def test_a_quiet_topic_is_not_a_rare_commit() -> None:
    """A record a minute, committed 3 s later: the pause between commits is the producer's."""
    points = [(float(at), at // 60 if at % 60 >= 3 else (at - 3) // 60, at // 60) for at in range(3, 121)]
    trend = measure(points)
    assert trend.longest_step <= 4
    assert trend.growth is not None
    assert trend.direction == 0


def window(points: Iterable[tuple[float, int, int]]) -> Window:
    """The window after (second, commit, end) in order of time, each different from the one before."""
    first, *others = points
    made = Window(*first)
    for point in others:
        made.add(*point)
    return made


def test_when_a_record_was_written_as_looks_tell_it() -> None:
    growing = window((float(at), 1000, 1000 + 10 * at) for at in range(100, 161))
    at, was_there = growing.seen(2300)
    assert at == pytest.approx(130, abs=4)
    assert not was_there
    assert growing.seen(1500) == (100.0, True), "it was there at the first look"
    jump = window([(100.0, 50, 50), (140.0, 50, 51), (150.0, 50, 90)])
    assert jump.seen(50) == (140.0, False), "nothing was written before the look that shows it"
    assert jump.seen(60) == (150.0, False)


def test_when_a_record_was_written_before_all_that_is_remembered() -> None:
    long = window((float(at), 1000 + 9 * at, 1000 + 10 * at) for at in range(100, 1000))
    at, was_there = long.seen(2100)
    assert was_there, "the looks at which it was written are no longer remembered"
    assert 100 < at < 1000 - 90
    at, was_there = long.seen(10_000)
    assert at == pytest.approx(900, abs=4)
    assert not was_there


def test_rates_over_all_that_is_remembered() -> None:
    growing = window((float(at), 10 * (at // 5 * 5), 1000 + 20 * at) for at in range(100, 200))
    rates = growing.rates(199.0)
    assert rates is not None
    assert rates.seconds == pytest.approx(99, abs=4)
    assert rates.rate_in == pytest.approx(20, rel=0.05)
    assert rates.rate_out == pytest.approx(10, rel=0.1)
    assert window([(100.0, 1, 1), (110.0, 2, 2)]).rates(110.0) is None


def test_the_lag_of_the_last_minutes_in_parts() -> None:
    growing = window((float(at), 1000, 1000 + 10 * at) for at in range(100, 200))
    recent = growing.recent(199.0, 5)
    assert 4 <= len(recent) <= 5
    assert list(recent) == sorted(recent)
    assert recent[-1] == pytest.approx(1990, rel=0.05)
    assert window([(100.0, 1, 1), (101.0, 1, 5)]).recent(101.0, 5) == (4,)
