"""The program over a cluster in which every text is an attack on the terminal; a test runs it in one."""

import os
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from time import monotonic

from textual.filter import LineFilter

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupKind, Member
from kafkatui.domain.cluster.partitions import Broker, ClusterTopics, TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.rebalance.generations import GroupLogNews
from kafkatui.domain.records.records import TailNews
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.watch.streams import Streams
from kafkatui.widgets.last_filters import PrintableFilter
from tests.faults import fault
from tests.ui.monitor_app import MonitorApp
from tests.ui.streams import prepared, shop_groups, shop_lag, shop_records, shop_topics

ATTACKS = {
    "osc title": "\x1b]0;pwned\x07",
    "osc clipboard": "\x1b]52;c;cHduZWQ=\x1b\\",
    "csi": "\x1b[777q",
    "c1 csi": "\x9b777q",
    "c1 osc": "\x9d0;pwned\x9c",
    "dcs": "\x1bP777q\x1b\\",
    "bell": "\x07",
    "nul": "\x00",
    "del": "\x7f",
    "backspace": "\x08\x08",
    "newline": "\r\n\x0b\x0c",
    "bidi": "\u202eevil\u2066\u200f\u061c",
    "separators": "\u2028\u2029",
    "zero width": "\u200b\u200d\ufeff",
    "tags": "\U000e0041",
    "surrogate": "\ud800",
    "markup": "[red]mark[/red][/x][@click=app.quit]quit[/]",
}
EVIL = "".join(ATTACKS.values())


def evil(name: str) -> str:
    """A word to look for on the screen, then every attack, then the word's end."""
    return f"{name}{EVIL}"


TOPIC, GROUP = evil("topic"), evil("group")
MEMBER = Member(
    evil("member"),
    evil("client"),
    evil("mhost"),
    evil("instance"),
    (TopicPartition(TOPIC, 0),),
    (TOPIC, evil("subscribed")),
)
NEWCOMER = Member(
    evil("second"), evil("client2"), evil("mhost2"), None, (TopicPartition(TOPIC, 1),), (TOPIC,)
)


def group_of(at: float, *members: Member) -> Group:
    return Group(GROUP, GroupKind.CLASSIC, "Stable", evil("assignor"), 1, members, described_at=at)


def hostile_streams() -> Streams:
    """Names, ids, hosts, keys, values, headers, assignors, states and errors, all hostile."""
    now = monotonic()
    topic, group = TOPIC, GROUP

    def topics(at: float) -> ClusterTopics:
        plain = shop_topics(at, (topic, "orders"))
        first, second = plain.topics
        partitions = tuple(partition._replace(error=fault(evil("perror"))) for partition in second.partitions)
        return replace(
            plain,
            topics=(
                replace(first, error=None),
                replace(second, partitions=partitions, error=fault(evil("terror"))),
            ),
            brokers=(Broker(1, evil("host"), 9092, evil("rack")),),
            version=evil("version"),
            notes=(evil("note"),),
        )

    commits = shop_groups(now, group, topic).commits

    def groups(at: float, *members: Member) -> ClusterGroups:
        described = group_of(at, *members)
        denied = Group(
            evil("denied"), GroupKind.CONSUMER, evil("state"), None, 1, None, fault=fault(evil("fault"))
        )
        return ClusterGroups((denied, described), commits, (evil("gnote"),))

    def lags(group_id: str, of: str) -> list[Reading[GroupLag]]:
        lag = shop_lag(now, group_id, of)
        spoiled = tuple(
            replace(one, commit_fault=fault(evil("cfault")), end_fault=fault(evil("efault")))
            if number == 0
            else one
            for number, one in enumerate(lag.partitions)
        )
        return [
            Reading(replace(lag, partitions=spoiled), taken_at=now),
            Reading(replace(lag, partitions=spoiled), fault(evil("lagfault")), now, now + 9),
        ]

    def tails(of: str) -> list[Reading[TailNews]]:
        raw = EVIL.encode("utf-8", "surrogatepass")
        news = shop_records(of, 6)
        record = replace(
            news.records[-1],
            key=b"key" + raw,
            value=b'{"json' + raw + b'":1}',
            headers=((evil("header"), b"hvalue" + raw), ("plain", bytes(range(256)))),
        )
        text = EVIL.replace(ATTACKS["surrogate"], "").encode()  # valid UTF-8: drawn as text
        other = replace(record, key=b"key" + text, value=b"value" + text, offset=record.offset + 1)
        return [
            Reading(replace(news, came=(other, record), faults=((3, fault(evil("tfault"))),)), taken_at=now)
        ]

    async def group_log(_: object, __: object) -> AsyncGenerator[Reading[GroupLogNews]]:
        yield Reading(None, fault(evil("logfault")), now)

    streams = prepared(
        topics=[
            Reading(topics(now - 1), taken_at=now),
            Reading(topics(now + 1), fault(evil("lost")), now, now + 9),
        ],
        groups=[
            Reading(groups(now - 2, MEMBER), taken_at=now - 1),
            Reading(groups(now, MEMBER, NEWCOMER), taken_at=now),
        ],
        lags=lags,
        tails=tails,
    )
    return replace(streams, group_log=group_log)


class HostileApp(MonitorApp):
    """The main screen, and deeds whose every text is hostile; without the filter that would hide a text that
    was forgotten."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [found for found in super().get_line_filters() if not isinstance(found, PrintableFilter)]

    def begin(self) -> None:
        super().begin()
        screen = self.screen_stack[-1]
        assert isinstance(screen, MonitorScreen)
        now = monotonic()
        look = ClusterGroups((group_of(now - 5, MEMBER),))
        screen.model.take_groups(Reading(look, taken_at=now - 5))
        for _ in screen.model.digest():
            pass
        screen.deck_news(Deed(Act.ASSIGNOR, now - 2.7, GROUP, None, evil("detail")))
        screen.deck_news(Deed(Act.JOIN, now - 2.6, GROUP, evil("client2")))
        screen.deck_news(Deed(Act.CRASH, now, GROUP, evil("client")))


if __name__ == "__main__":
    HostileApp(hostile_streams(), ascii_only="KAFKATUI_ASCII" in os.environ).run()
