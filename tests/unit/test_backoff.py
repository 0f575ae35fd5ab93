"""Backoff: pauses double up to a most, a part is cut off at random, a success begins anew."""

from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

import kafkatui
from kafkatui.domain.backoff import JITTER, Backoff


def test_pauses_double_up_to_the_most_and_begin_anew_after_a_success() -> None:
    backoff = Backoff(0.5, 5.0, lambda: 0.0)
    assert [backoff.failed() for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert backoff.failures == 6
    backoff.succeeded()
    assert (backoff.failures, backoff.failed()) == (0, 0.5)


def test_two_that_failed_together_do_not_try_together() -> None:
    one, other = Backoff(1.0, 60.0, Random(1).random), Backoff(1.0, 60.0, Random(2).random)
    assert all(one.failed() != other.failed() for _ in range(8))


@given(st.floats(0.001, 10), st.floats(0.001, 100), st.integers(1, 5000), st.integers())
def test_no_pause_is_longer_than_the_most_or_much_shorter_than_it_should_be(
    first: float, most: float, failures: int, seed: int
) -> None:
    backoff, pause = Backoff(first, most, Random(seed).random), 0.0
    for _ in range(failures):
        pause = backoff.failed()
    whole = min(first * 2.0 ** (min(failures, 31) - 1), most)
    assert whole * (1 - JITTER) <= pause <= whole


def test_no_other_module_reckons_pauses_of_its_own() -> None:
    (folder,) = kafkatui.__path__
    doubled = (
        "2 ** ",
        "2**self",
        "2**faults",
        "2 * pause",
        "2 * wait",
        "pause * 2",
        "wait * 2",
        "PAUSES = (",
    )
    found = [
        f"{path.relative_to(folder)}: {line.strip()}"
        for path in Path(folder).rglob("*.py")
        if path.name != "backoff.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(pattern in line for pattern in doubled)
    ]
    assert found == []
