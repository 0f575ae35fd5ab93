"""Kafka's jars: checked, remembered, refused."""

import hashlib
from pathlib import Path

import pytest

from kafkatui.errors import LocalClusterError
from kafkatui.local import fetch, jars


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "kafka.jar", tmp_path / "clients.jar"]
    for path in paths:
        path.write_bytes(path.name.encode() * 100)
    return paths


@pytest.fixture
def sums(files: list[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_recorded_sums_are_whole() -> None:
    sums = jars.recorded_sums()
    assert f"kafka_2.13-{jars.VERSION}.jar" in sums
    assert all(len(digest) == 64 for digest in sums.values())


def test_checked_jars_are_recognized_by_size_and_time(
    files: list[Path], sums: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "recorded_sums", lambda: sums)
    memory = tmp_path / "memory.json"
    assert jars.from_cache(memory) is None
    checked = jars.check(files, sums, memory)
    found = jars.from_cache(memory)
    assert found is not None
    assert (found.paths, found.source) == (checked.paths, "cache")
    assert found.fingerprint == checked.fingerprint
    files[0].write_bytes(b"other")
    assert jars.from_cache(memory) is None


def test_a_flipped_byte_is_refused(files: list[Path], sums: dict[str, str], tmp_path: Path) -> None:
    content = bytearray(files[1].read_bytes())
    content[17] ^= 1
    files[1].write_bytes(content)
    with pytest.raises(LocalClusterError, match=r"clients\.jar is not the file .* delete it .* KAFKA_HOME"):
        jars.check(files, sums, tmp_path / "memory.json")
    assert not (tmp_path / "memory.json").exists()


@pytest.mark.parametrize(("missing", "said"), [(0, "kafka.jar is missing"), (None, "more.jar is not a part")])
def test_another_set_of_jars_is_refused(
    files: list[Path], sums: dict[str, str], tmp_path: Path, missing: int | None, said: str
) -> None:
    if missing is None:
        files.append(tmp_path / "more.jar")
    else:
        del files[missing]
    with pytest.raises(LocalClusterError, match=said):
        jars.check(files, sums, tmp_path / "memory.json")


def test_a_damaged_file_of_checked_jars_is_ignored(tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    for text in ("", "[]", '{"a": 1}', "{"):
        memory.write_text(text)
        assert jars.from_cache(memory) is None


def test_kafka_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_HOME", raising=False)
    assert jars.from_kafka_home() is None
    monkeypatch.setenv("KAFKA_HOME", str(tmp_path))
    with pytest.raises(LocalClusterError, match="holds no Kafka"):
        jars.from_kafka_home()
    (tmp_path / "libs").mkdir()
    for name in ("slf4j-api-1.7.36.jar", "kafka_2.13-4.2.0.jar"):
        (tmp_path / "libs" / name).touch()
    found = jars.from_kafka_home()
    assert found is not None
    assert (found.version, len(found.paths), found.source) == ("4.2.0", 2, "KAFKA_HOME")


def test_the_output_of_jgo() -> None:
    assert jars.resolved(["downloading", '{"jars": ["/a.jar"]}'], 0) == [Path("/a.jar")]
    with pytest.raises(LocalClusterError, match=r"cannot fetch .*no route to host.*network.*KAFKA_HOME"):
        jars.resolved(["Traceback", "OSError: no route to host", ""], 1)


def test_without_jgo_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "find_spec", lambda _: None)
    with pytest.raises(LocalClusterError, match=r"kafkatui\[demo\].*KAFKA_HOME"):
        jars.resolve_command()


def test_how_far_a_download_is() -> None:
    assert jars.progress('{"bytes": 5, "of": 7}') == (5, 7)
    assert jars.progress('{"bytes": 5, "of": null}') == (5, None)
    for line in ("", "Downloading", "[1]", '{"jars": []}', "{"):
        assert jars.progress(line) is None


def test_which_jars_have_to_be_downloaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Present jars are not counted; one that was cut off is downloaded again, as jgo would use it as it
    is."""
    paths = [tmp_path / name for name in ("there.jar", "cut.jar", "missing.jar")]
    paths[0].write_bytes(b"12345")
    paths[1].write_bytes(b"123")
    sizes = {"there.jar": 5, "cut.jar": 5, "missing.jar": 7}
    needed = fetch.missing(sizes, paths)
    assert needed == {"cut.jar": 5, "missing.jar": 7}
    assert not paths[1].exists()
    assert fetch.missing({"there.jar": 5}, paths) == {}  # of how many bytes is not known
    progress = fetch.Progress(needed)
    for name, sizes_of_chunks in (("some.pom", [9]), ("cut.jar", [5]), ("missing.jar", [3, 4])):
        with progress.of_file(name, 0) as more:
            for size in sizes_of_chunks:
                more(size)
    last = capsys.readouterr().out.splitlines()[-1]
    assert jars.progress(last) == (12, 12)


def test_the_recorded_sizes_are_whole() -> None:
    lines = [line.split() for line in jars.RECORDED.read_text().splitlines()]
    assert {name for _, _, name in lines} == set(jars.recorded_sums())
    assert sum(int(size) for _, size, _ in lines) == 44_172_119
