"""The samples of ``kafkatui metrics``: what is known has one, what is not known or old has none."""

import re
from dataclasses import replace
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from kafkatui.cli.samples import PREFIX, STALE, Figures
from kafkatui.domain.cluster.reading import Reading
from kafkatui.watch.model import Model
from kafkatui.watch.view import ClusterView
from tests.faults import coded
from tests.ui.streams import shop_groups, shop_topics

DOCS = (Path(__file__).parents[2] / "docs" / "headless.md").read_text()


def looked() -> ClusterView:
    """The view at second 60, after eight looks."""
    now = 0.0
    model = Model(lambda: now)
    for number in range(8):
        now, less = 18.0 + 6 * number, 10 * (8 - number)
        groups = replace(shop_groups(now - 1, less=less), commits_taken_at=now - 1)
        model.take_groups(Reading(groups, taken_at=now - 0.5))
        model.take_topics(Reading(shop_topics(now, less=less), taken_at=now))
        for _ in model.digest():
            pass
    return model.view


def samples(view: ClusterView, now: float = 60.0, *, partitions: bool = False) -> dict[str, float]:
    """Name with labels, without the prefix: the value."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(lambda: view, partitions=partitions, now=lambda: now))
    text = generate_latest(registry).decode()
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix(PREFIX): float(value) for name, _, value in lines}


def test_what_is_known_has_a_sample() -> None:
    found = samples(looked(), partitions=True)
    assert found['exporter_up{what="groups"}'] == 1
    assert found['consumer_group_topic_lag{group_id="billing",topic_name="orders"}'] == 60
    assert found['consumer_group_members{group_id="billing"}'] == 2
    assert found['consumer_group_members_empty{group_id="billing"}'] == 0
    of_orders = 'group_id="billing",topic_name="orders"'
    assert found[f"consumer_group_topic_members{{{of_orders}}}"] == 2
    assert found[f"consumer_group_topic_assigned_partitions{{{of_orders}}}"] == 6
    assert found[f"consumer_group_topic_offset_sum{{{of_orders}}}"] > 0
    age = found[f'consumer_group_topic_age_seconds{{bound="about",{of_orders}}}']
    assert 0 <= age < 60
    lags = {name: lag for name, lag in found.items() if name.startswith("consumer_group_topic_partition_lag")}
    assert len(lags) == 6
    assert sum(lags.values()) == 60


def test_every_name_is_documented() -> None:
    names = {name.partition("{")[0] for name in samples(looked(), partitions=True)}
    assert names <= set(re.findall("`([a-z_]+)`", DOCS))


def test_partitions_have_samples_only_if_asked_for() -> None:
    assert not any("partition_id" in name for name in samples(looked()))


def test_before_the_first_answer_there_are_no_figures() -> None:
    assert samples(ClusterView()) == {'exporter_up{what="topics"}': 0, 'exporter_up{what="groups"}': 0}


def test_what_failed_is_flagged_and_what_is_old_has_no_sample() -> None:
    view = looked()
    view = replace(view, groups_reading=replace(view.groups_reading, fault=coded("REQUEST_TIMED_OUT")))
    found = samples(view)
    assert (found['exporter_up{what="groups"}'], found['exporter_up{what="topics"}']) == (0, 1)
    assert 'consumer_group_lag{group_id="billing"}' in found
    found = samples(view, 60.0 + STALE)
    assert found['exporter_age_seconds{what="groups"}'] == STALE + 0.5
    assert not any(name.startswith("consumer_group") for name in found)
    assert any(name.startswith("topic_") for name in found)
    assert not any(name.startswith("topic_") for name in samples(view, 61.0 + STALE))


def test_a_lag_that_is_not_known_has_no_sample() -> None:
    view = looked()
    standings = tuple(replace(one, lag=None) for one in view.groups.standings)
    rows = {name: replace(row, lag=None) for name, row in view.groups.rows.items()}
    found = samples(replace(view, groups=replace(view.groups, standings=standings, rows=rows)))
    assert not any(name.startswith(("consumer_group_topic_lag", "consumer_group_lag")) for name in found)
    assert 'consumer_group_members{group_id="billing"}' in found


def test_names_that_are_no_plain_words_are_escaped() -> None:
    view = looked()
    row = replace(view.groups.rows["billing"], group='a"b\\c\nd\x1b')
    found = samples(replace(view, groups=replace(view.groups, rows={row.group: row})))
    assert 'consumer_group_members{group_id="a\\"b\\\\c\\nd\x1b"}' in found
