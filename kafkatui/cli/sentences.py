"""What is known of a cluster in sentences and tables, for people: the same facts as in `report`."""

from collections.abc import Mapping, Sequence

from kafkatui.cli.report import ALL, About, not_known
from kafkatui.domain.cluster.marks import SIGNS, Mark
from kafkatui.domain.figures import age, count, counted
from kafkatui.domain.lag.ages import Seen, age_text
from kafkatui.domain.lag.group_standing import GroupStanding
from kafkatui.domain.lag.judging import Judging, backlog, summary
from kafkatui.domain.lag.standing import Standing
from kafkatui.domain.problems import sentence
from kafkatui.domain.text import printable, printable_name
from kafkatui.watch.view import ClusterView

PROBLEMS = 20
"""So many problems are written, the worst ones; more are counted."""
GROUPS = 100


def sentences(
    view: ClusterView,
    looked_for: float,
    now: float,
    about: About = ALL,
    *,
    ascii_only: bool = False,
    whole: bool = False,
) -> list[str]:
    """What line 2 says, the problems, what is not known, and a table of the groups. `looked_for`: seconds
    since the start; `now`: monotonic seconds. `whole`: all problems and groups, not only the worst.
    """
    most_problems, most_groups = (None, None) if whole else (PROBLEMS, GROUPS)
    signs = {mark: plain if ascii_only else sign for mark, (sign, plain) in SIGNS.items()}
    topics = view.topics.value
    lines: list[str] = []
    if topics is not None:
        known = len(view.topics.brokers_seen)
        version = f", Kafka {topics.version}" if topics.version else ""
        lines.append(
            f"{len(topics.brokers):,} of {known:,} broker{'s' if known != 1 else ''}{version}, "
            f"{sum(not topic.internal for topic in topics.topics):,} topics; looked for {looked_for:.0f} s"
        )
    problems, standings = about.problems(view), about.standings(view)
    judging = view.judging or Judging()
    mark, text = summary(judging)
    if problems:
        lines += [
            f"{signs[one.mark]} {sentence(one, ascii=ascii_only)}, since {age(max(0.0, now - one.since))}"
            for one in problems[:most_problems]
        ]
        if most_problems is not None and (more := len(problems) - most_problems) > 0:
            lines.append(f"  and {counted(more, 'other problem')}: --all writes them")
    elif about == ALL:
        lines.append(f"{signs[mark]} {text}")
    else:
        lines.append(f"{signs[Mark.OK if mark is Mark.OK else Mark.UNKNOWN]} no problem is known")
    if about == ALL and (left := backlog(judging)) is not None:
        lines.append(f"{signs[Mark.NOTHING]} {left}")
    said = text if about == ALL and not problems else ""
    lines += [f"{signs[Mark.UNKNOWN]} {line}" for line in not_known(view) if line not in said]
    rows = about.rows(view, standings)
    if rows:
        lines += ["", *_table(rows[:most_groups], signs, now, ascii_only=ascii_only)]
    if most_groups is not None and len(rows) > most_groups:
        lines.append(f"   and {counted(len(rows) - most_groups, 'other group')}: --all writes them")
    if about != ALL:
        lines += [
            "",
            *_topics(
                [one for row in rows[:most_groups] for one in standings.get(row.group, ())],
                signs,
                now,
                ascii_only=ascii_only,
            ),
        ]
    return lines


def _table(
    rows: Sequence[GroupStanding], signs: Mapping[Mark, str], now: float, *, ascii_only: bool
) -> list[str]:
    cells = [("", "GROUP", "KIND", "STATE", "MEMBERS", "TOPICS", "LAG", "AGE", "VERDICT")]
    for row in rows:
        worst = "" if row.worst is None or row.topics == 1 else f" ({printable_name(row.worst.topic)})"
        cells.append(
            (
                signs[row.mark],
                printable_name(row.group),
                printable(row.kind),
                printable(row.state or "?"),
                _figure(row.members),
                _figure(row.topics),
                _figure(row.lag),
                _age(row.lag, row.oldest, now, ascii_only=ascii_only),
                f"{row.worst.phrase}{worst}" if row.worst is not None and row.fault is None else row.word,
            )
        )
    return _aligned(cells, right={4, 5, 6, 7})


def _topics(
    standings: Sequence[Standing], signs: Mapping[Mark, str], now: float, *, ascii_only: bool
) -> list[str]:
    cells = [("", "GROUP", "TOPIC", "PARTITIONS", "LAG", "AGE", "IN/S", "OUT/S", "VERDICT")]
    cells += [
        (
            signs[one.verdict.mark],
            printable_name(one.group),
            printable_name(one.topic),
            _figure(one.partitions),
            _figure(one.lag),
            _age(one.lag, one.oldest, now, ascii_only=ascii_only),
            _rate(one.trend.rate_in),
            _rate(one.trend.rate_out),
            one.phrase,
        )
        for one in standings
    ]
    if len(cells) == 1:
        return ["it reads no topic, as far as known"]
    skews = [
        f"   {printable_name(one.group)} on {printable_name(one.topic)}: {one.skew.sentence}"
        for one in standings
        if one.skew is not None
    ]
    return _aligned(cells, right={3, 4, 5, 6, 7}) + skews


def _figure(number: int | None) -> str:
    return "?" if number is None else count(number, 15)


def _age(lag: int | None, oldest: Seen | None, now: float, *, ascii_only: bool) -> str:
    """How old the oldest record is that is not committed."""
    if oldest is None:
        return "-" if lag == 0 else "?"
    return age_text(oldest.age(now), ascii=ascii_only)


def _rate(rate: float | None) -> str:
    return "?" if rate is None else f"{rate:,.1f}"


def _aligned(cells: Sequence[Sequence[str]], right: set[int]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
