"""Only directories of this user are used, and only directories of clusters are removed."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kafkatui.errors import LocalClusterError
from kafkatui.local.places import cache_directory, clusters_directory, opened
from kafkatui.local.processes import Keeper
from kafkatui.local.sweep import sweep, sweep_in

NAME = "0123456789ab"


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the directory of all clusters, which does not exist yet."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"kafkatui-{os.getuid()}"


def filled(directory: Path, *names: str) -> Path:
    """A directory whose files are a day old."""
    directory.mkdir(mode=0o700, parents=True)
    day_ago = time.time() - 86_400
    for name in (*names, "precious"):
        (directory / name).write_text("")
        os.utime(directory / name, (day_ago, day_ago))
    os.utime(directory, (day_ago, day_ago))
    return directory


def abandoned(directory: Path) -> Path:
    """Make the directory that a killed keeper leaves."""
    return filled(directory, "lock", "processes")


def listed(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def exchanged(directory: Path, other: Path) -> Path:
    """Replace `directory` by a link to `other`; returns its new path."""
    moved = directory.rename(directory.with_name("moved"))
    directory.symlink_to(other)
    return moved


@contextmanager
def locked(file: Path) -> Iterator[None]:
    with file.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_the_directory_is_made_for_its_owner_only_and_used_again(ours: Path) -> None:
    assert clusters_directory() == ours
    assert ours.stat().st_mode & 0o777 == 0o700
    assert clusters_directory() == ours


def test_a_link_in_its_place_is_not_followed(ours: Path, tmp_path: Path) -> None:
    foreign = filled(tmp_path / "home" / "documents").parent
    abandoned(foreign / NAME)
    ours.symlink_to(foreign)
    for use in (clusters_directory, lambda: sweep(ours)):
        with pytest.raises(LocalClusterError, match="a link"):
            use()
    assert (foreign / "documents" / "precious").exists()
    assert (foreign / NAME / "precious").exists()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o707, 0o1777])
def test_a_directory_that_is_open_to_others_is_not_used(ours: Path, mode: int) -> None:
    ours.mkdir()
    ours.chmod(mode)
    with pytest.raises(LocalClusterError, match="open to other users"):
        clusters_directory()


def test_a_directory_of_another_user_is_not_used(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: ours.parent.stat().st_uid + 1)
    theirs = ours.with_name(f"kafkatui-{os.getuid()}")
    theirs.mkdir(mode=0o700)
    with pytest.raises(LocalClusterError, match="belongs to another user"):
        clusters_directory()


def test_a_file_instead_of_the_directory_is_reported(ours: Path) -> None:
    ours.touch()
    with pytest.raises(LocalClusterError, match="is no directory"):
        clusters_directory()


def test_only_directories_with_name_lock_and_list_of_processes_are_removed(
    ours: Path, tmp_path: Path
) -> None:
    clusters_directory()
    abandoned(ours / NAME)
    foreign = abandoned(tmp_path / "foreign")
    abandoned(ours / "notes")
    abandoned(ours / "0123456789AB")
    filled(ours / "00000000000a")
    filled(ours / "00000000000b", "lock")
    filled(ours / "00000000000c", "processes")
    filled(ours / "00000000000d", "processes")
    (ours / "00000000000d" / "lock").symlink_to(foreign / "lock")
    filled(ours / "00000000000e", "processes")
    os.mkfifo(ours / "00000000000e" / "lock")
    (ours / "00000000000f").symlink_to(foreign)
    (ours / "a file").touch()
    held = abandoned(ours / "000000000010")
    if os.getuid() == 0:
        os.chown(abandoned(ours / "000000000011"), 12345, 12345)
    others = set(ours.iterdir()) - {ours / NAME}
    with locked(held / "lock"):
        sweep(ours)
    assert set(ours.iterdir()) == others
    assert all((other / "precious").exists() for other in others if other.is_dir())


def test_links_inside_are_removed_and_not_followed(ours: Path, tmp_path: Path) -> None:
    clusters_directory()
    foreign = filled(tmp_path / "foreign")
    (abandoned(ours / NAME) / "link").symlink_to(foreign)
    sweep(ours)
    assert not (ours / NAME).exists()
    assert (foreign / "precious").exists()


def test_the_sweep_stays_in_the_directory_that_was_checked(ours: Path, tmp_path: Path) -> None:
    foreign = abandoned(tmp_path / "foreign" / NAME)
    abandoned(clusters_directory() / NAME)
    with opened(ours) as descriptor:
        moved = exchanged(ours, foreign.parent)
        sweep_in(descriptor)
    assert "precious" in listed(foreign)
    assert listed(moved) == []


async def test_a_keeper_removes_the_directory_it_made_and_no_other(ours: Path, tmp_path: Path) -> None:
    foreign = filled(tmp_path / "foreign" / NAME)
    keeper = Keeper(clusters_directory() / NAME)
    await keeper.start()
    assert "lock" in listed(ours / NAME)
    moved = exchanged(ours, foreign.parent)
    await keeper.close()
    await keeper.close()
    assert "precious" in listed(foreign)
    assert listed(moved) == []


async def test_a_keeper_uses_no_existing_directory(ours: Path) -> None:
    there = filled(clusters_directory() / NAME)
    keeper = Keeper(there)
    with pytest.raises(LocalClusterError, match="cannot make"):
        await keeper.start()
    await keeper.close()
    assert (there / "precious").exists()


async def test_no_setting_of_the_environment_reaches_started_processes(
    ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKATUI_SASL_PASSWORD", "hush")
    monkeypatch.setenv("SOME_OTHER", "kept")
    keeper = Keeper(clusters_directory() / NAME)
    await keeper.start()
    try:
        worker = await keeper.spawn("env", ["env"], worker=True)
        lines = [line async for line in worker.lines()]
    finally:
        await keeper.close()
    assert "SOME_OTHER=kept" in lines
    assert not [line for line in lines if line.startswith("KAFKATUI_")]


def test_a_cache_others_may_write_to_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Java runs programs from the cache."""
    monkeypatch.setenv("KAFKATUI_CACHE", str(tmp_path / "cache"))
    assert cache_directory() == tmp_path / "cache"
    assert cache_directory().stat().st_mode & 0o777 == 0o700
    (tmp_path / "cache").chmod(0o777)
    with pytest.raises(LocalClusterError, match="every user may write"):
        cache_directory()


def test_the_cache_of_another_user_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKATUI_CACHE", str(tmp_path))
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    if tmp_path.stat().st_uid == 0:
        assert cache_directory() == tmp_path  # of the machine's owner
        os.chown(tmp_path, 12346, -1)
    with pytest.raises(LocalClusterError, match="belongs to another user"):
        cache_directory()


@pytest.mark.parametrize("path", ["file/x", "x" * 300, "nul\0"])
def test_a_cache_that_cannot_be_made_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(os, "environ", {"KAFKATUI_CACHE": str(tmp_path / path)})
    with pytest.raises(LocalClusterError, match="set KAFKATUI_CACHE"):
        cache_directory()


@pytest.mark.parametrize("name", ["HOME", "XDG_CACHE_HOME"])
def test_without_a_directory_given_the_cache_is_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for other in ("KAFKATUI_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, str(tmp_path))
    found = cache_directory()
    assert found.is_relative_to(tmp_path)
    assert found.name == "kafkatui"
    assert found.stat().st_mode & 0o777 == 0o700


def test_without_a_home_the_error_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "KAFKATUI_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)

    def no_entry(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", no_entry)
    with pytest.raises(LocalClusterError, match="set HOME"):
        cache_directory()
