"""``kafkatui check``: one group against limits, as monitoring plug-ins answer."""

import argparse
from time import monotonic, time

from kafkatui import console
from kafkatui.cli.headless import Followed, following
from kafkatui.cli.options import seconds_up_to
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.figures import age as age_text
from kafkatui.domain.lag.group_standing import GroupStanding
from kafkatui.domain.lag.verdicts import Verdict
from kafkatui.domain.text import printable_name
from kafkatui.errors import KafkaTuiError
from kafkatui.watch.view import ClusterView

DESCRIPTION = """\
Compare one group with limits, and end with the exit code that monitoring plug-ins use
(Nagios, Icinga, Sensu). It prints one line, with the figures behind a bar.
"""
EPILOG = """\
exit code
  0  OK         1  WARNING: a verdict such as "falling behind", within the limits
  2  CRITICAL   a limit is passed, or a verdict such as "stuck" or "records lost"
  3  UNKNOWN    the cluster or the group cannot be read, or not within --wait

The age is that of the oldest record that the group has not committed yet. Kafka tells it only to
those who may READ the topic.

examples
  kafkatui check -b kafka1:9092 --group billing --max-lag 10000
  kafkatui check -b kafka1:9092 --group billing --max-age 60s --topic orders
"""
ENDED = 3
OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


def add_options(options: "argparse._ArgumentGroup") -> None:
    """Add the options of this command."""
    options.add_argument("--group", metavar="NAME", required=True, help="the group to check")
    options.add_argument("--topic", metavar="NAME", help="only on this topic; default: all that it reads")
    options.add_argument("--max-lag", metavar="N", type=_lag, help="offsets that it may be behind, in all")
    options.add_argument(
        "--max-age",
        metavar="S",
        type=seconds_up_to(1e9),
        help="seconds that its oldest unread record may be old",
    )
    options.add_argument(
        "--wait",
        metavar="S",
        type=seconds_up_to(3600),
        default=10.0,
        help="give up after so long; default: 10",
    )


def _lag(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError("a lag is a number of offsets, e.g. 10000")
    return int(text)


def unreached(error: KafkaTuiError) -> int:
    """Say that the cluster cannot be reached."""
    return _say(UNKNOWN, str(error))


async def run(arguments: argparse.Namespace) -> int:
    """Print the line. Returns the exit code."""
    async with following(arguments) as followed:
        group = arguments.group

        def enough(view: ClusterView) -> bool:
            row = view.groups.rows.get(group)
            return view.groups.judged and row is not None and (row.lag is not None or row.fault is not None)

        await followed.until(enough, arguments.wait - (monotonic() - followed.began))
        row = followed.view.groups.rows.get(group)
        if row is None:
            why = followed.view.groups.left_out
            return _say(UNKNOWN, f"{printable_name(group)}: there is no such group" if why is None else why)
        if row.fault is not None:
            return _say(UNKNOWN, f"{printable_name(group)}: {row.fault.text}")
        oldest = await _age(followed, group, arguments.topic) if arguments.max_age is not None else None
        return _judge(followed.view, row, oldest, arguments)


async def _age(followed: Followed, group: str, topic: str | None) -> float | None:
    """Seconds since the oldest record was written that the group has not committed; 0: there is none;
    ``None``: not known of a partition.
    """
    from kafkatui.kafka.ages import read_times

    view = followed.view
    commits = None if view.groups.value is None else view.groups.value.commits.get(group)
    topics = view.topics.value
    if commits is None or topics is None:
        return None
    behind: dict[TopicPartition, int] = {}
    for place, committed in commits.offsets.items():
        log = topics.logs.get(place.topic)
        if topic is not None and place.topic != topic:
            continue
        end = log.ends[place.partition] if log is not None and place.partition < len(log.ends) else None
        if end is None or log is None:
            return None
        if committed < end:
            behind[place] = max(committed, log.starts[place.partition] or 0)
    async with followed.cluster.asker("ages") as asker:
        found = await read_times(asker, behind)
    if behind.keys() - found.keys():
        return None
    return max((time() - at / 1000 for at in found.values()), default=0.0)


def _judge(view: ClusterView, row: GroupStanding, oldest: float | None, limits: argparse.Namespace) -> int:
    standings = [
        one for one in view.groups.standings if one.group == row.group and limits.topic in {None, one.topic}
    ]
    name = printable_name(row.group)
    if not standings:
        return _say(UNKNOWN, f"{name}: it reads no topic, or not this one, as far as known")
    worst = max(standings, key=lambda one: (one.verdict.mark, one.lag or 0))
    lags = [one.lag for one in standings]
    lag = None if None in lags else sum(lag for lag in lags if lag is not None)
    said = ["no verdict yet"]
    if worst.verdict is not Verdict.MEASURING:
        said = [f"{worst.phrase} on {printable_name(worst.topic)}"]
    code = OK
    if worst.verdict.mark is Mark.WORSE:
        code = WARNING
    elif worst.verdict.mark is Mark.BROKEN:
        code = CRITICAL
    said.append("lag not known" if lag is None else f"lag {lag:,}")
    if limits.max_lag is not None:
        if lag is None:
            code = max(code, UNKNOWN) if code < CRITICAL else code
        elif lag > limits.max_lag:
            said[-1] += f", more than {limits.max_lag:,}"
            code = CRITICAL
    if limits.max_age is not None:
        if oldest is None:
            said.append("age not known")
            code = UNKNOWN if code < CRITICAL else code
        else:
            said.append(f"oldest unread record {age_text(oldest).strip()} old")
            if oldest > limits.max_age:
                said[-1] += f", more than {limits.max_age:g} s"
                code = CRITICAL
    figures = [] if lag is None else [f"lag={lag};;{_limit(limits.max_lag)};0"]
    if oldest is not None:
        figures.append(f"age={oldest:.1f}s;;{_limit(limits.max_age)};0")
    return _say(code, f"{name}: {', '.join(said)}", figures)


def _limit(limit: float | None) -> str:
    return "" if limit is None else f"{limit:.15g}"


def _say(code: int, text: str, figures: list[str] | None = None) -> int:
    bar = f" | {' '.join(figures)}" if figures else ""
    console.show(f"{WORDS[code]} - {text.replace('|', '/')}{bar}")
    return code
