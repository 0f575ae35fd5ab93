"""Every answer of a server gives a value or a `ClusterError`: real answers, changed, through the program's
own decoders. They were recorded by `tests.record_answers`."""

import asyncio
import io
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka.record.util import calc_crc32c
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kafkatui.config import load_config
from kafkatui.domain.cluster.groups import Group, GroupKind
from kafkatui.domain.cluster.partitions import Topic, TopicPartition
from kafkatui.errors import ClusterError
from kafkatui.kafka.ages import read_times
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.batches import headers, newest_timestamp, unpack
from kafkatui.kafka.bounds import MOST_PARTITIONS, NonsenseError
from kafkatui.kafka.cluster_state import read_log_dirs, read_quorum
from kafkatui.kafka.codecs import bound_unpacking
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.decode import decode_commit, decode_generation
from kafkatui.kafka.fetch import fetch
from kafkatui.kafka.groups import describe_groups, lists_all_groups, read_group_list
from kafkatui.kafka.lag import read_group_lag
from kafkatui.kafka.reassignments import read_reassignments, with_moves
from kafkatui.kafka.requests import Api, RawRequest, Request
from kafkatui.kafka.share_groups import describe_share_groups
from kafkatui.kafka.streams_groups import describe_streams_groups
from kafkatui.kafka.topic_facts import read_open_transactions, read_settings
from kafkatui.kafka.topics import read_ends, read_metadata, read_policies

FILES = sorted((Path(__file__).parent / "answers").glob("*.bin"))
ANSWERS = {path.stem: path.read_bytes() for path in FILES}
BY_LABEL = {api.label: api for api in Api}
GROUPS = (Group("classic", GroupKind.CLASSIC), Group("new", GroupKind.CONSUMER))
OLD = frozenset(
    {
        "Metadata-4",
        "ListGroups-0",
        "DescribeGroups-0",
        "DescribeConfigs-1",
        "Fetch-4",
        "OffsetFetch-8",
        "DescribeCluster-0",
    }
)

Edit = tuple[str, int, int]
"""A change of an answer: (kind, position, number)."""
NUMBERS = (0, 1, -1, -2, 2**31 - 1, -(2**31), MOST_PARTITIONS, 70_000, 256)


def edited(data: bytes, edits: list[Edit]) -> bytes:
    for what, where, number in edits:
        at = where % max(len(data), 1)
        match what:
            case "byte":
                data = data[:at] + bytes([number & 0xFF]) + data[at + 1 :]
            case "int16":
                data = data[:at] + struct.pack(">i", number)[2:] + data[at + 2 :]
            case "int32":
                data = data[:at] + struct.pack(">i", number) + data[at + 4 :]
            case "int64":
                data = data[:at] + struct.pack(">q", number << 32 | 0xFFFFFFFF) + data[at + 8 :]
            case "varint":
                data = data[:at] + b"\xff\xff\xff\xff\x0f" + data[at + 1 :]
            case "cut":
                data = data[:at] + data[at + (number & 0x3F) :]
            case "again":
                data = data[: at + (number & 0x3F)] + data[at:]
            case "end":
                data = data[:at]
    return data


KINDS = ("byte", "int16", "int32", "int64", "varint", "cut", "again", "end")
edits_ = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 2_000),
        st.one_of(st.sampled_from(NUMBERS), st.integers(-(2**31), 2**31 - 1)),
    ),
    min_size=1,
    max_size=4,
)


class Liar(Asker):
    """An asker that returns recorded answers, one of them changed."""

    def __init__(
        self, cluster: Cluster, *, old: bool, lie: str = "", edits: list[Edit] | None = None
    ) -> None:
        super().__init__(cluster, "liar")
        names = [name for name in ANSWERS if "offsets" not in name]
        chosen = sorted(names, key=lambda name: (name in OLD) == old)  # what comes last counts
        self._answers = {BY_LABEL[name.split("-")[0]]: name for name in chosen}
        self._lie, self._edits = lie, edits or []
        if lie:
            self._answers[BY_LABEL[lie.split("-")[0]]] = lie

    async def send(
        self,
        node_id: int | None,
        request: Request | RawRequest,
        *,
        patience: float | None = None,
        read: Callable[[int, bytes], Awaitable[Any]] | None = None,
    ) -> Any:
        name = self._answers[request.api]
        version = int(name.split("-")[1])
        request.prepare({int(request.api): (version, version)})
        data = ANSWERS[name]
        data = edited(data, self._edits) if name == self._lie else data
        request.encode()
        return request.decode(data) if read is None else await read(node_id or 0, data)


async def _with(old: bool, lie: str, edits: list[Edit], ask: Callable[[Liar], Awaitable[object]]) -> object:
    async with Cluster(load_config("127.0.0.1:1", None, (), {})) as cluster:
        await read_metadata(Liar(cluster, old=old))
        return await ask(Liar(cluster, old=old, lie=lie, edits=edits))


async def everything(asker: Liar) -> list[object]:
    """Make every request and decode its answer; each alone, so that a refused answer does not hide
    another."""
    told: list[object] = []

    async def note(asked: Awaitable[object]) -> Any:
        try:
            told.append(value := await asked)
        except ClusterError as error:
            told.append(error)
            return None
        return value

    named = await note(read_metadata(asker, ["orders", "codecs"]))
    assert named is None or [topic.name for topic in named[1]] == ["codecs", "orders"]
    all_of_it = await note(read_metadata(asker))
    topics: tuple[Topic, ...] = all_of_it[1] if all_of_it else ()
    assert all(
        [part.number for part in topic.partitions] == list(range(len(topic.partitions))) for topic in topics
    )
    await note(read_ends(asker, topics))
    await note(read_policies(asker, ["orders", "codecs"]))
    await note(read_group_list(asker))
    asker.cluster.coordinators.clear()
    groups = await note(describe_groups(asker, GROUPS))
    if groups is not None:
        assert [group.group_id for group in groups] == ["classic", "new"]
        owned = [part for group in groups for member in group.members or () for part in member.assignment]
        assert len(owned) <= 2 * MOST_PARTITIONS
        assert all(0 <= part.partition < MOST_PARTITIONS for part in owned)
    commits = await note(read_commits(asker, ["classic", "new"]))
    assert commits is None or commits.keys() == {"classic", "new"}
    await note(read_group_lag(asker, "classic", "orders"))
    assert await note(lists_all_groups(asker)) in {True, False, None}
    shared = await note(describe_share_groups(asker, 1, [Group("points", GroupKind.SHARE)]))
    for group in shared[0].values() if shared is not None else ():
        lag = None if group is None or group.sharing is None else group.sharing.lag
        assert lag is None or lag >= 0
    streams = await note(describe_streams_groups(asker, 1, [Group("words", GroupKind.STREAMS)]))
    for group in streams[0].values() if streams is not None else ():
        own = [place for member in (group and group.members) or () for place in member.assignment]
        assert all(0 <= place.partition < MOST_PARTITIONS for place in own)
    await note(read_settings(asker, "orders"))
    pending = next((topic for topic in topics if topic.name == "pending"), None)
    if pending is not None:
        await note(read_open_transactions(asker, pending))
    quorum = await note(read_quorum(asker))
    assert quorum is None or quorum.behind(1) is None or quorum.behind(1) >= 0
    moves = await note(read_reassignments(asker))
    for move in (moves or {}).values():
        assert all(len(with_moves(topic, {0: move}).partitions) == len(topic.partitions) for topic in topics)
    disks = await note(read_log_dirs(asker))
    assert disks is None or all(disk.size >= 0 for disk in disks[0].values())
    assert await note(read_times(asker, {TopicPartition("orders", 0): 0})) is not None
    wanted = [("codecs", 0, 0), ("orders", 0, 0), ("orders", 1, 0)]
    if fetched := await note(fetch(asker, 1, wanted, wait=0, size=1 << 20, each=1 << 20)):
        for one in fetched:
            told.append(found := unpack(one.topic, one.partition, one.data, 0, 1_000))
            assert 0 <= found.next_offset < 2**63
    return told


@pytest.fixture(autouse=True)
def bound() -> None:
    bound_unpacking()


@pytest.mark.parametrize("old", [False, True])
async def test_the_answers_as_they_are_hold_what_was_written(old: bool) -> None:
    told = await _with(old, "", [], everything)
    assert isinstance(told, list)
    assert not [one for one in told if isinstance(one, Exception)]
    logs, groups, all_groups = told[2], told[5], told[8]
    assert all_groups is True
    assert {name: len(log.ends) for name, log in logs.items()}["orders"] == 3
    assert [len(group.members) for group in groups] == [1, 1]
    share, streams = told[9][0]["points"], told[10][0]["words"]
    assert [len(member.assignment) for member in share.sharing.members] == [2]
    assert [len(member.assignment) for member in streams.members] == [2]


@pytest.mark.parametrize("name", [name for name in ANSWERS if not name.startswith("ApiVersions")])
@settings(max_examples=60, deadline=None)
@example(edits=[("int32", 659, 100_000)])  # a partition told twice, once without a leader
@given(edits=edits_)
def test_a_changed_answer_is_a_value_or_a_cluster_error(name: str, edits: list[Edit]) -> None:
    asyncio.run(_with(name in OLD, name, edits, everything))


@settings(max_examples=60, deadline=None)
@given(edits=edits_)
def test_changed_features_are_a_release_or_none(edits: list[Edit]) -> None:
    request = Request(
        Api.API_VERSIONS,
        lambda module, _: module.ApiVersionsRequest(client_software_name="k", client_software_version="1"),
    ).prepare({18: (4, 4)})
    try:
        answer = request.decode(edited(ANSWERS["ApiVersions-4"], edits))
    except ClusterError:
        return
    assert all(isinstance(feature.max_version_level, int) for feature in answer.finalized_features)


def list_groups() -> Request:
    build = Request(Api.LIST_GROUPS, lambda module, _: module.ListGroupsRequest(states_filter=()))
    return build.prepare({16: (4, 4)})


def test_tagged_fields_of_a_newer_broker_are_left_out() -> None:
    new = b"\2\x63\3abc\xff\x01\0"  # two of them: 99 and 255
    group = b"\2g\x09consumer\7Stable"
    answer = list_groups().decode(struct.pack(">ih", 0, 0) + b"\3" + 2 * (group + new) + new)
    assert [(told.group_id, told.group_state) for told in answer.groups] == [("g", "Stable")] * 2
    header = io.BytesIO(b"\0\0\0\7" + new + b"rest")
    assert list_groups().parse_response_header(header).correlation_id == 7
    assert header.read() == b"rest"


@settings(max_examples=100, deadline=None)
@given(header=st.binary(max_size=12))
@example(header=b"\0\0\0\1\xff\xff\xff\xff\x0f")
@example(header=b"\0\0\0\1\1\0\0")
def test_a_changed_header_is_a_value_or_a_cluster_error(header: bytes) -> None:
    request = list_groups()
    try:
        request.parse_response_header(io.BytesIO(header))
    except NonsenseError:
        return


@settings(max_examples=300, deadline=None)
@given(edits=edits_, keep_header=st.booleans())
def test_changed_batches_are_records_or_a_fault(edits: list[Edit], keep_header: bool) -> None:
    """The CRC is corrected, so that the changed bytes are decoded."""
    for codec in batches():
        start = 61 if keep_header else 21
        body = codec[:start][21:] + edited(codec[start:], edits)
        data = codec[:8] + struct.pack(">i", 9 + len(body)) + codec[12:17]
        data += struct.pack(">I", calc_crc32c(body)) + body
        newest_timestamp(data)
        for header in headers(data):
            assert header is None or 0 <= header.base_offset <= header.last_offset < 2**63 - 1
            assert header is None or header.records >= 0
        found = unpack("codecs", 0, data, 0, 1_000)
        assert 0 <= found.next_offset < 2**63
        assert len(found.records) <= 1_000


def batches() -> list[bytes]:
    """Every batch of the recorded answers to Fetch: plain, of each codec, transactional, a marker."""
    found = []
    for name in ("Fetch-12", "Fetch-12-offsets"):
        data = ANSWERS[name]
        for at in range(len(data) - 61):
            length, magic = struct.unpack_from(">i4xb", data, at + 8)
            whole = data[at : at + 12 + length]
            if (
                magic == 2
                and 49 < length <= len(data) - at
                and struct.unpack_from(">I", whole, 17)[0] == calc_crc32c(whole[21:])
            ):
                found.append(whole)
    return found


def test_every_kind_of_batch_was_recorded() -> None:
    codecs = {struct.unpack_from(">h", batch, 21)[0] & 7 for batch in batches()}
    assert codecs == {0, 1, 2, 3, 4}


@settings(max_examples=200, deadline=None)
@given(edits=edits_)
def test_changed_records_of_the_groups_log_are_decoded_or_none(edits: list[Edit]) -> None:
    for batch in batches():
        for record in unpack("__consumer_offsets", 0, batch, 0, 1_000).records:
            key, value = record.key or b"", record.value or b""
            for decode in (decode_generation, decode_commit):
                decode(edited(key, edits), value, 0.0)
                decode(key, edited(value, edits), 0.0)
