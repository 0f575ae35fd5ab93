"""``kafkatui check``: one group against limits, as monitoring plug-ins answer."""

import argparse
import asyncio
from time import monotonic, time

from kafkatui import console
from kafkatui.cli.headless import Followed, following, is_judged
from kafkatui.cli.options import seconds_up_to
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.figures import age as age_text
from kafkatui.domain.lag.group_standing import GroupStanding
from kafkatui.domain.lag.unread import Doubt, Rest
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
  0  OK         within the limits, and its verdict is good
  1  WARNING    above --warn-lag or --warn-age, or a verdict such as "falling behind"
  2  CRITICAL   above --max-lag or --max-age, or a verdict such as "stuck" or "records lost"
  3  UNKNOWN    the cluster or the group cannot be read, a figure that a limit needs is not known,
                without limits there is no verdict within --wait; or wrong usage, or a signal
  Of several reasons the worst decides: critical, then unknown, then warning.

A group that lags has a verdict after 12 s or more, later if it commits seldom. With limits and a
short --wait only the limits count, as far as there is no verdict yet.

The age is that of the oldest record that the group has not committed yet. Kafka tells it only to
those who may READ the topic.

examples
  kafkatui check -b kafka1:9092 --group billing --max-lag 10000
  kafkatui check -b kafka1:9092 --group billing --max-age 60s --topic orders
"""
ENDED = 3
OK, WARNING, CRITICAL, UNKNOWN = range(4)
RANK = (OK, WARNING, UNKNOWN, CRITICAL)
"""Of several reasons the last one here decides: that something is not known hides no alarm."""
BY_MARK = {Mark.WORSE: WARNING, Mark.BROKEN: CRITICAL}
PATIENCE = 20.0
"""Seconds that asking for the age may take; it is not known after that."""
AT_ONCE = 10
"""Partitions of which is asked at once whether anything readable is left; the oldest are asked first."""
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
    options.add_argument("--warn-lag", metavar="N", type=_lag, help="above so many offsets it is a warning")
    options.add_argument(
        "--warn-age", metavar="S", type=seconds_up_to(1e9), help="above this age it is a warning"
    )
    options.add_argument(
        "--wait",
        metavar="S",
        type=seconds_up_to(3600),
        default=30.0,
        help="look for so long at most; default: 30",
    )


def _lag(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError("a lag is a number of offsets, e.g. 10000")
    return int(text)


def failed(why: str) -> int:
    """Say why there is no answer: the cluster cannot be reached, the usage is wrong, or a bug. Exit codes 1
    and 2, which other commands have then, would be a warning and an alarm.
    """
    return _say(UNKNOWN, why)


async def run(arguments: argparse.Namespace) -> int:
    """Print the line. Returns the exit code."""
    async with following(arguments) as followed:
        group = arguments.group

        def enough(view: ClusterView) -> bool:
            """Whether it has a verdict, or its lag alone is an alarm."""
            row = view.groups.rows.get(group)
            limit = arguments.max_lag if arguments.topic is None else None
            alarm = limit is not None and row is not None and row.lag is not None and row.lag > limit
            return alarm or is_judged(view, group)

        await followed.until(enough, arguments.wait - (monotonic() - followed.began))
        row = followed.view.groups.rows.get(group)
        if row is None:
            why = followed.view.groups.left_out
            return await _written(
                UNKNOWN, f"{printable_name(group)}: there is no such group" if why is None else why
            )
        if row.fault is not None:
            return await _written(UNKNOWN, f"{printable_name(group)}: {row.fault.text}")
        asks_age = (arguments.max_age, arguments.warn_age) != (None, None)
        oldest = await _age(followed, group, arguments.topic) if asks_age else None
        return await asyncio.to_thread(_judge, followed.view, row, oldest, arguments)


async def _age(followed: Followed, group: str, topic: str | None) -> float | None:
    """Seconds since the oldest record was written that the group has not committed; 0: there is none, or only
    markers of transactions and aborted records are left; ``None``: not known of a partition.
    """
    from kafkatui.kafka.ages import read_times
    from kafkatui.kafka.unread import UnreadSearch

    view = followed.view
    commits = None if view.groups.value is None else view.groups.value.commits.get(group)
    topics = view.topics.value
    if commits is None or topics is None:
        return None
    behind: dict[TopicPartition, Doubt] = {}
    for place, committed in commits.offsets.items():
        log = topics.logs.get(place.topic)
        if topic is not None and place.topic != topic:
            continue
        end = log.ends[place.partition] if log is not None and place.partition < len(log.ends) else None
        if end is None or log is None:
            return None
        if committed < end:
            behind[place] = Doubt(*place, max(committed, log.starts[place.partition] or 0), end)
    try:
        async with asyncio.timeout(PATIENCE), followed.cluster.asker("ages") as asker:
            found = await read_times(asker, {place: doubt.committed for place, doubt in behind.items()})
            # The oldest first; a partition without a time is the first of all.
            left = sorted(behind, key=lambda place: found.get(place, -1))
            search = UnreadSearch(asker)
            while left:
                part, left = left[:AT_ONCE], left[AT_ONCE:]
                answers = await search.answers([behind[place] for place in part])
                rest = {(one.doubt.topic, one.doubt.partition): one.rest for one in answers}
                for place in part:
                    if rest.get(place) is Rest.NOTHING:
                        continue
                    return max(0.0, time() - found[place] / 1000) if place in found else None
    except TimeoutError:
        return None
    return 0.0


def _judge(view: ClusterView, row: GroupStanding, oldest: float | None, limits: argparse.Namespace) -> int:
    standings = [
        one for one in view.groups.standings if one.group == row.group and limits.topic in {None, one.topic}
    ]
    name = printable_name(row.group)
    if not standings:
        return _say(UNKNOWN, f"{name}: it reads no topic, or not this one, as far as known")
    worst = max(standings, key=lambda one: (one.verdict.mark, one.lag or 0))
    lag = row.lag if limits.topic is None else worst.lag
    least = sum(one.known_lag or 0 for one in standings)
    codes = [OK]
    asked = (limits.max_lag, limits.max_age, limits.warn_lag, limits.warn_age)
    only_verdict = all(limit is None for limit in asked)
    bad = worst.verdict.mark in BY_MARK
    if not bad and (waits := [one for one in standings if one.verdict is Verdict.MEASURING]):
        said = [f"no verdict yet on {printable_name(waits[0].topic)}"]
        codes += [UNKNOWN] if only_verdict else []
    else:
        said = [f"{worst.phrase} on {printable_name(worst.topic)}"]
        codes.append(BY_MARK.get(worst.verdict.mark, OK))
        codes += [UNKNOWN] if only_verdict and worst.verdict is Verdict.UNKNOWN else []
    said.append(f"lag {lag:,}" if lag is not None else f"lag not known, at least {least:,}")
    if limits.max_lag is not None and least > limits.max_lag:
        said[-1] += f", more than {limits.max_lag:,}"
        codes.append(CRITICAL)
    elif lag is None and (limits.max_lag, limits.warn_lag) != (None, None):
        codes.append(UNKNOWN)
    elif limits.warn_lag is not None and least > limits.warn_lag:
        said[-1] += f", more than {limits.warn_lag:,}"
        codes.append(WARNING)
    if (limits.max_age, limits.warn_age) != (None, None):
        if oldest is None:
            said.append("age not known")
            codes.append(UNKNOWN)
        else:
            said.append(f"oldest unread record {age_text(oldest).strip()} old")
            for code, limit in ((CRITICAL, limits.max_age), (WARNING, limits.warn_age)):
                if limit is not None and oldest > limit:
                    said[-1] += f", more than {limit:g} s"
                    codes.append(code)
                    break
    figures = [] if lag is None else [f"lag={lag};{_limit(limits.warn_lag)};{_limit(limits.max_lag)};0"]
    if oldest is not None:
        figures.append(f"age={oldest:.1f}s;{_limit(limits.warn_age)};{_limit(limits.max_age)};0")
    return _say(max(codes, key=RANK.index), f"{name}: {', '.join(said)}", figures)


def _limit(limit: float | None) -> str:
    return "" if limit is None else f"{limit:.15g}"


async def _written(code: int, text: str) -> int:
    """`_say` in a thread: a reader that is slow does not hold up the end."""
    return await asyncio.to_thread(_say, code, text)


def _say(code: int, text: str, figures: list[str] | None = None) -> int:
    bar = f" | {' '.join(figures)}" if figures else ""
    try:
        console.show(f"{WORDS[code]} - {text.replace('|', '/')}{bar}")
    except KafkaTuiError as error:  # nobody can have read the answer
        console.write_error(f"kafkatui: {error}")
        return UNKNOWN
    return code
