"""An answer with the same bytes as the last is not decoded, and what was made of it stays the same object."""

from datetime import timedelta

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.coordinators import GROUPS_A_REQUEST
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.kept import Kept, Question
from kafkatui.kafka.requests import Api
from kafkatui.watch.groups import GroupsWatch
from tests.canned import CannedAsker

OF_GROUPS = [Api.LIST_GROUPS, Api.DESCRIBE_GROUPS, Api.OFFSET_FETCH]


async def everything(asker: CannedAsker) -> tuple[tuple[Group, ...], dict[str, GroupCommits]]:
    """The groups as they are described, and what they committed."""
    listed, _ = await read_group_list(asker)
    described = await describe_groups(asker, listed)
    return described, await read_commits(asker, [group.group_id for group in listed])


async def test_the_same_bytes_are_decoded_once() -> None:
    asker = CannedAsker({"audit": (7, 8), "billing": (1, 2)})
    groups, commits = await everything(asker)
    assert [member.client_id for group in groups for member in group.members or ()] == ["c1", "c1"]
    assert commits["audit"].offsets == {TopicPartition("orders", 0): 7, TopicPartition("orders", 1): 8}
    for _ in range(3):
        again, committed = await everything(asker)
        assert all(one is other for one, other in zip(groups, again, strict=True))
        assert all(commits[name] is committed[name] for name in commits)
    assert asker.canned.asked == OF_GROUPS * 4
    assert asker.canned.decoded == OF_GROUPS


async def test_a_throttled_answer_is_the_same_answer() -> None:
    asker = CannedAsker({"audit": (7, 8)})
    await everything(asker)
    asker.canned.throttle = timedelta(milliseconds=250)
    await everything(asker)
    assert asker.canned.decoded == OF_GROUPS


async def test_another_answer_is_decoded_and_so_is_the_one_before_when_it_comes_back() -> None:
    asker = CannedAsker({"audit": (7, 8)})
    await read_group_list(asker)
    first = await read_commits(asker, ["audit"])
    for offset in (9, 7):
        asker.canned.groups["audit"] = (offset, 8)
        found = await read_commits(asker, ["audit"])
        assert found["audit"].offsets[TopicPartition("orders", 0)] == offset
    assert asker.canned.decoded.count(Api.OFFSET_FETCH) == 3
    assert found == first, "when it was told is no part of what was told"
    assert found["audit"].taken_at > first["audit"].taken_at


async def test_the_answer_to_another_question_is_not_taken_for_it() -> None:
    asker = CannedAsker({"audit": (7,), "billing": (7,)})
    await read_group_list(asker)
    for name in ("audit", "billing", "audit"):
        assert list(await read_commits(asker, [name])) == [name]
    assert asker.canned.decoded.count(Api.OFFSET_FETCH) == 2


def test_what_is_kept_is_bounded() -> None:
    kept = Kept(most=2)
    questions = [Question(1, 16, 5, bytes([number])) for number in range(3)]
    for question in questions[:2]:
        kept.keep(question, b"same", question.request)
    assert kept.get(questions[0], b"same") == b"\0"
    assert kept.get(questions[0], b"other") is None
    kept.keep(questions[2], b"same", b"made")
    assert [kept.get(question, b"same") for question in questions] == [b"\0", None, b"made"]


class Due:
    """It is always time to ask."""

    due = True

    def asked(self, _: int) -> None: ...


async def look(watch: GroupsWatch) -> ClusterGroups:
    """A look at all groups."""
    vars(watch)["_all"] = Due()
    return await watch.read()


async def test_a_look_that_tells_nothing_new_gives_the_same_objects_with_a_newer_time() -> None:
    asker = CannedAsker({f"g{number:04}": (number, 2 * number) for number in range(450)})
    watch = GroupsWatch(asker, lambda: None)
    first, second = await look(watch), await look(watch)
    assert second.groups is first.groups
    assert second.commits is first.commits
    assert first.described_at is not None
    assert second.described_at is not None
    assert second.described_at > first.described_at
    assert second.commits_taken_at == second.described_at
    group = second.groups[7]
    assert second.looked_at(group) == second.described_at, "it was described again, though it is the same"


async def test_only_what_changed_is_another_object() -> None:
    asker = CannedAsker({f"g{number:04}": (number, 2 * number) for number in range(450)})
    watch = GroupsWatch(asker, lambda: "g0007")
    first = await look(watch)
    asker.canned.groups["g0007"] = (7, 14, 3)
    second = await look(watch)
    others = [new for old, new in zip(first.groups, second.groups, strict=True) if old is not new]
    assert [group.group_id for group in others] == ["g0007"]
    assert [name for name in first.commits if first.commits[name] is not second.commits[name]] == ["g0007"]


async def test_the_watched_group_is_seen_anew_though_it_is_the_same() -> None:
    asker = CannedAsker({"audit": (7,), "billing": (1,)})
    watch = GroupsWatch(asker, lambda: "billing")
    first = await watch.read()
    second = await watch.read()
    assert second.groups is first.groups
    audit, billing = second.groups
    assert second.looked_at(audit) == first.looked_at(audit)
    newest, before = second.looked_at(billing), first.looked_at(billing)
    assert newest is not None
    assert before is not None
    assert newest > before


async def test_a_request_asks_for_a_bounded_number_of_groups_and_the_next_follows_its_answer() -> None:
    asker = CannedAsker({f"g{number:05}": (1,) for number in range(1_000)})
    listed, _ = await read_group_list(asker)
    asker.canned.asked.clear()
    await describe_groups(asker, listed)
    assert len(asker.canned.asked) == len(listed) // GROUPS_A_REQUEST
    assert asker.canned.most_waiting == 1
